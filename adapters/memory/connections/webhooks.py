from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from typing_extensions import override

from adapters.memory.connections.rows import CONNECTIONS
from adapters.memory.ledger.rows import ACCOUNT_SOURCES
from adapters.memory.tables import MemoryTables, Table
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
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, ExternalId, UserId


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    delivery: Delivery
    expires_at: datetime
    settled: Settled | None = None


DELIVERIES: Final = Table[DeliveryId, DeliveryRow]("webhook_deliveries")
NOTES: Final = Table[ConnectionId, tuple[SyncNote, ...]]("sync_notes")
PEOPLE: Final = Table[tuple[Provider, ExternalId], UserId]("provider_people")


@dataclass(frozen=True, slots=True)
class MemoryDeliveries(Deliveries):
    tables: MemoryTables
    acting_for: UserId | None = None

    @override
    async def add(self, delivery: Delivery) -> None:
        row = DeliveryRow(delivery, delivery.received_at + KEPT)
        self.tables.of(DELIVERIES)[delivery.id] = row

    @override
    async def find(self, delivery_id: DeliveryId) -> Delivery | None:
        row = self.tables.of(DELIVERIES).get(delivery_id)
        return None if row is None else row.delivery

    @override
    async def settle(self, delivery_id: DeliveryId, settled: Settled) -> None:
        rows = self.tables.of(DELIVERIES)
        delivery = replace(rows[delivery_id].delivery, state=settled.state)
        term = KEPT_UNKNOWN if settled.state is DeliveryState.UNKNOWN else KEPT
        rows[delivery_id] = DeliveryRow(delivery, delivery.received_at + term, settled)

    @override
    async def about(self, connection_id: ConnectionId) -> int:
        return len(self._of(connection_id))

    @override
    async def forget_about(self, connection_id: ConnectionId) -> None:
        for delivery_id in self._of(connection_id):
            del self.tables.of(DELIVERIES)[delivery_id]

    def _of(self, connection_id: ConnectionId) -> list[DeliveryId]:
        return [
            delivery_id
            for delivery_id, row in self.tables.of(DELIVERIES).items()
            if row.settled is not None
            and (row.settled.owner, row.settled.connection_id) == (self.acting_for, connection_id)
        ]


@dataclass(frozen=True, slots=True)
class MemoryProviderPeople(ProviderPeople):
    tables: MemoryTables

    @override
    async def find(self, provider: Provider, name: ExternalId) -> UserId | None:
        return self.tables.of(PEOPLE).get((provider, name))


@dataclass(frozen=True, slots=True)
class MemoryLinksOfPerson(LinksOfPerson):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def behind(
        self, provider: Provider, account: ExternalId | None
    ) -> Sequence[ConnectionId]:
        mine = sorted(
            (
                one
                for one in self.tables.of(CONNECTIONS).values()
                if one.owner == self.acting_for and one.provider is provider
            ),
            key=lambda one: one.id,
        )
        sources = self.tables.of(ACCOUNT_SOURCES)
        known = [
            one
            for one in mine
            if account is not None and (self.acting_for, one.feed_id, account) in sources
        ]
        return tuple(one.id for one in known or mine)

    @override
    async def introduce(self, provider: Provider, name: ExternalId) -> None:
        self.tables.of(PEOPLE).setdefault((provider, name), self.acting_for)


@dataclass(frozen=True, slots=True)
class MemorySyncNotes(SyncNotes):
    tables: MemoryTables

    @override
    async def add(self, connection_id: ConnectionId, notes: Sequence[SyncNote]) -> None:
        rows = self.tables.of(NOTES)
        if notes:
            rows[connection_id] = (*rows.get(connection_id, ()), *notes)

    @override
    async def until(self, connection_id: ConnectionId, wanted: int) -> Sequence[SyncNote]:
        kept = self.tables.of(NOTES).get(connection_id, ())
        return tuple(one for one in kept if one.wanted <= wanted)

    @override
    async def forget(self, connection_id: ConnectionId, wanted: int | None = None) -> None:
        rows = self.tables.of(NOTES)
        left = tuple(
            one for one in rows.pop(connection_id, ()) if wanted is not None and one.wanted > wanted
        )
        if left:
            rows[connection_id] = left


@dataclass(frozen=True, slots=True)
class MemoryDeliveriesReader(DeliveriesReader):
    tables: MemoryTables

    @override
    async def newest(
        self,
        provider: Provider | None,
        state: DeliveryState | None,
        before: DeliveryId | None,
        limit: int,
    ) -> Sequence[DeliveryLine]:
        found = sorted(
            (
                row
                for row in self.tables.of(DELIVERIES).values()
                if provider in (None, row.delivery.provider)
                and state in (None, row.delivery.state)
                and (before is None or row.delivery.id < before)
            ),
            key=lambda row: row.delivery.id,
            reverse=True,
        )
        return tuple(_line(row) for row in found[:limit])


def _line(row: DeliveryRow) -> DeliveryLine:
    one, settled = row.delivery, row.settled
    return DeliveryLine(
        one.id,
        one.provider,
        one.state,
        settled.happening if settled else None,
        one.received_at,
        settled.at if settled else None,
        len(one.body),
    )
