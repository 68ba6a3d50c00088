from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.errors import database_errors
from application.connections.health.ports import (
    Cell,
    CircuitSeen,
    FiguresReader,
    FiguresStore,
    HouseFigures,
    Lag,
    OpenWishes,
    Waiting,
)
from domain.connections.latency import BUCKETS
from domain.connections.provider import Provider

SLOT: Final = timedelta(minutes=5)
EVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""The slot of the sums of all that there ever was: never in the past, so never tidied away."""

# Rows in a fixed order: two processes that add at the same time wait, and cannot deadlock.
_ADD: Final = """
    insert into provider_figures as kept
        (provider, endpoint, outcome, slot, count, took_us, buckets)
    select provider, endpoint, outcome, slot, count, took_us,
        string_to_array(buckets, ' ')::bigint[]
    from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])
        as new(provider, endpoint, outcome, count, took_us, buckets)
    cross join unnest($7::timestamptz[]) as slot
    order by provider, endpoint, outcome, slot
    on conflict (provider, endpoint, outcome, slot) do update set
        count = kept.count + excluded.count,
        took_us = kept.took_us + excluded.took_us,
        buckets = (
            select array_agg(coalesce(a, 0) + coalesce(b, 0) order by place)
            from unnest(kept.buckets, excluded.buckets) with ordinality as pair(a, b, place)
        )
"""
_CIRCUITS: Final = """
    insert into provider_circuits (process, provider, state, since, seen_at)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
    on conflict (process, provider) do update set
        state = excluded.state, since = excluded.since, seen_at = excluded.seen_at
"""
# Place by place: to take the arrays apart and sort the pieces would cost ten times as much.
_SUMS: Final = ", ".join(f"coalesce(sum(buckets[{n + 1}]), 0)::bigint" for n in range(BUCKETS))
_BETWEEN: Final = f"""
    select provider, endpoint, outcome, sum(count)::bigint as count,
        sum(took_us)::bigint as took_us, array[{_SUMS}] as buckets
    from provider_figures where slot >= $1 and slot < $2
    group by provider, endpoint, outcome
    order by provider, endpoint, outcome
"""  # noqa: S608 - made of numbers
_LATELY: Final = """
    select process, provider, state, since, seen_at from provider_circuits
    where seen_at > $1 order by provider, process
"""
_WAITING: Final = """
    select name, count(*) as jobs, min(greatest(run_at, created_at)) as oldest_at
    from jobs where state = 'ready' and run_at <= $1
    group by name order by name
"""
_WISHES: Final = """
    select payload ->> 'provider' as provider, count(*) as syncs, min(created_at) as oldest_at
    from jobs where name = 'connections.sync' and state in ('ready', 'leased')
    group by 1 order by 1
"""
_LAGS: Final = """
    select provider, counted_at, connections, never, behind, buckets from sync_lags
    order by provider
"""
_HEARD_OF: Final = timedelta(minutes=2)
"""A process that was not heard of for so long has ended."""


@dataclass(frozen=True, slots=True)
class PostgresFiguresStore(FiguresStore):
    database: Database

    @override
    async def add(
        self, cells: Sequence[Cell], circuits: Sequence[CircuitSeen], at: datetime
    ) -> None:
        with database_errors():
            async with self.database.reads.acquire() as driver, driver.transaction():
                if cells:
                    await driver.execute(_ADD, *_columns(cells), [slot_of(at), EVER])
                if circuits:
                    await driver.execute(
                        _CIRCUITS,
                        [one.process for one in circuits],
                        [one.provider for one in circuits],
                        [one.state for one in circuits],
                        [one.since for one in circuits],
                        [one.seen_at for one in circuits],
                    )


@dataclass(frozen=True, slots=True)
class PostgresFiguresReader(FiguresReader):
    """Small tables that name nobody, and the line of jobs."""

    database: Database

    @override
    async def since(self, at: datetime) -> HouseFigures:
        return await self._read(slot_of(at), EVER)

    @override
    async def ever(self) -> HouseFigures:
        return await self._read(EVER, EVER + timedelta(microseconds=1))

    async def _read(self, first: datetime, before: datetime) -> HouseFigures:
        now = self.database.clock.now()
        with database_errors():
            async with self.database.reads.acquire() as driver:
                return HouseFigures(
                    cells=[_cell(row) for row in await driver.fetch(_BETWEEN, first, before)],
                    circuits=[
                        CircuitSeen(*row) for row in await driver.fetch(_LATELY, now - _HEARD_OF)
                    ],
                    waiting=[Waiting(*row) for row in await driver.fetch(_WAITING, now)],
                    wishes=[_wishes(row) for row in await driver.fetch(_WISHES)],
                    lags=[_lag(row) for row in await driver.fetch(_LAGS)],
                    at=now,
                    began=None if first == EVER else first,
                )


def slot_of(at: datetime) -> datetime:
    """The beginning of the five minutes that it lies in."""
    return datetime.fromtimestamp(
        at.timestamp() // SLOT.total_seconds() * SLOT.total_seconds(), UTC
    )


def _columns(cells: Sequence[Cell]) -> tuple[list[Any], ...]:
    return (
        [one.provider for one in cells],
        [one.endpoint for one in cells],
        [one.outcome for one in cells],
        [one.count for one in cells],
        [round(one.seconds * 1_000_000) for one in cells],
        # PostgreSQL has no arrays of arrays of different rows: each travels as a text.
        [" ".join(map(str, one.buckets)) for one in cells],
    )


def _cell(row: asyncpg.Record) -> Cell:
    return Cell(
        row["provider"],
        row["endpoint"],
        row["outcome"],
        row["count"],
        row["took_us"] / 1_000_000,
        tuple(row["buckets"]),
    )


def _wishes(row: asyncpg.Record) -> OpenWishes:
    provider = None if row["provider"] is None else Provider(row["provider"])
    return OpenWishes(provider, row["syncs"], row["oldest_at"])


def _lag(row: asyncpg.Record) -> Lag:
    return Lag(
        Provider(row["provider"]),
        row["counted_at"],
        row["connections"],
        row["never"],
        row["behind"],
        tuple(row["buckets"]),
    )
