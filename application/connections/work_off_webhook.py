from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from application.connections.consent.news import ConsentNews
from application.connections.consent.telling import watch
from application.connections.jobs import SyncConnectionJob, WorkOffWebhookJob, sync_key
from application.connections.ports import (
    BeginConnectionsTx,
    BeginHouseTx,
    ConnectionsTx,
    HouseTx,
)
from application.connections.webhook_ports import (
    AllWebhooks,
    Delivery,
    DeliveryId,
    DeliveryState,
    Settled,
    SyncNote,
    WebhookMeter,
    WebhookUnreadableError,
)
from application.shared.clock import Clock
from application.shared.jobs import Lease
from domain.connections.connection import Connection
from domain.connections.errors import ConnectionNotFoundError
from domain.connections.provider import Provider
from domain.connections.runs import Hold
from domain.connections.webhook import Happening, Told
from domain.connections.wishes import SyncReason, Wish
from domain.shared.ids import ConnectionId, UserId

_LOOK_AGAIN_S: Final = (10, 60, 600)
"""A webhook may be faster than the commit of the link that it is about."""


class WebhookOutcome(StrEnum):
    DONE = "done"
    IGNORED = "ignored"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"
    NOTHING_TO_DO = "nothing_to_do"
    """Worked off before, or no longer kept."""


@dataclass(frozen=True, slots=True)
class WebhookReport:
    outcome: WebhookOutcome
    happening: Happening | None = None


@dataclass(frozen=True, slots=True)
class _Whom:
    user_id: UserId
    connection_id: ConnectionId | None
    """None: the webhook names the person only."""


@dataclass(frozen=True, slots=True)
class WorkOffWebhook:
    """Do what one webhook asks for: wish for a sync, or have the consent looked at.

    Safe to run twice and in any order: a wish only ever adds to the wishes that are there, and
    whatever else is true of the connection is asked of the provider, not of the webhook.
    """

    begin_house: BeginHouseTx
    begin: BeginConnectionsTx
    webhooks: AllWebhooks
    consent: ConsentNews
    clock: Clock
    meter: WebhookMeter

    async def __call__(self, job: WorkOffWebhookJob, lease: Lease) -> WebhookReport:
        found = await self._look(job, lease)
        if isinstance(found, WebhookReport):
            return found
        delivery, told, whom = found
        now = self.clock.now()
        # Locks in one order: the job, then connections by their ids, then whatever is enqueued.
        async with self.begin(whom.user_id) as tx:
            await tx.jobs.hold(lease)
            links = await _links(tx, delivery.provider, told, whom)
            for connection_id in links:
                await self._tell(tx, connection_id, told, delivery)
            about = links[0] if len(links) == 1 else None
            settled = Settled(DeliveryState.DONE, now, told.happening, whom.user_id, about)
            await tx.deliveries.settle(delivery.id, settled)
            await tx.jobs.finish(lease)
            await tx.commit()
        self.meter.count(delivery.provider, WebhookOutcome.DONE)
        return WebhookReport(WebhookOutcome.DONE, told.happening)

    async def _look(
        self, job: WorkOffWebhookJob, lease: Lease
    ) -> WebhookReport | tuple[Delivery, Told, _Whom]:
        """Whom it is about; with a report, the job is finished."""
        now = self.clock.now()
        async with self.begin_house() as tx:
            await tx.jobs.hold(lease)
            delivery = await tx.deliveries.find(DeliveryId(job.delivery_id))
            if delivery is None or delivery.state is DeliveryState.DONE:
                await tx.jobs.finish(lease)
                await tx.commit()
                return WebhookReport(WebhookOutcome.NOTHING_TO_DO)
            try:
                told = self.webhooks.of(delivery.provider).understand(delivery.body)
            except WebhookUnreadableError:
                settled = Settled(DeliveryState.UNREADABLE, now)
                return await self._end(tx, delivery, settled, lease)
            if told.means_nothing:
                settled = Settled(DeliveryState.IGNORED, now, told.happening)
                return await self._end(tx, delivery, settled, lease)
            whom = await _whom(tx, delivery.provider, told)
            if whom is not None:
                return delivery, told, whom
            await _look_again(tx, job, now)
            settled = Settled(DeliveryState.UNKNOWN, now, told.happening)
            return await self._end(tx, delivery, settled, lease)

    async def _end(
        self, tx: HouseTx, delivery: Delivery, settled: Settled, lease: Lease
    ) -> WebhookReport:
        await tx.deliveries.settle(delivery.id, settled)
        await tx.jobs.finish(lease)
        await tx.commit()
        outcome = WebhookOutcome(settled.state)
        if settled.state is not delivery.state:  # one that is looked for again counts once
            self.meter.count(delivery.provider, outcome)
        return WebhookReport(outcome, settled.happening)

    async def _tell(
        self, tx: ConnectionsTx, connection_id: ConnectionId, told: Told, delivery: Delivery
    ) -> None:
        try:
            connection = await tx.connections.get(connection_id)
        except ConnectionNotFoundError:
            return
        if connection.ended:
            return
        after = connection.told(delivery.received_at)
        if told.is_about_consent or told.shows_it_works_since(after.lapsed_at):
            after = await self.consent.heard(tx, after, told)
        elif told.asks_for_sync and after.may_be_read:
            # One that waits for the person's sign-in is read from the wish that renewing makes.
            after = after.sync_wanted()
        await tx.connections.save(after)
        await watch(tx, connection, after)
        await tx.notes.add(after.id, _notes(told, after.wanted))
        reason = SyncReason.WEBHOOK if told.asks_for_sync else SyncReason.CONSENT
        if after.wanted > connection.wanted:
            await tx.wishes.add(after.id, Wish(reason, after.wanted, delivery.received_at))
        if after.may_be_read and after.wanted > connection.wanted:
            await tx.jobs.enqueue(
                SyncConnectionJob(
                    user_id=after.owner, connection_id=after.id, provider=after.provider
                ),
                unique=sync_key(after.id),
            )
            if reason is SyncReason.WEBHOOK:
                # What was fetched needs no look at the bank, so tomorrow is not waited for; where
                # it counts all the same, the run finds that out and is held again.
                await tx.jobs.wake(sync_key(after.id), {"held": Hold.LIMIT})
        if _worth_telling(connection, after, told):
            await _audit(tx, after, told, delivery)


async def _whom(tx: HouseTx, provider: Provider, told: Told) -> _Whom | None:
    if told.link is not None:
        name = await tx.names.find(provider, told.link)
        return None if name is None else _Whom(name.user_id, name.connection_id)
    if told.person is None:
        return None
    person = await tx.people.find(provider, told.person)
    return None if person is None else _Whom(person, None)


async def _links(
    tx: ConnectionsTx, provider: Provider, told: Told, whom: _Whom
) -> Sequence[ConnectionId]:
    if whom.connection_id is not None:
        return (whom.connection_id,)
    return await tx.links.behind(provider, told.account)


async def _look_again(tx: HouseTx, job: WorkOffWebhookJob, now: datetime) -> None:
    if job.looked < len(_LOOK_AGAIN_S):
        await tx.jobs.enqueue(
            replace(job, looked=job.looked + 1),
            run_at=now + timedelta(seconds=_LOOK_AGAIN_S[job.looked]),
        )


def _notes(told: Told, wanted: int) -> Sequence[SyncNote]:
    gone = [SyncNote(wanted, told.account, gone=one) for one in told.gone]
    if told.changed_since is not None:
        gone.append(SyncNote(wanted, told.account, since=told.changed_since))
    return gone


def _worth_telling(before: Connection, after: Connection, told: Told) -> bool:
    """What set a sync going, or speaks of the consent; not each of the ten webhooks of a refresh.

    The deliveries themselves say when each of those came.
    """
    return told.is_about_consent or (
        after.wanted > before.wanted and before.wanted == before.served
    )


async def _audit(tx: ConnectionsTx, connection: Connection, told: Told, delivery: Delivery) -> None:
    await tx.audit.record(
        connection.owner,
        "connections.told",
        {
            "connection_id": str(connection.id),
            "delivery_id": str(delivery.id),
            "happening": told.happening,
            "reason": told.reason,
        },
    )
