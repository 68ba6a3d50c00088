from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from adapters.memory.tables import MemoryTables, Table
from application.identity.signing_in.ports import Devices
from domain.identity.device import DeviceHash, DeviceId, KnownDevice
from domain.shared.ids import UserId

KNOWN_DEVICES: Final = Table[tuple[UserId, DeviceId], KnownDevice]("known_devices")


@dataclass(frozen=True, slots=True)
class MemoryDevices(Devices):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def get(self, device: DeviceHash) -> KnownDevice | None:
        return next((one for one in await self.all() if one.hash == device), None)

    @override
    async def all(self) -> Sequence[KnownDevice]:
        rows = self.tables.of(KNOWN_DEVICES).values()
        return sorted((d for d in rows if d.user_id == self.acting_for), key=lambda d: d.id)

    @override
    async def put(self, device: KnownDevice) -> None:
        self.tables.of(KNOWN_DEVICES)[device.user_id, device.id] = device

    @override
    async def forget(self, devices: Collection[DeviceId]) -> None:
        for device in devices:
            self.tables.of(KNOWN_DEVICES).pop((self.acting_for, device), None)

    @override
    async def forget_all(self) -> None:
        await self.forget([device.id for device in await self.all()])
