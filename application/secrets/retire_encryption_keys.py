from dataclasses import dataclass

from application.secrets.count_uses import CountUses
from application.secrets.ports import BeginSecretsTx, KeyKeeper, Turn
from application.secrets.rotate_token_keys import KeysTurned, told
from application.shared.clock import Clock
from domain.secrets.errors import KeyStillNeededError, NothingToRetireError
from domain.secrets.ring import SETTLED, RingName, waiting, without
from domain.shared.ids import HOUSE


@dataclass(frozen=True, slots=True)
class RetireEncryptionKeys:
    """Throw away the encryption keys that lock nothing any more.

    Raises:
        KeyStillNeededError: a value is, or may still be about to be, under one of them.
        NothingToRetireError: there is but one key.
    """

    keeper: KeyKeeper
    count: CountUses
    begin: BeginSecretsTx
    clock: Clock

    async def __call__(self) -> KeysTurned:
        now = self.clock.now()
        ring = self.keeper.ring(RingName.ENCRYPTION)
        old = {key.id for key in ring[1:] if key != waiting(ring)}
        if not old:
            raise NothingToRetireError
        newest = ring[0].made
        if newest is not None and now < newest + SETTLED:
            raise KeyStillNeededError.until(newest + SETTLED)
        uses = await self.count()
        needed = {
            name: sum(use.values for use in uses if use.key == name)
            for name in sorted(old & {use.key for use in uses})
        }
        if needed:
            raise KeyStillNeededError.by(tuple(needed.items()))
        turn = Turn(ring, without(ring, old))
        async with self.begin(HOUSE) as tx:
            await tx.audit.record(HOUSE, "secrets.encryption_keys_retired", told(turn))
            await tx.commit()
        to_set = self.keeper.put({RingName.ENCRYPTION: turn})
        return KeysTurned({RingName.ENCRYPTION: turn.after}, to_set)
