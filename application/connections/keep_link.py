import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from application.connections.consent.former import retire
from application.connections.gateway import Granted
from application.connections.jobs import KeepInStepJob, SyncConnectionJob, step_key, sync_key
from application.connections.ports import BeginConnectionsTx, ConnectionsTx
from application.connections.rhythm import SIX_HOURLY, Rhythm
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.feeds import FeedKind
from application.shared.idempotency import IdempotencyKey
from domain.connections.attempt import Attempt
from domain.connections.connection import Connection, ConnectionStatus
from domain.connections.consent import watched_from
from domain.connections.errors import StillDisconnectingError
from domain.connections.wishes import SyncReason, Wish
from domain.shared.events import ConnectionLinked
from domain.shared.ids import ConnectionId, FeedId, JobId


class LinkOutcome(StrEnum):
    LINKED = "linked"
    RENEWED = "renewed"
    """The person had this bank login already, or renewed it: its history goes on."""
    MOVED = "moved"
    """Renewed, and the provider knows it by a new name now. Its history goes on, too."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    connection: Connection
    outcome: LinkOutcome
    job_id: JobId
    """The sync that is under way."""
    replayed: bool = False
    """The same request was answered before, and this is that answer."""

    def to_bytes(self) -> bytes:
        """What is kept for a replay; the connection itself is read afresh."""
        ids = {"connection_id": str(self.connection.id), "job_id": str(self.job_id)}
        return json.dumps(ids | {"outcome": self.outcome}).encode()


async def replayed(tx: ConnectionsTx, key: IdempotencyKey) -> LinkReport | None:
    """The answer that this request had before. Raises IdempotencyKeyReusedError."""
    kept = await tx.idempotency.earlier_result(key)
    if kept is None:
        return None
    facts = json.loads(kept)
    return LinkReport(
        connection=await tx.connections.get(ConnectionId(UUID(facts["connection_id"]))),
        outcome=LinkOutcome(facts["outcome"]),
        job_id=JobId(UUID(facts["job_id"])),
        replayed=True,
    )


@dataclass(frozen=True, slots=True)
class KeepLink:
    """Keep what was granted, in one transaction: connection, access, feed, attempt, event, sync."""

    begin: BeginConnectionsTx
    clock: Clock
    ids: NewIds
    rhythm: Rhythm = SIX_HOURLY

    async def __call__(
        self, attempt: Attempt, granted: Granted, key: IdempotencyKey | None = None
    ) -> LinkReport:
        """Raises BankLinkTakenError, StillDisconnectingError, LinkInProgressError."""
        now = self.clock.now()
        async with self.begin(attempt.owner) as tx:
            present = await tx.attempts.get(attempt.id)
            present.ensure_held(attempt.lease_until)
            connection, outcome = await self._place(tx, attempt, granted, now)
            await tx.terms.put(connection.id, watched_from(connection))
            if outcome is LinkOutcome.MOVED:
                await self._retire(tx, connection, granted)
            await tx.accesses.put(connection.id, granted.access)
            if granted.person is not None:
                await tx.links.introduce(attempt.provider, granted.person)
            await tx.attempts.save(present.linked())
            job_id = await _announce(tx, connection, outcome, now + self.rhythm.every)
            report = LinkReport(connection, outcome, job_id)
            if key is not None:
                await tx.idempotency.keep(key, report.to_bytes())
            await tx.commit()
        return report

    async def _retire(self, tx: ConnectionsTx, connection: Connection, granted: Granted) -> None:
        """Have the consent ended that this one takes the place of; nobody could, later on."""
        access = await tx.accesses.find(connection.id)
        if access is None or access == granted.access:
            return
        await retire(tx, connection, access, self.ids)

    async def _place(
        self, tx: ConnectionsTx, attempt: Attempt, granted: Granted, now: datetime
    ) -> tuple[Connection, LinkOutcome]:
        """The connection that this grant belongs to, written."""
        renewing = await _renewed_by(tx, attempt, granted)
        candidate = renewing.id if renewing else ConnectionId(self.ids.one())
        holder = await tx.objects.claim(attempt.provider, granted.external_id, candidate)
        if renewing is None and holder == candidate:
            return await self._new(tx, candidate, attempt, granted, now), LinkOutcome.LINKED
        # The same bank login again is the same connection, however the person came here.
        known = await tx.connections.get(holder)
        if known.ended:
            raise StillDisconnectingError(known.id)
        renewed = known.renewed(
            granted.external_id, granted.institution, granted.consent_expires_at, now
        )
        await tx.connections.save(renewed)
        if renewed.external_id == known.external_id:
            return renewed, LinkOutcome.RENEWED
        # What was collected under the old name cannot be continued under the new one.
        await _discard_under_way(tx, renewed)
        return renewed, LinkOutcome.MOVED

    async def _new(
        self,
        tx: ConnectionsTx,
        connection_id: ConnectionId,
        attempt: Attempt,
        granted: Granted,
        now: datetime,
    ) -> Connection:
        connection = Connection(
            id=connection_id,
            owner=attempt.owner,
            provider=attempt.provider,
            feed_id=FeedId(self.ids.one()),
            external_id=granted.external_id,
            institution=granted.institution,
            status=ConnectionStatus.ACTIVE,
            consent_expires_at=granted.consent_expires_at,
            granted_at=now,
            created_at=now,
        )
        await tx.connections.add(connection)
        await tx.feeds.create(connection.feed_id, FeedKind.CONNECTION)
        return connection


async def _renewed_by(tx: ConnectionsTx, attempt: Attempt, granted: Granted) -> Connection | None:
    """The connection that the person set out to renew, if this login can continue it."""
    if attempt.renews is None:
        return None
    connection = await tx.connections.get(attempt.renews)
    if connection.ended:
        return None
    if connection.external_id == granted.external_id:
        return connection
    same = granted.same_bank
    if same is None:
        same = connection.may_become(granted.institution)
    return connection if same else None


async def _discard_under_way(tx: ConnectionsTx, connection: Connection) -> None:
    under_way = await tx.feeds.under_way(connection.feed_id)
    if under_way is not None:
        await tx.feeds.discard(under_way.id)


async def _announce(
    tx: ConnectionsTx, connection: Connection, outcome: LinkOutcome, again_at: datetime
) -> JobId:
    """Tell the others, note it in the trail, and set the sync and its rhythm going."""
    owner = connection.owner
    await tx.outbox.append(ConnectionLinked(owner, connection.id))
    await tx.audit.record(
        owner,
        "connections.linked" if outcome is LinkOutcome.LINKED else "connections.renewed",
        {
            "connection_id": str(connection.id),
            "provider": connection.provider,
            "moved": outcome is LinkOutcome.MOVED,
        },
    )
    await tx.jobs.enqueue(
        KeepInStepJob(user_id=owner, connection_id=connection.id),
        run_at=again_at,
        unique=step_key(connection.id),
    )
    reason = SyncReason.LINK if outcome is LinkOutcome.LINKED else SyncReason.RENEWAL
    await tx.wishes.add(connection.id, Wish(reason, connection.wanted, connection.granted_at))
    return await tx.jobs.enqueue(
        SyncConnectionJob(user_id=owner, connection_id=connection.id, provider=connection.provider),
        unique=sync_key(connection.id),
        ahead=True,
    )
