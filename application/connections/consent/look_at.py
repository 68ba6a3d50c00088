from dataclasses import dataclass
from enum import StrEnum

from application.connections.consent.jobs import LookAtConsentJob
from application.connections.consent.telling import tell
from application.connections.jobs import KeepInStepJob, check_key
from application.connections.ports import BeginConnectionsTx, ConnectionsTx
from application.shared.clock import Clock
from application.shared.jobs import Lease
from domain.connections.connection import Connection
from domain.connections.consent import RenewalState, look_at, renewal_of
from domain.connections.errors import ConnectionNotFoundError
from domain.connections.wishes import SyncReason, Wish
from domain.shared.notices import NoticeKind


class Look(StrEnum):
    NOTHING = "nothing"
    """Ended, lapsed or prolonged meanwhile."""
    OFFERED = "offered"
    ASKED = "asked"
    """Its day has come, and the bank is asked what that means."""


@dataclass(frozen=True, slots=True)
class LookAtConsent:
    """What is to be done now that a consent is in its last week, or at its end."""

    begin: BeginConnectionsTx
    clock: Clock

    async def __call__(self, job: LookAtConsentJob, lease: Lease) -> Look:
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            try:
                connection = await tx.connections.get(job.connection_id)
            except ConnectionNotFoundError:
                await tx.terms.put(job.connection_id, None)
                look = Look.NOTHING
            else:
                look = await self._look(tx, connection)
            await tx.jobs.finish(lease)
            await tx.commit()
        return look

    async def _look(self, tx: ConnectionsTx, connection: Connection) -> Look:
        now = self.clock.now()
        await tx.terms.put(connection.id, look_at(connection, now))
        renewal = renewal_of(connection, now)
        if renewal.state is RenewalState.OFFERED:
            await tell(tx, connection, NoticeKind.RENEWAL_OFFERED)
            return Look.OFFERED
        if renewal.state is RenewalState.REQUIRED and connection.may_be_read:
            # The date alone is not believed: the next sync finds out, within the bank's limits.
            wished = connection.sync_wanted()
            await tx.connections.save(wished)
            await tx.wishes.add(wished.id, Wish(SyncReason.CONSENT, wished.wanted, now))
            await tx.jobs.enqueue(
                KeepInStepJob(user_id=connection.owner, connection_id=connection.id),
                unique=check_key(connection.id),
            )
            return Look.ASKED
        return Look.NOTHING
