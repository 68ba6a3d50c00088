"""What Prometheus is shown of providers and of the queue."""

from datetime import timedelta

from adapters.memory.connections.figures import MemoryFigures
from adapters.memory.tables import MemoryTables
from adapters.outbound.call import Circuit, Outcome, Seen
from adapters.outbound.figures import ProcessFigures
from application.connections.health.ports import HouseFigures, Lag, OpenWishes, Waiting
from domain.connections.latency import AGES
from domain.connections.provider import Provider
from domain.connections.runs import RunOutcome
from entrypoints.http.metrics import Meters
from entrypoints.http.provider_metrics import ProviderMetrics
from tests.support.clock import NOON, FixedClock

FEED = "/data/v2/transactions"


def shown(figures: HouseFigures) -> list[str]:
    meters = Meters.fresh()
    meters.also_text(ProviderMetrics(figures).text)
    lines = meters.exposition().decode().splitlines()
    return [line for line in lines if line.startswith("daler_")]


async def test_calls_are_counted_by_endpoint_and_how_they_ended() -> None:
    clock = FixedClock()
    process, kept = ProcessFigures(clock, "one"), MemoryFigures(MemoryTables(), clock)
    for seconds in (0.02, 0.2, 0.2):
        process.saw(Seen("tink", FEED, Outcome.OK, seconds))
    process.saw(Seen("tink", FEED, Outcome.SPARED, 0.0, circuit=Circuit.OPEN))
    process.saw(Seen("tink", "/api/v1/oauth/token", Outcome.OK, 0.1, circuit=Circuit.OPEN))
    process.ended(Provider.TINK, RunOutcome.SYNCED, 2.0)
    await kept.add(*process.fetch(), clock.now())

    lines = shown(await kept.ever())

    labels = f'endpoint="{FEED}",outcome="ok",provider="tink"'
    assert f"daler_provider_requests_total{{{labels}}} 3.0" in lines
    assert 'daler_provider_token_refreshes_total{provider="tink"} 1.0' in lines
    bucket = f'endpoint="{FEED}",le="0.025",provider="tink"'
    assert f"daler_provider_request_seconds_bucket{{{bucket}}} 1.0" in lines
    # What never went out took no time of anybody's.
    count = f'endpoint="{FEED}",provider="tink"'
    assert f"daler_provider_request_seconds_count{{{count}}} 3.0" in lines
    assert 'daler_provider_circuit{provider="tink",state="open"} 1.0' in lines
    assert 'daler_syncs_total{outcome="synced",provider="tink"} 1.0' in lines


def test_the_queue_shows_its_depth_and_who_waits_longest() -> None:
    lines = shown(
        HouseFigures(
            waiting=(Waiting("connections.sync", 7, NOON - timedelta(seconds=90)),),
            wishes=(OpenWishes(Provider.PLAID, 9, NOON - timedelta(minutes=5)),),
            at=NOON,
        )
    )

    assert 'daler_jobs_waiting{job="connections.sync"} 7.0' in lines
    assert 'daler_jobs_oldest_wait_seconds{job="connections.sync"} 90.0' in lines
    assert 'daler_syncs_open{provider="plaid"} 9.0' in lines
    assert 'daler_sync_oldest_wish_seconds{provider="plaid"} 300.0' in lines


def test_how_long_ago_everybody_was_read_is_a_distribution() -> None:
    buckets = (4, 3, *[0] * (len(AGES) - 2), 1)
    lines = shown(HouseFigures(lags=(Lag(Provider.TINK, NOON, 9, 1, 2, buckets),)))

    assert 'daler_connections_read_within{hours="1",provider="tink"} 4.0' in lines
    assert 'daler_connections_read_within{hours="6",provider="tink"} 7.0' in lines
    assert 'daler_connections_read_within{hours="+Inf",provider="tink"} 8.0' in lines
    assert 'daler_connections_behind{provider="tink"} 2.0' in lines


def test_nothing_is_said_of_a_provider_through_whom_nobody_is_linked() -> None:
    lines = shown(HouseFigures(lags=(Lag(Provider.TINK, NOON, 0, 0, 0, (0,) * (len(AGES) + 1)),)))

    assert not [line for line in lines if line.startswith("daler_connections")]


def test_before_the_first_figures_there_is_nothing_wrong() -> None:
    assert not [line for line in shown(HouseFigures()) if line.startswith("daler_provider")]


def test_a_scrape_writes_nothing_out_that_has_not_changed() -> None:
    metrics = ProviderMetrics(HouseFigures(at=NOON))

    first = metrics.text()
    assert metrics.text() is first
    metrics.figures = HouseFigures(
        waiting=(Waiting("connections.sync", 1, NOON),), at=NOON + timedelta(seconds=15)
    )
    assert b'daler_jobs_waiting{job="connections.sync"} 1.0' in metrics.text()
