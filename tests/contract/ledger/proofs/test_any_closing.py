"""Whatever a bank says, whenever months are closed and opened: nothing moves, or is lost."""

from collections import Counter
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.ledger.begin import BeginMemoryLedgerTx
from application.ledger.jobs import ReplayFeedJob
from application.ledger.replay import ReplayFeed
from domain.shared.ids import FeedId, UserId
from tests.contract.ledger.proofs.months import follow, late, nets, reopen, shut
from tests.contract.ledger.test_any_history import WORDS, Bank, Book, Put, TakeBack
from tests.support.clock import CountedIds, FixedClock
from tests.support.ledger import LedgerWorld, MemoryBooks

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
Step = tuple[list[Put | Book | TakeBack], frozenset[date]]
"""What the bank says, and which months are closed from then on."""
STEPS = st.lists(
    st.tuples(
        st.lists(WORDS, max_size=6), st.frozensets(st.sampled_from([JANUARY, FEBRUARY]), max_size=2)
    ),
    max_size=7,
)


async def live_through(world: LedgerWorld, steps: list[Step]) -> None:
    person, feed, bank = UserId(uuid4()), FeedId(uuid4()), Bank()
    closed: frozenset[date] = frozenset()
    for words, wanted in steps:
        for word in words:
            bank.live(word)
        before = await nets(world, *closed, person=person)
        await world.hears(*bank.pages, feed=feed, person=person)
        bank.pages.clear()
        assert await nets(world, *closed, person=person) == before
        assert closed or not await late(world, person)
        await world.ensure_sums_are_right(person)
        closed = await _close_only(world, closed, wanted, feed, person)
    await _close_only(world, closed, frozenset(), feed, person)

    assert await late(world, person) == []
    true = Counter((one.status, one.amount, one.booked_on) for one in bank.true.values())
    assert await _shown(world, person) == true
    await world.ensure_sums_are_right(person)
    # Understood again in the order it was told, something may be another's booking: no more.
    await _replay(world, feed, person)
    assert await _shown(world, person) == true
    await world.ensure_sums_are_right(person)


async def _shown(world: LedgerWorld, person: UserId) -> "Counter[object]":
    entries = await world.shown(person)
    return Counter((one.status, one.amount, one.booked_on) for one in entries)


async def _replay(world: LedgerWorld, feed: FeedId, person: UserId) -> None:
    job = ReplayFeedJob(user_id=person, feed_id=feed)
    async with world.begin(person) as tx:
        job_id = await tx.jobs.enqueue(job)
        await tx.commit()
    leased = {one.lease.job_id: one for one in await world.board.claim(100)}
    report = await ReplayFeed(world.begin, world.ids)(job, leased[job_id].lease)
    assert not report.closed


async def _close_only(
    world: LedgerWorld,
    closed: frozenset[date],
    wanted: frozenset[date],
    feed: FeedId,
    person: UserId,
) -> frozenset[date]:
    accounts = await world.books.accounts(person)
    if not accounts:
        return frozenset()
    (account,) = accounts
    for month in sorted(closed - wanted):
        await reopen(world, account.id, month, person)
    if closed - wanted:
        await follow(world, feed, person)
    if wanted - closed:
        await shut(world, *sorted(wanted - closed), account_id=account.id, person=person)
    return wanted


@settings(max_examples=300, deadline=None)
@given(steps=STEPS)
async def test_in_memory(steps: list[Step]) -> None:
    clock, ids = FixedClock(), CountedIds()
    database = MemoryDatabase(clock, ids)
    board = MemoryJobBoard(database.tables, clock)
    books = MemoryBooks(database)
    await live_through(LedgerWorld(BeginMemoryLedgerTx(database), board, books, clock, ids), steps)


@pytest.mark.postgres
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
async def test_on_postgres(postgres: LedgerWorld, steps: list[Step]) -> None:
    await live_through(postgres, steps)
