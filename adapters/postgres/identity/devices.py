from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.identity.tables_limits import known_devices
from application.identity.signing_in.ports import Devices
from domain.identity.device import DeviceHash, DeviceId, KnownDevice
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class PostgresDevices(Devices):
    db: AsyncConnection
    acting_for: UserId

    @override
    async def get(self, device: DeviceHash) -> KnownDevice | None:
        found = await self.db.execute(
            select(known_devices).where(
                known_devices.c.user_id == self.acting_for, known_devices.c.token_hash == device
            )
        )
        row = found.one_or_none()
        return None if row is None else _from_row(row)

    @override
    async def all(self) -> Sequence[KnownDevice]:
        found = await self.db.execute(
            select(known_devices)
            .where(known_devices.c.user_id == self.acting_for)
            .order_by(known_devices.c.id)
        )
        return [_from_row(row) for row in found]

    @override
    async def put(self, device: KnownDevice) -> None:
        statement = upsert(known_devices).values(
            user_id=device.user_id,
            id=device.id,
            token_hash=device.hash,
            created_at=device.created_at,
            last_used_at=device.last_used_at,
        )
        await self.db.execute(
            statement.on_conflict_do_update(
                index_elements=["user_id", "id"],
                set_={"last_used_at": statement.excluded.last_used_at},
            )
        )

    @override
    async def forget(self, devices: Collection[DeviceId]) -> None:
        await self.db.execute(
            delete(known_devices).where(
                known_devices.c.user_id == self.acting_for, known_devices.c.id.in_(devices)
            )
        )

    @override
    async def forget_all(self) -> None:
        await self.db.execute(
            delete(known_devices).where(known_devices.c.user_id == self.acting_for)
        )


def _from_row(row: Row[Any]) -> KnownDevice:
    return KnownDevice(
        user_id=UserId(row.user_id),
        id=DeviceId(row.id),
        hash=DeviceHash(row.token_hash),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
