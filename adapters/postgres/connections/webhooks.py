from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.connections.tables_webhooks import (
    provider_people,
    sync_notes,
    webhook_deliveries,
)
from adapters.postgres.database import Database
from adapters.postgres.errors import database_errors
from application.connections.webhook_ports import (
    KEPT,
    KEPT_UNKNOWN,
    Deliveries,
    DeliveriesReader,
    Delivery,
    DeliveryId,
    DeliveryLine,
    DeliveryState,
    LinksOfPerson,
    ProviderPeople,
    Settled,
    SyncNote,
    SyncNotes,
)
from application.shared.chance import NewIds
from application.shared.cipher import Cipher, SealContext
from domain.connections.provider import Provider
from domain.connections.webhook import Happening
from domain.shared.ids import ConnectionId, ExternalId, UserId

SEALED: Final = "connections.webhook"
# Accounts belong to the ledger, which knows by what name each feed calls them. Only read here.
_BEHIND: Final = text("""
    select one.id, bool_or(source.external_id is not null) as knows_it
    from connections as one
    left join account_sources as source
        on source.user_id = one.user_id and source.feed_id = one.feed_id
        and source.external_id = :account
    where one.user_id = :user_id and one.provider = :provider
    group by one.id
    order by one.id
""")
_NEWEST: Final = """
    select id, provider, state, happening, received_at, settled_at, octet_length(body) as bytes
    from webhook_deliveries
    where ($1::text is null or provider = $1)
      and ($2::text is null or state = $2)
      and ($3::uuid is null or id < $3)
    order by id desc
    limit $4
"""


@dataclass(frozen=True, slots=True)
class PostgresDeliveries(Deliveries):
    db: AsyncConnection
    cipher: Cipher
    acting_for: UserId | None = None
    """Deliveries have no owner policy, so what is asked about a link says whose it is."""

    @override
    async def add(self, delivery: Delivery) -> None:
        await self.db.execute(
            insert(webhook_deliveries).values(
                id=delivery.id,
                provider=delivery.provider,
                body=self.cipher.seal(delivery.body, _context(delivery.id)),
                state=delivery.state,
                received_at=delivery.received_at,
                expires_at=delivery.received_at + KEPT,
            )
        )

    @override
    async def find(self, delivery_id: DeliveryId) -> Delivery | None:
        found = await self.db.execute(
            select(webhook_deliveries).where(webhook_deliveries.c.id == delivery_id)
        )
        row = found.one_or_none()
        if row is None:
            return None
        return Delivery(
            DeliveryId(row.id),
            Provider(row.provider),
            self.cipher.open(row.body, _context(delivery_id)),
            row.received_at,
            DeliveryState(row.state),
        )

    @override
    async def settle(self, delivery_id: DeliveryId, settled: Settled) -> None:
        term = KEPT_UNKNOWN if settled.state is DeliveryState.UNKNOWN else KEPT
        await self.db.execute(
            update(webhook_deliveries)
            .where(webhook_deliveries.c.id == delivery_id)
            .values(
                state=settled.state,
                happening=settled.happening,
                user_id=settled.owner,
                connection_id=settled.connection_id,
                settled_at=settled.at,
                expires_at=webhook_deliveries.c.received_at + term,
            )
        )

    @override
    async def about(self, connection_id: ConnectionId) -> int:
        counted = await self.db.execute(
            select(func.count()).select_from(webhook_deliveries).where(*self._of(connection_id))
        )
        return int(counted.scalar_one())

    @override
    async def forget_about(self, connection_id: ConnectionId) -> None:
        await self.db.execute(delete(webhook_deliveries).where(*self._of(connection_id)))

    def _of(self, connection_id: ConnectionId) -> tuple[ColumnElement[bool], ...]:
        return (
            webhook_deliveries.c.user_id == self.acting_for,
            webhook_deliveries.c.connection_id == connection_id,
        )


@dataclass(frozen=True, slots=True)
class PostgresProviderPeople(ProviderPeople):
    db: AsyncConnection

    @override
    async def find(self, provider: Provider, name: ExternalId) -> UserId | None:
        found = await self.db.execute(
            select(provider_people.c.user_id).where(
                provider_people.c.provider == provider, provider_people.c.external_id == name
            )
        )
        row = found.one_or_none()
        return None if row is None else UserId(row.user_id)


@dataclass(frozen=True, slots=True)
class PostgresLinksOfPerson(LinksOfPerson):
    db: AsyncConnection
    acting_for: UserId

    @override
    async def behind(
        self, provider: Provider, account: ExternalId | None
    ) -> Sequence[ConnectionId]:
        found = await self.db.execute(
            _BEHIND, {"user_id": self.acting_for, "provider": provider, "account": account}
        )
        rows = found.all()
        known = [row for row in rows if row.knows_it]
        return tuple(ConnectionId(row.id) for row in known or rows)

    @override
    async def introduce(self, provider: Provider, name: ExternalId) -> None:
        # The name follows from the person, so nobody else can have it.
        row = {"provider": provider, "external_id": name, "user_id": self.acting_for}
        await self.db.execute(upsert(provider_people).values(row).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class PostgresSyncNotes(SyncNotes):
    db: AsyncConnection
    acting_for: UserId
    ids: NewIds

    @override
    async def add(self, connection_id: ConnectionId, notes: Sequence[SyncNote]) -> None:
        if not notes:
            return
        rows = [
            {
                "user_id": self.acting_for,
                "id": note_id,
                "connection_id": connection_id,
                "wanted": note.wanted,
                "account": note.account,
                "gone": note.gone,
                "since": note.since,
            }
            for note_id, note in zip(self.ids.many(len(notes)), notes, strict=True)
        ]
        await self.db.execute(insert(sync_notes), rows)

    @override
    async def until(self, connection_id: ConnectionId, wanted: int) -> Sequence[SyncNote]:
        found = await self.db.execute(
            select(sync_notes)
            .where(
                sync_notes.c.user_id == self.acting_for,
                sync_notes.c.connection_id == connection_id,
                sync_notes.c.wanted <= wanted,
            )
            .order_by(sync_notes.c.id)
        )
        return tuple(SyncNote(row.wanted, row.account, row.gone, row.since) for row in found)

    @override
    async def forget(self, connection_id: ConnectionId, wanted: int | None = None) -> None:
        done = delete(sync_notes).where(
            sync_notes.c.user_id == self.acting_for, sync_notes.c.connection_id == connection_id
        )
        await self.db.execute(done if wanted is None else done.where(sync_notes.c.wanted <= wanted))


@dataclass(frozen=True, slots=True)
class PostgresDeliveriesReader(DeliveriesReader):
    database: Database

    @override
    async def newest(
        self,
        provider: Provider | None,
        state: DeliveryState | None,
        before: DeliveryId | None,
        limit: int,
    ) -> Sequence[DeliveryLine]:
        with database_errors():
            rows = await self.database.reads.fetch(_NEWEST, provider, state, before, limit)
        return tuple(
            DeliveryLine(
                DeliveryId(row["id"]),
                Provider(row["provider"]),
                DeliveryState(row["state"]),
                _happening(row["happening"]),
                row["received_at"],
                row["settled_at"],
                row["bytes"],
            )
            for row in rows
        )


def _context(delivery_id: DeliveryId) -> SealContext:
    # Nobody's yet: it is bound to itself.
    return SealContext(SEALED, UserId(delivery_id), delivery_id)


def _happening(value: str | None) -> Happening | None:
    return None if value is None else Happening(value)
