"""What becomes of a sync that cannot go on, each in a transaction of its own."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from application.connections.consent.telling import tell, watch
from application.connections.gateway import (
    AccessGoneError,
    AccessUnreadableError,
    FeedNotReadyError,
    ProviderBusyError,
    RenewalRequiredError,
)
from application.connections.health.ports import NoMeter, RunEnd, SyncMeter
from application.connections.health.written import counted, ended
from application.connections.jobs import SyncConnectionJob, sync_key
from application.connections.ports import BeginConnectionsTx, ConnectionsTx
from application.connections.sync_patience import wait_s
from application.shared.clock import Clock
from application.shared.jobs import Lease
from domain.connections.connection import Connection
from domain.connections.consent import told_of_lapse
from domain.connections.errors import ConnectionNotFoundError
from domain.connections.runs import Hold, RunOutcome

_SPREAD: Final = 1 << 32
"""Whole ids are many more than this: their rest spreads evenly below it."""


@dataclass(frozen=True, slots=True)
class SyncSetback:
    begin: BeginConnectionsTx
    clock: Clock
    meter: SyncMeter = field(default_factory=NoMeter)

    async def not_ready(self, job: SyncConnectionJob, lease: Lease, *, looked: bool) -> None:
        """Look again in some seconds. Not a failure: it uses up no attempt.

        `looked`: something was given before that, so the look at the bank stays counted, and the
        next job goes on with it.
        """
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            connection = await tx.connections.get(job.connection_id)
            await _discard_under_way(tx, connection)
            end = RunEnd(RunOutcome.NOT_READY, self.clock.now(), FeedNotReadyError.code)
            began_at = await ended(tx, connection, end)
            if not looked:
                # Nothing was there to be looked at: the provider itself is still at the bank.
                await _give_back(tx, job, lease, began_at)
            await tx.jobs.finish(lease)
            await tx.jobs.enqueue(
                replace(
                    job,
                    waited=job.waited + 1,
                    held=None,
                    look=job.look_of(lease),
                ),
                run_at=self.clock.now() + timedelta(seconds=wait_s(job.waited)),
                unique=sync_key(connection.id),
            )
            await tx.commit()
        counted(self.meter, connection, end, began_at)

    async def postponed(
        self, job: SyncConnectionJob, lease: Lease, error: ProviderBusyError
    ) -> None:
        """Our own budget with the provider is spent. Nobody failed, and what came is kept.

        The job that follows goes on with the same look at the bank: however often it is put off,
        no other one is counted for it.
        """
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            connection = await tx.connections.get(job.connection_id)
            now = self.clock.now()
            end = RunEnd(RunOutcome.POSTPONED, now, error.code)
            began_at = await ended(tx, connection, end)
            if not error.asked and not await _has_pages(tx, connection):
                await _give_back(tx, job, lease, began_at)
            await tx.jobs.finish(lease)
            await tx.jobs.enqueue(
                replace(
                    job,
                    provider=connection.provider,
                    held=Hold.PROVIDER_LIMIT,
                    look=job.look_of(lease),
                ),
                run_at=now + _later(connection, error.retry_after_s or 0.0),
                unique=sync_key(connection.id),
            )
            await tx.commit()
        counted(self.meter, connection, end, began_at)

    async def not_wanted(self, job: SyncConnectionJob, lease: Lease) -> None:
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            again = False
            with suppress(ConnectionNotFoundError):
                connection = await tx.connections.get(job.connection_id)
                await _discard_under_way(tx, connection)
                await ended(tx, connection, RunEnd(RunOutcome.NOT_WANTED, self.clock.now()))
                # Renewed since we looked: the wish of that moment found this job, and no other.
                again = connection.may_be_read and await tx.accesses.find(connection.id) is not None
            await tx.jobs.finish(lease)
            if again:
                afresh = replace(job, waited=0, look=None)
                await tx.jobs.enqueue(afresh, unique=sync_key(job.connection_id))
            await tx.commit()

    async def degraded(
        self, job: SyncConnectionJob, lease: Lease, code: str, *, asked: bool = True
    ) -> None:
        """Say so on the screen, keep what was fetched, and leave the job to be retried.

        `asked`: somebody outside was asked for something, and may have looked at the bank for it.
        """
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            connection = await tx.connections.get(job.connection_id)
            degraded = connection.degraded(code)
            # An outage is one line in the trail, not one per retry; and where nothing is wanted
            # any more, the next run finds that out.
            if connection.may_be_read and degraded != connection:
                await tx.connections.save(degraded)
                await _audit(tx, connection, "connections.sync_failed", code)
            end = RunEnd(RunOutcome.FAILED, self.clock.now(), code)
            began_at = await ended(tx, connection, end)
            if not asked and not await _has_pages(tx, connection):
                await _give_back(tx, job, lease, began_at)
            await tx.commit()
        counted(self.meter, connection, end, began_at)

    async def consent_lapsed(
        self,
        read: Connection,
        job: SyncConnectionJob,
        lease: Lease,
        error: RenewalRequiredError | AccessGoneError,
    ) -> None:
        """Only the person can go on: no retry, whatever it was that they said yes to."""
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            connection = await tx.connections.get(job.connection_id)
            await _discard_under_way(tx, connection)
            end = RunEnd(RunOutcome.NEEDS_RENEWAL, self.clock.now(), error.code)
            began_at = await ended(tx, connection, end)
            await tx.jobs.finish(lease)
            if connection.granted_at != read.granted_at:
                # Renewed while we were asking with the old consent: try the new one.
                afresh = replace(job, waited=0, look=None)
                await tx.jobs.enqueue(afresh, unique=sync_key(connection.id))
            elif connection.may_be_read:
                now = self.clock.now()
                lapsed = connection.consent_lapsed(error.code, now)
                await tx.connections.save(lapsed)
                await watch(tx, connection, lapsed)
                await tell(tx, lapsed, told_of_lapse(lapsed, now, withdrawn=error.withdrawn))
                # One that only we cannot read is kept: a receipt must not call it ended.
                gone = isinstance(error, AccessGoneError)
                if gone and not isinstance(error, AccessUnreadableError):
                    await tx.accesses.delete(connection.id)
                await _audit(tx, connection, "connections.consent_lapsed", error.code)
            await tx.commit()
        counted(self.meter, connection, end, began_at)


async def _discard_under_way(tx: ConnectionsTx, connection: Connection) -> None:
    under_way = await tx.feeds.under_way(connection.feed_id)
    if under_way is not None:
        await tx.feeds.discard(under_way.id)


async def _give_back(
    tx: ConnectionsTx, job: SyncConnectionJob, lease: Lease, began_at: datetime | None
) -> None:
    """The run has looked at nothing; an earlier try's look, which it went on with, stays."""
    if began_at is not None:
        # A look is counted where a run begins, at the same moment.
        await tx.reads.give_back(job.look_of(lease), began_at)


async def _has_pages(tx: ConnectionsTx, connection: Connection) -> bool:
    under_way = await tx.feeds.under_way(connection.feed_id)
    return under_way is not None and under_way.pages > 0


def _later(connection: Connection, asked_s: float) -> timedelta:
    """Not before the time asked for, and not all that were told the same at the same moment."""
    share = (connection.id.int % _SPREAD) / _SPREAD
    return timedelta(seconds=asked_s + share * max(1.0, asked_s / 4))


async def _audit(tx: ConnectionsTx, connection: Connection, action: str, code: str) -> None:
    facts = {"connection_id": str(connection.id), "error": code}
    await tx.audit.record(connection.owner, action, facts)
