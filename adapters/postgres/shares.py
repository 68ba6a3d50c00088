"""How many connections one person's transactions may have at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from adapters.postgres.errors import BusyError
from domain.shared.ids import UserId


@dataclass(slots=True)
class _Share:
    free: asyncio.Semaphore
    users: int = 0


@dataclass(frozen=True, slots=True)
class Shares:
    """Of one process's pool.

    A person whose accounts are being worked on, and who asks for more and more of them, waits for
    a turn of their own without a connection, and everybody else goes on.
    """

    each: int = 5
    wait_s: float = 5.0
    now: dict[UserId, _Share] = field(default_factory=dict)
    """Of those who have any, or wait for one."""

    @asynccontextmanager
    async def of(self, person: UserId | None) -> AsyncIterator[None]:
        """Raises BusyError: no turn came in time."""
        if person is None:
            yield
            return
        share = self.now.setdefault(person, _Share(asyncio.Semaphore(self.each)))
        share.users += 1
        try:
            try:
                async with asyncio.timeout(self.wait_s):
                    await share.free.acquire()
            except TimeoutError as error:
                raise BusyError("no turn in time") from error
            try:
                yield
            finally:
                share.free.release()
        finally:
            share.users -= 1
            if not share.users:
                del self.now[person]
