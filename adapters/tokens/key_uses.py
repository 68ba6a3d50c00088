"""Noting that a key was used, without anybody waiting for it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from typing_extensions import override

from application.identity.api_keys.ports import KeyUses
from application.shared.caller import Claims
from application.shared.clock import Clock
from domain.identity.session import LAST_USE_GRAIN
from domain.shared.ids import SessionId

REMEMBERED_MAX: Final = 10_000
"""Keys in use at once whose last use is known without asking; beyond that some are asked twice."""


@dataclass(slots=True)
class LaterKeyUses(KeyUses):
    """Each key at most once a minute and process, beside the request that it came with."""

    write: Callable[[Claims], Awaitable[None]]
    lost: Callable[[BaseException], None]
    clock: Clock
    noted: dict[SessionId, datetime] = field(default_factory=dict)
    under_way: "set[asyncio.Task[None]]" = field(default_factory=set)

    @override
    def note(self, claims: Claims) -> None:
        now = self.clock.now()
        before = self.noted.get(claims.session_id)
        if before is not None and now - before < LAST_USE_GRAIN:
            return
        if len(self.noted) >= REMEMBERED_MAX:
            self.noted.clear()
        self.noted[claims.session_id] = now
        task = asyncio.create_task(self._write(claims), name="key-use")
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def settled(self) -> None:
        """Until nothing is under way any more."""
        await asyncio.gather(*self.under_way)

    async def _write(self, claims: Claims) -> None:
        try:
            await self.write(claims)
        except Exception as error:  # noqa: BLE001 - whatever it is: nobody waits who could hear it
            self.lost(error)
