from collections.abc import Sequence
from dataclasses import dataclass

from application.secrets.count_uses import CountUses
from application.secrets.ports import KeyKeeper
from application.shared.clock import Clock
from domain.secrets.health import Finding, of_ring, of_uses
from domain.secrets.ring import RingName


@dataclass(frozen=True, slots=True)
class CheckKeys:
    """What is to be said of this installation's keys, and what they have locked."""

    keeper: KeyKeeper
    count: CountUses
    clock: Clock

    async def __call__(self) -> Sequence[Finding]:
        now = self.clock.now()
        found = [
            finding for name in RingName for finding in of_ring(name, self.keeper.ring(name), now)
        ]
        found += of_uses(self.keeper.ring(RingName.ENCRYPTION), await self.count())
        return found
