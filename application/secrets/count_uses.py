from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from application.secrets.ports import BeginSecretsTx, Owners
from domain.secrets.health import Use
from domain.shared.ids import HOUSE, UserId

PERSONS: Final = 500


@dataclass(frozen=True, slots=True)
class CountUses:
    """Which keys have locked how much, of everybody. Looks at each person on their own behalf."""

    begin: BeginSecretsTx
    owners: Owners

    async def __call__(self) -> Sequence[Use]:
        found = Counter[tuple[str, str | None]]()
        persons: Sequence[UserId] = (HOUSE,)
        while persons:
            for person in persons:
                async with self.begin(person) as tx:
                    for use in await tx.sealed.uses():
                        found[use.column, use.key] += use.values
            after = None if persons == (HOUSE,) else persons[-1]
            persons = await self.owners.page(after, PERSONS)
        return tuple(Use(column, key, values) for (column, key), values in found.items())
