"""What every process counts, put together: nothing lost, nothing twice."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text

from adapters.memory.connections.figures import MemoryFigures
from adapters.memory.database import MemoryDatabase
from adapters.outbound.call import Circuit, Outcome, Seen
from adapters.outbound.figures import ProcessFigures
from adapters.postgres.connections.figures import (
    EVER,
    PostgresFiguresReader,
    PostgresFiguresStore,
)
from adapters.postgres.database import Database
from adapters.postgres.jobs.tidy import BeginPostgresTidyTx
from application.connections.health.ports import SYNC, FiguresReader, FiguresStore, Lag
from application.connections.health.show_providers import ShowProvider, ShowProviders
from application.connections.jobs import KeepInStepJob, step_key
from domain.connections.latency import AGES
from domain.connections.provider import Provider, ProviderUnknownError
from domain.connections.runs import RunOutcome
from domain.connections.wishes import SyncReason
from tests.contract.connections.health.conftest import ANNA, World
from tests.support.clock import NOON, FixedClock

HOUR = timedelta(hours=1)
FEED, TOKEN = "/data/v2/transactions", "/api/v1/oauth/token"


@pytest.fixture
def both(world: World) -> tuple[FiguresStore, FiguresReader]:
    if isinstance(world.database, MemoryDatabase):
        memory = MemoryFigures(world.database.tables, world.clock)
        return memory, memory
    return PostgresFiguresStore(world.database), PostgresFiguresReader(world.database)


def figures(clock: FixedClock, process: str = "one") -> ProcessFigures:
    return ProcessFigures(clock, process)


def seen(
    outcome: Outcome = Outcome.OK,
    seconds: float = 0.2,
    endpoint: str = FEED,
    circuit: Circuit = Circuit.CLOSED,
) -> Seen:
    return Seen("tink", endpoint, outcome, seconds, circuit=circuit)


async def hand_in(process: ProcessFigures, store: FiguresStore, clock: FixedClock) -> None:
    cells, circuits = process.fetch()
    await store.add(cells, circuits, clock.now())


async def test_processes_are_added_up(
    both: tuple[FiguresStore, FiguresReader], world: World
) -> None:
    store, reader = both
    one, other = figures(world.clock), figures(world.clock, "other")
    for process in (one, other, one):
        for _ in range(10):
            process.saw(seen())
        process.saw(seen(Outcome.TOO_SLOW, 10.0))
        await hand_in(process, store, world.clock)

    for found in (await reader.since(world.clock.now() - HOUR), await reader.ever()):
        assert [(one.outcome, one.count, sum(one.buckets)) for one in found.cells] == [
            ("ok", 30, 30),
            ("too_slow", 3, 3),
        ]
        assert [round(one.seconds, 3) for one in found.cells] == [6.0, 30.0]


async def test_what_is_long_past_is_in_the_sum_of_all_and_not_in_the_last_hour(
    both: tuple[FiguresStore, FiguresReader], world: World
) -> None:
    store, reader = both
    process = figures(world.clock)
    process.saw(seen())
    await hand_in(process, store, world.clock)
    world.clock.forward(hours=3)
    process.saw(seen())
    await hand_in(process, store, world.clock)

    lately, ever = await reader.since(world.clock.now() - HOUR), await reader.ever()
    assert [one.count for one in lately.cells] == [1]
    assert [one.count for one in ever.cells] == [2]


def test_what_could_not_be_handed_in_is_counted_with_the_next() -> None:
    process = figures(FixedClock())
    process.saw(seen())
    cells, _ = process.fetch()
    process.saw(seen())
    process.put_back(cells)

    (cell,) = process.fetch()[0]
    assert (cell.count, sum(cell.buckets)) == (2, 2)
    assert process.fetch()[0] == []


async def test_administrators_see_each_provider_at_a_glance(
    both: tuple[FiguresStore, FiguresReader], world: World
) -> None:
    store, reader = both
    process = figures(world.clock)
    for _ in range(98):
        process.saw(seen())
    process.saw(seen(Outcome.BROKEN, 4.0))
    process.saw(seen(Outcome.SPARED, 0.0, circuit=Circuit.OPEN))
    process.saw(seen(Outcome.OK, 0.1, TOKEN, circuit=Circuit.OPEN))
    for outcome in (RunOutcome.SYNCED,) * 3 + (RunOutcome.FAILED,):
        process.ended(Provider.TINK, outcome, 2.0)
    await hand_in(process, store, world.clock)
    connection = await world.connected()
    await world.wished(connection, SyncReason.RHYTHM)
    world.clock.forward(minutes=1)

    health = await ShowProviders(reader, world.clock)(HOUR)

    tink, plaid, bankid, norges_bank = health.providers
    assert (tink.requests, tink.errors) == (100, {"broken": 1, "spared": 1})
    assert tink.took.p50_ms is not None
    assert tink.took.p99_ms is not None
    assert 150 <= tink.took.p50_ms <= tink.took.p99_ms <= 200, "one slow answer in a hundred"
    assert tink.token_refreshes == 1
    assert (tink.circuit.state, tink.circuit.processes) == ("open", {"open": 1})
    assert tink.syncs is not None
    assert (tink.syncs.runs, tink.syncs.success_share) == (4, 0.75)
    assert (tink.syncs.open_wishes, tink.syncs.oldest_wish_s) == (1, 60.0)
    assert tink.syncs.lag is None, "no round has been made"
    assert (plaid.requests, plaid.took.p95_ms, plaid.circuit.state) == (0, None, "closed")
    assert bankid.syncs is norges_bank.syncs is None
    (line,) = health.queue
    assert (line.job, line.waiting, line.oldest_wait_s) == ("connections.sync", 1, 60.0)

    details = await ShowProvider(reader, world.clock)("tink", HOUR)
    assert [(one.endpoint, one.requests) for one in details.endpoints] == [(TOKEN, 1), (FEED, 99)]
    with pytest.raises(ProviderUnknownError, match="norges_bank"):
        await ShowProvider(reader, world.clock)("acme", HOUR)


async def test_what_is_not_due_by_our_clock_waits_for_nobody(
    both: tuple[FiguresStore, FiguresReader], world: World
) -> None:
    _, reader = both
    connection = await world.connected()
    async with world.begin(ANNA) as tx:
        job = KeepInStepJob(user_id=ANNA, connection_id=connection.id)
        at = world.clock.now() + timedelta(hours=1)
        await tx.jobs.enqueue(job, run_at=at, unique=step_key(connection.id))
        await tx.commit()

    assert not (await ShowProviders(reader, world.clock)(HOUR)).queue
    world.clock.forward(hours=1)
    (line,) = (await ShowProviders(reader, world.clock)(HOUR)).queue
    assert (line.job, line.waiting) == (KeepInStepJob.name, 1)


async def test_a_round_that_found_nobody_has_nothing_to_say(
    both: tuple[FiguresStore, FiguresReader], world: World
) -> None:
    _, reader = both
    async with world.begin_house() as tx:
        buckets = (0,) * (len(AGES) + 1)
        await tx.lags.note(Lag(Provider.TINK, world.clock.now(), 0, 0, 0, buckets))
        await tx.commit()

    tink = (await ShowProviders(reader, world.clock)(HOUR)).providers[0]
    assert tink.syncs is not None
    assert tink.syncs.lag is None


async def test_the_round_leaves_how_long_ago_everybody_was_read(
    both: tuple[FiguresStore, FiguresReader], world: World
) -> None:
    _, reader = both
    now = world.clock.now()
    for behind in (9, 2):
        buckets = (4, 3, *[0] * (len(AGES) - 1))
        async with world.begin_house() as tx:
            await tx.lags.note(Lag(Provider.TINK, now, 10, 3, behind, buckets))
            await tx.commit()

    tink = (await ShowProviders(reader, world.clock)(HOUR)).providers[0]
    assert tink.syncs is not None
    assert tink.syncs.lag is not None
    assert (tink.syncs.lag.connections, tink.syncs.lag.never, tink.syncs.lag.behind) == (10, 3, 2)
    assert (tink.syncs.lag.within["1h"], tink.syncs.lag.within["6h"]) == (4, 7)


@pytest.mark.postgres
async def test_many_who_hand_in_at_once_lose_nothing_and_never_stand_in_each_others_way(
    database: Database, clock: FixedClock
) -> None:
    store, reader = PostgresFiguresStore(database), PostgresFiguresReader(database)
    processes = [figures(clock, str(number)) for number in range(8)]
    endpoints = [f"/{letter}" for letter in "abcdefgh"]

    async def busy(process: ProcessFigures, order: Sequence[str]) -> None:
        for _ in range(10):
            for endpoint in order:
                process.saw(seen(endpoint=endpoint))
            await hand_in(process, store, clock)

    await asyncio.gather(
        *(busy(one, endpoints[at:] + endpoints[:at]) for at, one in enumerate(processes))
    )

    found = await reader.ever()
    assert {one.endpoint: one.count for one in found.cells} == dict.fromkeys(endpoints, 80)


@pytest.mark.postgres
async def test_old_figures_go_and_the_sums_stay(database: Database, clock: FixedClock) -> None:
    store, reader = PostgresFiguresStore(database), PostgresFiguresReader(database)
    process = figures(clock)
    process.saw(seen())
    process.ended(Provider.TINK, RunOutcome.SYNCED, 1.0)
    await hand_in(process, store, clock)

    async with BeginPostgresTidyTx(database)() as tx:
        await tx.forget(clock.now() + timedelta(days=8))
        await tx.commit()

    async with database.begin(None) as tx:
        slots = await tx.db.execute(text("select distinct slot from provider_figures"))
        assert [row.slot for row in slots] == [EVER]
    assert {one.endpoint for one in (await reader.ever()).cells} == {FEED, SYNC}
    assert (await reader.since(clock.now() - HOUR)).cells == []


@pytest.mark.postgres
async def test_what_is_shown_began_when_it_says(database: Database) -> None:
    """Counting is by five minutes: what came before them must not count as of after."""
    clock = FixedClock(NOON + timedelta(minutes=4))
    store, reader = PostgresFiguresStore(database), PostgresFiguresReader(database)
    process = figures(clock)
    process.saw(seen())
    await hand_in(process, store, clock)
    clock.forward(minutes=61)

    shown = await ShowProviders(reader, clock)(HOUR)

    (tink,) = [one for one in shown.providers if one.provider == "tink"]
    assert (tink.since, tink.requests) == (NOON + timedelta(minutes=5), 0)
    clock.forward(minutes=-2)
    shown = await ShowProviders(reader, clock)(HOUR)
    (tink,) = [one for one in shown.providers if one.provider == "tink"]
    assert (tink.since, tink.requests) == (NOON, 1)
