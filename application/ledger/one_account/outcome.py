"""What comes of joining and separating: it is done at once, or a job is on it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from uuid import UUID

from application.ledger.ports import LedgerTx
from application.shared.idempotency import IdempotencyKey
from domain.shared.ids import JobId

AT_ONCE: Final = 2_000
"""Entries that somebody may wait for: about a second. More are a job's."""

_ID: Final = 16

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    done: T | None = None
    job_id: JobId | None = None
    """What is on it, when it is not done; `GET /jobs/{id}` says how far it is."""
    replayed: bool = False
    """The key was used before; nothing was done again."""


async def earlier(
    tx: LedgerTx, key: IdempotencyKey | None, read: Callable[[bytes], T]
) -> Outcome[T] | None:
    """What the request came to the first time. Raises as `Idempotency.earlier_result` does."""
    result = None if key is None else await tx.idempotency.earlier_result(key)
    if result is None:
        return None
    if len(result) == _ID:
        return Outcome(job_id=JobId(UUID(bytes=result)), replayed=True)
    return Outcome(read(result), replayed=True)


def kept(outcome: Outcome[T], pack: Callable[[T], bytes]) -> bytes:
    """What `earlier` reads again."""
    if outcome.job_id is not None:
        return packed(outcome.job_id)
    if outcome.done is None:
        raise AssertionError("neither done nor under way")
    return pack(outcome.done)


def packed(*values: UUID | int) -> bytes:
    """Two ids and figures, in this order."""
    return b"".join(
        one.bytes if isinstance(one, UUID) else one.to_bytes(8, "big") for one in values
    )


def unpacked(result: bytes) -> tuple[UUID, UUID, list[int]]:
    figures = result[2 * _ID :]
    return (
        UUID(bytes=result[:_ID]),
        UUID(bytes=result[_ID : 2 * _ID]),
        [int.from_bytes(figures[at : at + 8], "big") for at in range(0, len(figures), 8)],
    )
