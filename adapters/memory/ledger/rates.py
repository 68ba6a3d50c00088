from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from typing_extensions import override

from adapters.memory.alive import ensure_alive
from adapters.memory.database import MemoryDatabase
from adapters.memory.tables import MemoryTables, Table
from application.ledger.rates import BeginRatesTx, KeptRates, Rates, RatesReader, RatesTx
from application.shared.caller import Claims
from domain.ledger.rates import PIVOT, Quote

FX_RATES: Final = Table[tuple[str, date], Quote]("fx_rates")


@dataclass(slots=True)
class MemoryRates(Rates):
    """A central bank that knows what it is told, and remembers what it was asked."""

    quotes: list[Quote] = field(default_factory=list)
    asked: list[tuple[date, date]] = field(default_factory=list)

    @override
    async def between(self, first: date, last: date) -> Sequence[Quote]:
        self.asked.append((first, last))
        return [one for one in self.quotes if first <= one.day <= last]


@dataclass(frozen=True, slots=True)
class MemoryKeptRates(KeptRates):
    tables: MemoryTables

    @override
    async def span(self) -> tuple[date, date] | None:
        kept = self.tables.of(FX_RATES)
        quoted = [day for base, day in kept if base != PIVOT]
        return (min(day for _, day in kept), max(quoted)) if quoted else None

    @override
    async def reached(self, day: date) -> None:
        await self.add([Quote(day, PIVOT, Decimal(1))])

    @override
    async def add(self, quotes: Sequence[Quote]) -> int:
        kept = self.tables.of(FX_RATES)
        before = len(kept)
        for one in quotes:
            kept.setdefault((one.base, one.day), one)
        return len(kept) - before

    @override
    async def between(
        self, currencies: Collection[str], first: date, last: date
    ) -> Sequence[Quote]:
        kept = self.tables.of(FX_RATES).values()
        return [one for one in kept if one.base in currencies and first <= one.day <= last]


@dataclass(frozen=True, slots=True)
class BeginMemoryRatesTx(BeginRatesTx):
    database: MemoryDatabase

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[RatesTx]:
        async with self.database.begin(None) as tx:
            yield RatesTx(MemoryKeptRates(tx.tables), tx.jobs, tx.commit)


@dataclass(frozen=True, slots=True)
class MemoryRatesReader(RatesReader):
    database: MemoryDatabase

    @override
    async def between(
        self, claims: Claims, currencies: Collection[str], first: date, last: date
    ) -> Sequence[Quote]:
        ensure_alive(self.database, claims)
        return await MemoryKeptRates(self.database.tables).between(currencies, first, last)
