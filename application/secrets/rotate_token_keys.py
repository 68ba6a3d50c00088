from collections.abc import Mapping
from dataclasses import dataclass

from application.secrets.ports import BeginSecretsTx, KeyKeeper, Turn
from application.shared.clock import Clock
from domain.secrets.ring import Facts, KeyFacts, RingName, next_id, turned
from domain.shared.ids import HOUSE
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class RotateTokenKeysCommand:
    compromised: bool
    """Somebody else may know the keys: the old ones are worth nothing from now on."""


@dataclass(frozen=True, slots=True)
class KeysTurned:
    rings: Mapping[RingName, Facts]
    """As they are now, or will be once `to_set` is set."""
    to_set: Mapping[str, Secret]


@dataclass(frozen=True, slots=True)
class RotateTokenKeys:
    """Sign access tokens, and derive refresh tokens, with new keys.

    Nobody is signed out: a refresh token is known by its hash, whichever key derived it, and its
    own successor comes of the newest one. The record comes first: what cannot be audited does not
    happen.
    """

    keeper: KeyKeeper
    begin: BeginSecretsTx
    clock: Clock

    async def __call__(self, command: RotateTokenKeysCommand) -> KeysTurned:
        turns = {name: self._turn(name, command) for name in (RingName.JWT, RingName.REFRESH)}
        async with self.begin(HOUSE) as tx:
            for name, turn in turns.items():
                await tx.audit.record(
                    HOUSE,
                    f"secrets.{name}_keys_turned",
                    {**told(turn), "compromised": command.compromised},
                )
            await tx.commit()
        to_set = self.keeper.put(turns)
        return KeysTurned({name: turn.after for name, turn in turns.items()}, to_set)

    def _turn(self, name: RingName, command: RotateTokenKeysCommand) -> Turn:
        now = self.clock.now().replace(microsecond=0)
        ring = self.keeper.ring(name)
        new = KeyFacts(next_id(ring, now), made=now)
        if command.compromised:
            # Also a key that was waiting: it was known to whoever knew the others.
            return Turn(ring, (new,))
        return Turn(ring, turned(ring, new, now, at_once=self.keeper.at_once(name)))


def told(turn: Turn) -> Mapping[str, str]:
    """What the audit trail says of a turn: names of keys."""
    before, after = ({key.id: None for key in ring} for ring in (turn.before, turn.after))
    return {
        "newest": turn.after[0].id,
        "added": ",".join(name for name in after if name not in before),
        "dropped": ",".join(name for name in before if name not in after),
    }
