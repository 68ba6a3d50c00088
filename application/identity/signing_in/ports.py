"""What knowing a person's devices needs of the outside world."""

from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import Protocol

from domain.identity.device import DeviceHash, DeviceId, KnownDevice


class Devices(Protocol):
    """The devices that this person signed in from, as one transaction sees them."""

    @abstractmethod
    async def get(self, device: DeviceHash) -> KnownDevice | None:
        """It may have run out."""

    @abstractmethod
    async def all(self) -> Sequence[KnownDevice]: ...

    @abstractmethod
    async def put(self, device: KnownDevice) -> None:
        """Keep it, new or used again."""

    @abstractmethod
    async def forget(self, devices: Collection[DeviceId]) -> None: ...

    @abstractmethod
    async def forget_all(self) -> None: ...
