"""PostgreSQL's troubles, said in the words of the core."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Final

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from domain.shared.errors import RuleError, UnavailableError

UNIQUE_VIOLATION: Final = "23505"
OUT_OF_RANGE: Final = "22003"
LOCKED: Final = "55P03"

# 40001 serialisation, 40P01 deadlock, 55P03 lock not available, 57014 statement cancelled,
# 57P01..57P05 shutting down, 53xxx out of disk, memory or connections, 08xxx connection lost,
# 25P03 idle in transaction: all of them pass, and the same request may be sent again.
_PASSING_CLASSES: Final = ("40", "53", "57", "08", "55P03", "25P03", "58")


class DatabaseUnavailableError(UnavailableError):
    code = "database_unavailable"
    says: ClassVar[str] = "the database cannot answer right now; try again in a moment"

    def __init__(self, reason: str) -> None:
        super().__init__(self.says)
        self.reason = reason


class BusyError(DatabaseUnavailableError):
    """Other work of the same person's is under way, and holds what this needs."""

    code = "busy"
    says = (
        "something larger is under way with what this is about (accounts are being made one, or a"
        " bank's news are being written down); nothing was changed, try again in a moment"
    )


class FiguresTooLargeError(RuleError):
    """Each amount is sane, and together they no longer fit into 64 bits."""

    code = "figures_too_large"

    def __init__(self) -> None:
        super().__init__("these amounts come to more than any ledger holds; nothing was changed")


def sqlstate_of(error: BaseException) -> str | None:
    """The five-character state, wherever the driver has put it."""
    for candidate in (error, getattr(error, "orig", None), error.__cause__):
        state = getattr(candidate, "sqlstate", None)
        if isinstance(state, str):
            return state
    return None


def constraint_of(error: DBAPIError) -> str | None:
    """Which constraint refused the row, when one did."""
    cause = getattr(error.orig, "__cause__", None)
    name = getattr(cause, "constraint_name", None)
    return name if isinstance(name, str) else None


def _is_too_large(error: BaseException) -> bool:
    """Said by the server (a sum that overflows), or by the driver, which would not send it."""
    chain = (error, getattr(error, "orig", None), error.__cause__)
    return sqlstate_of(error) == OUT_OF_RANGE or any(
        isinstance(one, asyncpg.DataError) and "out of int" in str(one) for one in chain
    )


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn what passes into DatabaseUnavailableError; a real fault stays what it is.

    Raises:
        DatabaseUnavailableError, BusyError, FiguresTooLargeError.
    """
    try:
        yield
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        state = sqlstate_of(error)
        if _is_too_large(error):
            raise FiguresTooLargeError from error
        if state == LOCKED:
            raise BusyError(state) from error
        lost = getattr(error, "connection_invalidated", False) or isinstance(
            getattr(error, "orig", error), asyncpg.InterfaceError
        )
        if lost or (state is not None and state.startswith(_PASSING_CLASSES)):
            raise DatabaseUnavailableError(state or "connection lost") from error
        raise
    except PoolTimeoutError as error:
        raise DatabaseUnavailableError("no free connection") from error
    except asyncpg.InternalClientError as error:
        # What the driver says of a connection that broke between two of its own steps.
        raise DatabaseUnavailableError("connection broken") from error
    except TimeoutError as error:
        # A server that stands still: the driver's own limits on connecting and on a statement.
        raise DatabaseUnavailableError("no answer in time") from error
    except (OSError, asyncio.IncompleteReadError) as error:
        # Not only refused connections: a name that is not found, no way to the host, and several
        # addresses of which none answers come as OSError itself.
        raise DatabaseUnavailableError("no connection") from error
