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

_OF_ITS_OWN_ACCORD: Final = frozenset({SyncReason.WEBHOOK, SyncReason.HISTORY})


@dataclass(frozen=True, slots=True)
class FourADay(UnattendedSyncs):
    """Counts in the transaction that begins a run, before anybody is asked for anything.

    A crash after that costs one look; it never gives one more. One job is one look: its further
    tries, and the jobs that it is put off to, finish what the first one began. Where something
    else is wanted besides what the provider has fetched, it counts while there is room; where
    there is none, what was fetched is taken all the same.
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
        fetched = cause.fetched and not self.counts.fetched
        if cause.attended or (fetched and cause.reason in _OF_ITS_OWN_ACCORD):
            return None
        if await tx.reads.counted(job_id, now - WINDOW):
            return None
        at = free_at(await tx.reads.times(connection, now - WINDOW), now)
        if at > now:
            return None if fetched else at
        await tx.reads.add(connection, job_id, now)
        return None
