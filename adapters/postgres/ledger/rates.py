"""Exchange rates: nobody's rows, readable by everybody, kept once and never changed."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.as_caller import as_caller, fetch_as
from adapters.postgres.database import Database
from adapters.postgres.ledger.tables_transfers import fx_rates
from application.ledger.rates import BeginRatesTx, KeptRates, RatesReader, RatesTx
from application.shared.caller import Claims
from domain.ledger.rates import PIVOT, Quote

_BETWEEN: Final = as_caller("""
    select base, day, rate from fx_rates
    where me.id is not null and base = any($4::text[]) and day between $5 and $6
""")
_ROWS_MAX: Final = 5_000


@dataclass(frozen=True, slots=True)
class PostgresKeptRates(KeptRates):
    db: AsyncConnection

    @override
    async def span(self) -> tuple[date, date] | None:
        quoted = func.max(fx_rates.c.day).filter(fx_rates.c.base != PIVOT)
        oldest, newest = (await self.db.execute(select(func.min(fx_rates.c.day), quoted))).one()
        return None if newest is None else (oldest, newest)

    @override
    async def reached(self, day: date) -> None:
        # True on any day, and looked up by nobody: a row that says no more than that it was asked.
        await self.add([Quote(day, PIVOT, Decimal(1))])

    @override
    async def add(self, quotes: Sequence[Quote]) -> int:
        kept = 0
        for start in range(0, len(quotes), _ROWS_MAX):
            rows = [
                {"base": one.base, "day": one.day, "quote": PIVOT, "rate": f"{one.rate:f}"}
                for one in quotes[start : start + _ROWS_MAX]
            ]
            statement = upsert(fx_rates).values(rows).on_conflict_do_nothing()
            kept += (await self.db.execute(statement)).rowcount
        return kept

    @override
    async def between(
        self, currencies: Collection[str], first: date, last: date
    ) -> Sequence[Quote]:
        found = await self.db.execute(
            select(fx_rates.c.day, fx_rates.c.base, fx_rates.c.rate).where(
                fx_rates.c.base.in_(currencies), fx_rates.c.day.between(first, last)
            )
        )
        return [Quote(row.day, row.base, Decimal(row.rate)) for row in found]


@dataclass(frozen=True, slots=True)
class BeginPostgresRatesTx(BeginRatesTx):
    database: Database

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[RatesTx]:
        async with self.database.begin(None) as tx:
            yield RatesTx(PostgresKeptRates(tx.db), tx.jobs, tx.commit)


@dataclass(frozen=True, slots=True)
class PostgresRatesReader(RatesReader):
    database: Database

    @override
    async def between(
        self, claims: Claims, currencies: Collection[str], first: date, last: date
    ) -> Sequence[Quote]:
        rows = await fetch_as(self.database, claims, _BETWEEN, list(currencies), first, last)
        return [Quote(row["day"], row["base"], Decimal(row["rate"])) for row in rows]
