"""The limit of four unattended looks at a bank a day, kept where a run begins."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from typing_extensions import override

from application.connections.pace.pace import WhatCounts
from application.connections.ports import ConnectionsTx
from application.connections.unattended import UnattendedSyncs
from domain.connections.connection import Connection
from domain.connections.unattended import WINDOW, free_at
from domain.connections.wishes import Cause, SyncReason
from domain.shared.ids import JobId

_ALREADY_FETCHED: Final = frozenset({SyncReason.WEBHOOK, SyncReason.HISTORY})
"""The provider has been at the bank of its own accord, or is there since the person signed in."""


@dataclass(frozen=True, slots=True)
class FourADay(UnattendedSyncs):
    """Counts in the transaction that begins a run, before anybody is asked for anything.

    A crash after that costs one look; it never gives one more. One job is one look: its further
    tries finish what the first one began.
    """

    counts: WhatCounts

    @override
    async def begin(
        self,
        tx: ConnectionsTx,
        connection: Connection,
        cause: Cause,
        job_id: JobId,
        now: datetime,
    ) -> datetime | None:
        if cause.attended or (cause.reason in _ALREADY_FETCHED and not self.counts.fetched):
            return None
        if await tx.reads.counted(job_id, now - WINDOW):
            return None
        at = free_at(await tx.reads.times(connection, now - WINDOW), now)
        if at > now:
            return at
        await tx.reads.add(connection, job_id, now)
        return None
