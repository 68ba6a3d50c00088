"""Whichever way a database is away, it is said in one word, and tried again."""

import asyncio
import errno
import socket

import asyncpg
import pytest

from adapters.postgres.database import Database
from adapters.postgres.errors import (
    DatabaseUnavailableError,
    FiguresTooLargeError,
    database_errors,
)


@pytest.mark.parametrize(
    "trouble",
    [
        ConnectionRefusedError(errno.ECONNREFUSED, "refused"),
        OSError("Multiple exceptions: [Errno 111] ('::1', 5432), [Errno 111] ('127.0.0.1', 5432)"),
        OSError(errno.EHOSTUNREACH, "no route to host"),
        socket.gaierror(socket.EAI_AGAIN, "temporary failure in name resolution"),
        FileNotFoundError(errno.ENOENT, "no such socket"),
        TimeoutError(),
        asyncio.IncompleteReadError(b"", 1),
        asyncpg.ConnectionDoesNotExistError("closed in the middle of an operation"),
        asyncpg.DeadlockDetectedError("deadlock detected"),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
def test_what_passes_may_be_tried_again(trouble: Exception) -> None:
    with pytest.raises(DatabaseUnavailableError), database_errors():
        raise trouble


def test_a_fault_of_ours_stays_what_it_is() -> None:
    with pytest.raises(asyncpg.UndefinedColumnError), database_errors():
        raise asyncpg.UndefinedColumnError("no such column")


@pytest.mark.postgres
@pytest.mark.parametrize("figure", [2**63 - 1, 2**63])
async def test_figures_past_sixty_four_bits_are_the_callers_to_mend(
    database: Database, figure: int
) -> None:
    """Too large to send, and too large once something was added."""
    with pytest.raises(FiguresTooLargeError), database_errors():
        await database.reads.fetchval("select $1::bigint + 1", figure)
