from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from application.secrets.count_uses import CountUses
from application.secrets.jobs import ResealJob
from application.secrets.ports import BeginSecretsTx, KeyKeeper, SecretsTx, Turn
from application.secrets.rotate_token_keys import told
from application.shared.clock import Clock
from domain.secrets.health import Use
from domain.secrets.ring import Facts, KeyFacts, RingName, next_id, turned_for_sealing, waiting
from domain.shared.ids import HOUSE, JobId
from domain.shared.secret import Secret


class Step(StrEnum):
    HANDED_OUT = "handed_out"
    """A new key is at the end of the ring: everybody can open with it, nobody seals."""
    IN_FRONT = "in_front"
    """The new key is in front, once somebody has set it."""
    RESEALING = "resealing"
    """The newest key seals, and a job takes the older values along."""


@dataclass(frozen=True, slots=True)
class EncryptionTurned:
    step: Step
    ring: Facts
    to_set: Mapping[str, Secret]
    job_id: JobId | None
    left: int
    """Values that are not under the newest key yet."""


@dataclass(frozen=True, slots=True)
class RotateEncryptionCommand:
    further: bool = False
    """Make yet another key although values are left under older ones."""


@dataclass(frozen=True, slots=True)
class RotateEncryption:
    """Lock with a new key, and take along what older ones have locked.

    Called again while older values are left it makes no further key, unless it is asked to: it
    sees that the job runs. Where the ring is not ours to change it goes step by step, one call
    each: a key that only some processes know must not lock anything.
    """

    keeper: KeyKeeper
    count: CountUses
    begin: BeginSecretsTx
    clock: Clock

    async def __call__(self, command: RotateEncryptionCommand) -> EncryptionTurned:
        ring = self.keeper.ring(RingName.ENCRYPTION)
        uses = await self.count()
        if _left(uses, ring) and waiting(ring) is None and not command.further:
            async with self.begin(HOUSE) as tx:
                job_id = await self._start(tx, ring)
                await tx.commit()
            return EncryptionTurned(Step.RESEALING, ring, {}, job_id, _left(uses, ring))
        return await self._turn(ring, uses)

    async def _turn(self, ring: Facts, uses: Sequence[Use]) -> EncryptionTurned:
        now = self.clock.now().replace(microsecond=0)
        ours = self.keeper.at_once(RingName.ENCRYPTION)
        new = KeyFacts(next_id(ring, now), made=now)
        turn = Turn(ring, turned_for_sealing(ring, new, at_once=ours))
        async with self.begin(HOUSE) as tx:
            await tx.audit.record(HOUSE, "secrets.encryption_keys_turned", told(turn))
            await tx.commit()
        to_set = self.keeper.put({RingName.ENCRYPTION: turn})
        left = _left(uses, turn.after)
        if not ours:
            front = turn.after[0] != ring[0]
            step = Step.IN_FRONT if front else Step.HANDED_OUT
            return EncryptionTurned(step, turn.after, to_set, None, left)
        # Only now: a job that began before would find nothing to do. Should we die here, calling
        # again starts it.
        async with self.begin(HOUSE) as tx:
            job_id = await self._start(tx, turn.after)
            await tx.commit()
        return EncryptionTurned(Step.RESEALING, turn.after, to_set, job_id, left)

    async def _start(self, tx: SecretsTx, ring: Facts) -> JobId:
        return await tx.jobs.enqueue(ResealJob(), unique=unique_for(ring))


def unique_for(ring: Facts) -> str:
    """One chain of jobs for each newest key: a later key's goes over everything again."""
    return f"{ResealJob.name}:{ring[0].id}"


def _left(uses: Sequence[Use], ring: Facts) -> int:
    """Values that the job can take along: what no key at hand has locked, it cannot."""
    older = {key.id for key in ring[1:]}
    return sum(use.values for use in uses if use.key in older)
