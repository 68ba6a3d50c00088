"""Rates that are kept, and fetched only where they are missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from typing_extensions import override

from adapters.memory.ledger.rates import MemoryRates
from application.ledger.jobs import KeepRatesJob
from application.ledger.keep_rates import AT_FIRST, AT_ONCE, KeepRates, KeptReport
from application.ledger.rates import Rates
from domain.ledger.rates import FIRST_QUOTED, OLDEST, Quote
from domain.shared.errors import UnavailableError
from tests.support.ledger import LedgerWorld
from tests.support.transfers import Moves

TODAY = date(2026, 3, 2)


@pytest.fixture
def moves(world: LedgerWorld) -> Moves:
    world.clock.at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    return Moves(world)


@pytest.fixture
def bank() -> MemoryRates:
    days = [TODAY - timedelta(days=n) for n in range(1, 1_200)]
    return MemoryRates([Quote(day, "EUR", Decimal("11.6200")) for day in days if day.weekday() < 5])


async def keep(moves: Moves, rates: Rates, since: date | None = None) -> KeptReport:
    job = KeepRatesJob(since=since.toordinal() if since else 0)
    async with moves.begin_rates() as tx:
        job_id = await tx.jobs.enqueue(job)
        await tx.commit()
    leased = {one.lease.job_id: one for one in await moves.world.board.claim(100)}
    return await KeepRates(moves.begin_rates, rates, moves.world.clock)(job, leased[job_id].lease)


async def kept(moves: Moves) -> Sequence[Quote]:
    async with moves.begin_rates() as tx:
        return await tx.rates.between(["EUR"], date.min, date.max)


async def span(moves: Moves) -> tuple[date, date] | None:
    async with moves.begin_rates() as tx:
        return await tx.rates.span()


async def test_the_first_time_two_years_are_fetched(moves: Moves, bank: MemoryRates) -> None:
    assert await span(moves) is None

    report = await keep(moves, bank)

    assert report.quotes == len(await kept(moves)) > 550
    assert (bank.asked[-1][0], bank.asked[0][1]) == (TODAY - AT_FIRST, TODAY)
    assert all(last - first <= AT_ONCE for first, last in bank.asked)


async def test_figures_are_kept_to_the_digit(moves: Moves) -> None:
    exact = Quote(TODAY - timedelta(days=3), "JPY", Decimal("0.0690120000340"))
    await moves.knows(exact)
    async with moves.begin_rates() as tx:
        assert list(await tx.rates.between(["JPY"], date.min, date.max)) == [exact]


async def test_later_only_what_is_new_is_asked_for(moves: Moves, bank: MemoryRates) -> None:
    await keep(moves, bank)
    bank.asked.clear()
    newest = (await span(moves) or (TODAY, TODAY))[1]
    moves.world.clock.forward(days=4)

    await keep(moves, bank)

    after = [one for one in bank.asked if one[1] > newest]
    assert after == [(newest + timedelta(days=1), TODAY + timedelta(days=4))]


async def test_older_days_are_fetched_when_somebody_needs_them(
    moves: Moves, bank: MemoryRates
) -> None:
    await keep(moves, bank)
    needed = TODAY - timedelta(days=1_000)
    bank.asked.clear()

    await keep(moves, bank, needed)

    assert min(first for first, _ in bank.asked) == needed - OLDEST
    days = [one.day for one in await kept(moves)]
    assert min(days) <= needed - OLDEST + timedelta(days=3)
    assert len(days) == len(set(days))


async def test_years_without_quotes_are_asked_for_once(moves: Moves, bank: MemoryRates) -> None:
    assert min(one.day for one in bank.quotes) > date(2022, 1, 1)

    await keep(moves, bank, date(1995, 1, 1))
    assert min(first for first, _ in bank.asked) == date(1995, 1, 1) - OLDEST
    bank.asked.clear()
    await keep(moves, bank, date(1995, 1, 1))

    assert all(first > max(one.day for one in bank.quotes) for first, _ in bank.asked)


async def test_nobody_has_days_asked_for_that_were_never_quoted(
    moves: Moves, bank: MemoryRates
) -> None:
    for since in (date(1902, 1, 1), date(1, 1, 1), FIRST_QUOTED):
        await keep(moves, bank, since)

    asked = sorted(bank.asked)
    assert asked[0][0] == FIRST_QUOTED
    old = [one for one in asked if one[1] < TODAY - timedelta(days=7)]
    assert len(old) == len(set(old)) <= (TODAY - FIRST_QUOTED) / AT_ONCE + 1
    assert (await span(moves) or (TODAY, TODAY))[0] == FIRST_QUOTED


async def test_that_it_was_asked_is_no_quote(moves: Moves) -> None:
    assert await keep(moves, MemoryRates()) == KeptReport(0)

    assert await span(moves) is None
    assert await kept(moves) == []


async def test_what_is_kept_once_never_changes(moves: Moves) -> None:
    first = Quote(TODAY, "EUR", Decimal("11.62"))
    await moves.knows(first)
    await moves.knows(Quote(TODAY, "EUR", Decimal(12)))

    assert list(await kept(moves)) == [first]


@dataclass(slots=True)
class Failing(Rates):
    """Answers so many times, and then no more."""

    bank: MemoryRates
    answers: int

    @override
    async def between(self, first: date, last: date) -> Sequence[Quote]:
        if not self.answers:
            raise UnavailableError("closed")
        self.answers -= 1
        return await self.bank.between(first, last)


async def test_what_was_fetched_before_it_failed_is_not_asked_for_again(
    moves: Moves, bank: MemoryRates
) -> None:
    with pytest.raises(UnavailableError):
        await keep(moves, Failing(bank, 1))
    reached = await span(moves)
    assert reached is not None
    bank.asked.clear()

    await keep(moves, bank)

    assert all(last < reached[0] or first > reached[1] for first, last in bank.asked)
    assert (await span(moves) or reached)[0] <= TODAY - AT_FIRST + timedelta(days=3)
