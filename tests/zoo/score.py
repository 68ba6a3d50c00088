"""How right links are: over the zoo, and over lives whose truth is known."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.ledger.begin import BeginMemoryLedgerTx
from tests.support.clock import CountedIds, FixedClock
from tests.support.ledger import ANNA, LedgerWorld, MemoryBooks
from tests.zoo.corpus import Life, Purchase
from tests.zoo.reading import Case, names_together
from tests.zoo.world import live_through, shown


@dataclass(frozen=True, slots=True)
class Score:
    """Pairs of names that are one entry."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    asked: int = 0
    """Of the missed: the person is asked about them."""
    twins_merged: int = 0
    """Entries that are more than one booked purchase; there must be none."""

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.right + other.right,
            self.wrong + other.wrong,
            self.missed + other.missed,
            self.asked + other.asked,
            self.twins_merged + other.twins_merged,
        )

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)


def a_world() -> LedgerWorld:
    clock, ids = FixedClock(), CountedIds()
    database = MemoryDatabase(clock, ids)
    return LedgerWorld(
        BeginMemoryLedgerTx(database),
        MemoryJobBoard(database.tables, clock),
        MemoryBooks(database),
        clock,
        ids,
    )


async def score_of_case(case: Case) -> Score:
    world = a_world()
    await live_through(world, case)
    real, true = names_together(await shown(world)), names_together(case.shown)
    asked = true & case.asks
    return Score(len(real & true), len(real - true), len(true - real), len(asked))


async def live(world: LedgerWorld, life: Life) -> None:
    for day, pages in life.syncs():
        world.clock.at = datetime.combine(day, time(12), UTC)
        await world.hears(*pages)


async def score_of_life(life: Life) -> Score:
    world = a_world()
    await live(world, life)
    await world.ensure_sums_are_right(ANNA)
    by_name = {name: one for one in life.purchases for name in (one.pending_name, one.booked_name)}
    entries = [one.names for one in await shown(world)]
    merged = sum(len([name for name in names if name.startswith("b-")]) > 1 for names in entries)
    return _scored(life, by_name, entries, await _asked(world)) + Score(twins_merged=merged)


async def _asked(world: LedgerWorld) -> set[frozenset[str]]:
    return {
        frozenset((one.what.pending_name, one.what.booked_name))
        for one in await world.books.suggestions(ANNA)
    }


def _scored(
    life: Life,
    by_name: dict[str, Purchase],
    entries: Iterable[frozenset[str]],
    asked: set[frozenset[str]],
) -> Score:
    """Of equals, one is as good as the other."""
    right = wrong = 0
    for names in entries:
        held = [by_name[name] for name in names if name.startswith("p-")]
        told = [by_name[name] for name in names if name.startswith("b-")]
        for one in held:
            for other in told:
                right += one.is_like(other)
                wrong += not one.is_like(other)
    missed = max(0, sum(one.booked is not None for one in life.purchases) - right)
    pairs = [[by_name[name] for name in names] for names in asked]
    by_asking = sum(one.is_like(other) for one, other in pairs)
    return Score(right, wrong, missed, min(missed, by_asking))


def score_of_lives(seeds: Iterable[int], days: int = 90) -> Score:
    async def all_of_them() -> Score:
        total = Score()
        for seed in seeds:
            total += await score_of_life(Life(seed, days))
        return total

    return asyncio.run(all_of_them())


def score_of_zoo(zoo: Iterable[Case]) -> Score:
    async def all_of_them() -> Score:
        total = Score()
        for case in zoo:
            total += await score_of_case(case)
        return total

    return asyncio.run(all_of_them())
