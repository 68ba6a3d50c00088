from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.connections.tables import provider_objects
from application.connections.ports import LinkedName, LinkedNames, ProviderObjects
from domain.connections.errors import BankLinkTakenError
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, ExternalId, UserId


@dataclass(frozen=True, slots=True)
class PostgresProviderObjects(ProviderObjects):
    db: AsyncConnection
    acting_for: UserId

    @override
    async def claim(
        self, provider: Provider, external_id: ExternalId, connection_id: ConnectionId
    ) -> ConnectionId:
        row = {
            "provider": provider,
            "external_id": external_id,
            "user_id": self.acting_for,
            "connection_id": connection_id,
        }
        while True:
            # Whoever claims the same name at this moment is waited for here.
            claimed = await self.db.execute(
                insert(provider_objects).values(row).on_conflict_do_nothing()
            )
            if claimed.rowcount == 1:
                return connection_id
            holder = await PostgresLinkedNames(self.db).find(provider, external_id)
            if holder is None:
                continue  # released between the two statements
            if holder.user_id != self.acting_for:
                raise BankLinkTakenError
            return holder.connection_id

    @override
    async def release(self, connection_id: ConnectionId) -> None:
        await self.db.execute(
            delete(provider_objects).where(
                provider_objects.c.user_id == self.acting_for,
                provider_objects.c.connection_id == connection_id,
            )
        )


@dataclass(frozen=True, slots=True)
class PostgresLinkedNames(LinkedNames):
    db: AsyncConnection

    @override
    async def after(self, last: LinkedName | None, limit: int) -> Sequence[LinkedName]:
        key = tuple_(provider_objects.c.provider, provider_objects.c.external_id)
        wanted = select(provider_objects).order_by(*key).limit(limit)
        if last is not None:
            wanted = wanted.where(key > (last.provider, last.external_id))
        return tuple(_name(row) for row in await self.db.execute(wanted))

    @override
    async def find(self, provider: Provider, external_id: ExternalId) -> LinkedName | None:
        found = await self.db.execute(
            select(provider_objects).where(
                provider_objects.c.provider == provider,
                provider_objects.c.external_id == external_id,
            )
        )
        row = found.one_or_none()
        return None if row is None else _name(row)

    @override
    async def of(self, connection_id: ConnectionId) -> LinkedName | None:
        key = tuple_(provider_objects.c.provider, provider_objects.c.external_id)
        wanted = select(provider_objects).where(provider_objects.c.connection_id == connection_id)
        row = (await self.db.execute(wanted.order_by(*key).limit(1))).one_or_none()
        return None if row is None else _name(row)


def _name(row: Row[Any]) -> LinkedName:
    return LinkedName(
        provider=Provider(row.provider),
        external_id=ExternalId(row.external_id),
        user_id=UserId(row.user_id),
        connection_id=ConnectionId(row.connection_id),
    )
