"""What becomes of a sync that cannot go on, each in a transaction of its own."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from application.connections.gateway import AccessGoneError, RenewalRequiredError
from application.connections.jobs import SyncConnectionJob, sync_key
from application.connections.ports import BeginConnectionsTx, ConnectionsTx
from application.connections.sync_patience import wait_s
from application.shared.clock import Clock
from application.shared.jobs import Lease
from domain.connections.connection import Connection
from domain.connections.errors import ConnectionNotFoundError


@dataclass(frozen=True, slots=True)
class SyncSetback:
    begin: BeginConnectionsTx
    clock: Clock

    async def not_ready(self, job: SyncConnectionJob, lease: Lease) -> None:
        """Look again in some seconds. Not a failure: it uses up no attempt."""
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            connection = await tx.connections.get(job.connection_id)
            await _discard_under_way(tx, connection)
            await tx.jobs.finish(lease)
            await tx.jobs.enqueue(
                replace(job, waited=job.waited + 1),
                run_at=self.clock.now() + timedelta(seconds=wait_s(job.waited)),
                unique=sync_key(connection.id),
            )
            await tx.commit()

    async def not_wanted(self, job: SyncConnectionJob, lease: Lease) -> None:
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            again = False
            with suppress(ConnectionNotFoundError):
                connection = await tx.connections.get(job.connection_id)
                await _discard_under_way(tx, connection)
                # Renewed since we looked: the wish of that moment found this job, and no other.
                again = connection.may_be_read and await tx.accesses.find(connection.id) is not None
            await tx.jobs.finish(lease)
            if again:
                await tx.jobs.enqueue(replace(job, waited=0), unique=sync_key(job.connection_id))
            await tx.commit()

    async def degraded(self, job: SyncConnectionJob, lease: Lease, code: str) -> None:
        """Say so on the screen, keep what was fetched, and leave the job to be retried."""
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            connection = await tx.connections.get(job.connection_id)
            if not connection.may_be_read:
                return  # the next run finds that nothing is wanted any more
            degraded = connection.degraded(code)
            if degraded == connection:
                return  # said before; an outage is one line in the trail, not one per retry
            await tx.connections.save(degraded)
            await _audit(tx, connection, "connections.sync_failed", code)
            await tx.commit()

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
            await tx.jobs.finish(lease)
            if connection.granted_at != read.granted_at:
                # Renewed while we were asking with the old consent: try the new one.
                await tx.jobs.enqueue(replace(job, waited=0), unique=sync_key(connection.id))
            elif connection.may_be_read:
                await tx.connections.save(connection.consent_lapsed(error.code))
                if isinstance(error, AccessGoneError):
                    await tx.accesses.delete(connection.id)
                await _audit(tx, connection, "connections.consent_lapsed", error.code)
            await tx.commit()


async def _discard_under_way(tx: ConnectionsTx, connection: Connection) -> None:
    under_way = await tx.feeds.under_way(connection.feed_id)
    if under_way is not None:
        await tx.feeds.discard(under_way.id)


async def _audit(tx: ConnectionsTx, connection: Connection, action: str, code: str) -> None:
    facts = {"connection_id": str(connection.id), "error": code}
    await tx.audit.record(connection.owner, action, facts)
