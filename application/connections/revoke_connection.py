from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from application.connections.banks import Banks
from application.connections.consent.ending import Ended, Held, end, held
from application.connections.consent.telling import tell
from application.connections.jobs import RevokeConnectionJob
from application.connections.ports import BeginConnectionsTx, ConnectionsTx
from application.shared.cipher import SealBrokenError
from application.shared.clock import Clock
from application.shared.jobs import Lease, LeaseLostError
from application.shared.receipts import Line, Part, Why, deleted, kept
from domain.connections.connection import Connection, ConnectionStatus
from domain.connections.errors import ConnectionNotFoundError
from domain.shared.events import ConnectionEnded
from domain.shared.notices import NoticeKind


class RevokeReport(StrEnum):
    REVOKED = "revoked"
    NOTHING_TO_DO = "nothing_to_do"


@dataclass(frozen=True, slots=True)
class RevokeConnection:
    """End a consent where it was given, then forget what opened it; erase, if that was wished.

    In this order: a token that we forgot first could never be revoked. What renewals have
    replaced, and is not ended yet, is ended and forgotten with it. One of those that cannot be
    opened any more holds nobody up: it is forgotten, too, and the receipt says what it is.

    Nor does the present one hold anybody up for good. What can never be opened again is given up
    at once, a provider that does not do as it is asked after `PATIENCE`; the receipt then says
    that nobody has confirmed it.
    """

    begin: BeginConnectionsTx
    banks: Banks
    clock: Clock

    async def __call__(self, job: RevokeConnectionJob, lease: Lease) -> RevokeReport:
        """Safe to repeat: what is revoked already counts as revoked.

        Raises:
            ProviderUnavailableError, ProviderMisconfiguredError, SealBrokenError: to be retried.
        """
        at_hand = await self._find(job, lease)
        if at_hand is None:
            return RevokeReport.NOTHING_TO_DO
        ended = await end(self.banks, at_hand)
        now = self.clock.now()
        for trouble in ended.troubles.values():
            if not at_hand.is_over(trouble, now):
                await self._note(job, lease, trouble.code)
                raise trouble
        return await self._end(job, lease, at_hand, ended)

    async def _find(self, job: RevokeConnectionJob, lease: Lease) -> Held | None:
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            connection = await _disconnecting(tx, job)
            if connection is not None:
                at_hand = await held(tx, connection)
                if at_hand.accesses:
                    # Before asking: a try that is cut off was one, too.
                    await tx.receipts.tried(connection.id)
                    await tx.commit()
                return at_hand
            await tx.jobs.finish(lease)
            await tx.commit()
        return None

    async def _end(
        self, job: RevokeConnectionJob, lease: Lease, at_hand: Held, ended: Ended
    ) -> RevokeReport:
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            connection = await _disconnecting(tx, job)
            if connection is None:
                raise LeaseLostError(lease)  # somebody else has done all of it
            await _confirm(tx, connection, at_hand, ended)
            forgotten = 0
            for name in at_hand.names:
                forgotten += await tx.accesses.delete(name)
            await tx.objects.release(connection.id)
            lines = await _put_away(tx, connection)
            await tx.receipts.fill(connection.id, Part.LINK, (*deleted(access=forgotten), *lines))
            await tx.connections.save(connection.disconnected())
            await tell(tx, connection, NoticeKind.DISCONNECTED)
            await tx.outbox.append(
                ConnectionEnded(
                    connection.owner, connection.id, connection.feed_id, connection.erase
                )
            )
            await tx.audit.record(
                connection.owner,
                "connections.disconnected",
                {
                    "connection_id": str(connection.id),
                    "erase": connection.erase,
                    "not_revoked": len(at_hand.unreadable) + len(ended.troubles),
                },
            )
            await tx.jobs.finish(lease)
            await tx.commit()
        return RevokeReport.REVOKED

    async def _note(self, job: RevokeConnectionJob, lease: Lease, code: str) -> None:
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            connection = await tx.connections.get(job.connection_id)
            await tx.receipts.failed(connection.id, code)
            if connection.last_error == code:
                await tx.commit()
                return
            await tx.connections.save(connection.revocation_failed(code))
            facts = {"connection_id": str(connection.id), "error": code}
            await tx.audit.record(connection.owner, "connections.revocation_failed", facts)
            await tx.commit()


async def _disconnecting(tx: ConnectionsTx, job: RevokeConnectionJob) -> Connection | None:
    try:
        connection = await tx.connections.get(job.connection_id)
    except ConnectionNotFoundError:
        return None
    return connection if connection.status is ConnectionStatus.DISCONNECTING else None


async def _confirm(tx: ConnectionsTx, connection: Connection, at_hand: Held, ended: Ended) -> None:
    """What the receipt says of the provider, from now on."""
    if ended.how is not None:
        await tx.receipts.revoked(connection.id, ended.how)
    # It stays there for good: a consent may live on until its own end.
    if ended.trouble is not None:
        await tx.receipts.failed(connection.id, ended.trouble.code)
    elif at_hand.unreadable:
        await tx.receipts.failed(connection.id, SealBrokenError.code)


async def _put_away(tx: ConnectionsTx, connection: Connection) -> Sequence[Line]:
    """What became of what was collected, as it stands in the receipt."""
    await tx.notes.forget(connection.id)
    await tx.wishes.forget(connection.id)
    if connection.erase:
        await tx.runs.forget(connection.id)
    if not connection.erase:
        under_way = await tx.feeds.under_way(connection.feed_id)
        if under_way is not None:
            await tx.feeds.discard(under_way.id)
    size = await tx.feeds.size(connection.feed_id)
    webhooks = await tx.deliveries.about(connection.id)
    if not connection.erase:
        return (
            *kept(Why.NOT_ASKED, observations=size.observations),
            *kept(Why.GOES_BY_ITSELF, raw_pages=size.raw_pages, webhooks=webhooks),
        )
    await tx.feeds.erase(connection.feed_id)
    await tx.deliveries.forget_about(connection.id)
    return deleted(raw_pages=size.raw_pages, observations=size.observations, webhooks=webhooks)
