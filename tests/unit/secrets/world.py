"""Everything that the use cases of keys touch, held in the hand."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from typing_extensions import override

from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from adapters.memory.jobs.rows import JOBS
from application.secrets.count_uses import CountUses
from application.secrets.ports import (
    Batch,
    BeginSecretsTx,
    KeyKeeper,
    Owners,
    SealedValues,
    SecretsTx,
    Turn,
)
from application.secrets.retire_encryption_keys import RetireEncryptionKeys
from application.secrets.rotate_encryption import RotateEncryption
from application.secrets.rotate_token_keys import RotateTokenKeys
from domain.secrets.health import Use
from domain.secrets.ring import Facts, KeyFacts, RingName
from domain.shared.ids import HOUSE, UserId
from domain.shared.secret import Secret
from tests.support.clock import CountedIds, FixedClock


@dataclass(slots=True)
class HeldKeys(KeyKeeper):
    """Rings without keys. A ring that is handed round changes when a test says it is set."""

    ours: bool = True
    full: bool = False
    rings: dict[RingName, Facts] = field(
        default_factory=lambda: dict.fromkeys(RingName, (KeyFacts("1"),))
    )

    @override
    def ring(self, name: RingName) -> Facts:
        return self.rings[name]

    @override
    def at_once(self, name: RingName) -> bool:
        return self.ours

    @override
    def put(self, turns: Mapping[RingName, Turn]) -> Mapping[str, Secret]:
        if self.full:
            raise OSError("no space left")
        if self.ours:
            self.rings.update({name: turn.after for name, turn in turns.items()})
            return {}
        return {
            name: Secret(" ".join(key.id for key in turn.after)) for name, turn in turns.items()
        }

    def names(self, name: RingName) -> list[str]:
        return [key.id for key in self.rings[name]]


@dataclass(slots=True)
class HeldValues(SealedValues):
    """How many values are under which key; all of them the house's own."""

    uses_are: list[Use]

    @override
    async def uses(self) -> Sequence[Use]:
        return self.uses_are

    @override
    async def reseal(self, column: str, after: object | None) -> Batch:
        raise AssertionError("only the job does that")


class Nobody(Owners):
    @override
    async def page(self, after: UserId | None, limit: int) -> Sequence[UserId]:
        return ()


@dataclass(frozen=True, slots=True)
class BeginHeld(BeginSecretsTx):
    database: MemoryDatabase
    values: HeldValues
    begins: list[UserId]

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[SecretsTx]:
        self.begins.append(acting_for)
        async with self.database.begin(acting_for) as tx:
            yield SecretsTx(self.values, tx.jobs, tx.audit, tx.commit)


class World:
    def __init__(self) -> None:
        self.clock, self.keeper, self.values = FixedClock(), HeldKeys(), HeldValues([])
        self.database = MemoryDatabase(self.clock, CountedIds())
        begin = BeginHeld(self.database, self.values, [])
        count = CountUses(begin, Nobody())
        self.rotate_tokens = RotateTokenKeys(self.keeper, begin, self.clock)
        self.rotate_encryption = RotateEncryption(self.keeper, count, begin, self.clock)
        self.retire = RetireEncryptionKeys(self.keeper, count, begin, self.clock)

    @property
    def audited(self) -> list[tuple[str, str]]:
        chain = self.database.tables.of(AUDIT_CHAINS).get(HOUSE, ())
        return [(entry.action, entry.payload.decode()) for entry in chain]

    @property
    def jobs(self) -> list[str]:
        return [row.name for row in self.database.tables.of(JOBS).values()]
