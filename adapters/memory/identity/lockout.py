from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.tables import Table
from application.identity.signing_in.guard import AccountKey, Tallies
from domain.identity.lockout import Count, CountKey, Reserved, Tally, reserve


@dataclass(frozen=True, slots=True)
class GuardedCount:
    account: AccountKey
    tally: Tally
    expires_at: datetime


GUARDED_COUNTS: Final = Table[CountKey, GuardedCount]("guarded_counts")


@dataclass(frozen=True, slots=True)
class MemoryTallies(Tallies):
    database: MemoryDatabase

    @override
    async def reserve(
        self, account: AccountKey, counts: tuple[Count, ...], now: datetime
    ) -> Reserved:
        async with self.database.begin(None) as tx:
            table = tx.tables.of(GUARDED_COUNTS)
            _let_go(table, lambda _, one: one.expires_at <= now)
            reserved = reserve(counts, {key: one.tally for key, one in table.items()}, now)
            for count in counts:
                tally = reserved.tallies[count.key]
                expires_at = tally.tries[-1] + count.rule.memory
                table[count.key] = GuardedCount(account, tally, expires_at)
            await tx.commit()
        return reserved

    @override
    async def give_back(self, keys: Collection[CountKey], at: datetime) -> None:
        async with self.database.begin(None) as tx:
            table = tx.tables.of(GUARDED_COUNTS)
            for key in table.keys() & set(keys):
                table[key] = replace(table[key], tally=table[key].tally.without(at))
            await tx.commit()

    @override
    async def clear(self, keys: Collection[CountKey]) -> None:
        await self._drop(lambda key, _: key in keys)

    @override
    async def forgive(self, accounts: Collection[AccountKey]) -> None:
        await self._drop(lambda _, one: one.account in accounts)

    async def _drop(self, which: Callable[[CountKey, GuardedCount], bool]) -> None:
        async with self.database.begin(None) as tx:
            _let_go(tx.tables.of(GUARDED_COUNTS), which)
            await tx.commit()


def _let_go(
    table: dict[CountKey, GuardedCount], which: Callable[[CountKey, GuardedCount], bool]
) -> None:
    for key in [key for key, one in table.items() if which(key, one)]:
        del table[key]
