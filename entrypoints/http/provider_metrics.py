"""The providers' figures for Prometheus: of all processes together, as they were last fetched."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from typing_extensions import override

from application.connections.health.ports import SYNC, Cell, HouseFigures
from application.connections.health.show_providers import NOT_SENT, OK, TOKEN_ENDPOINTS
from domain.connections.latency import AGES, BOUNDS_S, BUCKETS, added

_EMPTY: Final[tuple[int, ...]] = (0,) * BUCKETS


@dataclass(slots=True, eq=False)
class ProviderMetrics(Collector):
    """Asks nobody when it is scraped: somebody puts the figures here by and by.

    Every API process shows the same figures of the whole house: take one of them, or their
    maximum, never their sum.
    """

    figures: HouseFigures = field(default_factory=HouseFigures)
    _written: tuple[HouseFigures, bytes] | None = None

    def text(self) -> bytes:
        """In Prometheus' format, written out once for each time that figures came."""
        if self._written is None or self._written[0] is not self.figures:
            registry = CollectorRegistry()
            registry.register(self)
            self._written = self.figures, generate_latest(registry)
        return self._written[1]

    @override
    def collect(self) -> Iterator[Metric]:
        calls = [one for one in self.figures.cells if one.endpoint != SYNC]
        syncs = [one for one in self.figures.cells if one.endpoint == SYNC]
        yield from _calls(calls)
        yield from _syncs(syncs)
        yield self._circuits()
        yield from self._lags()
        yield from self._queue()

    def _circuits(self) -> Metric:
        found = GaugeMetricFamily(
            "daler_provider_circuit",
            "Processes by how their circuit breaker to a provider stands.",
            labels=("provider", "state"),
        )
        counts: dict[tuple[str, str], int] = defaultdict(int)
        for one in self.figures.circuits:
            counts[one.provider, one.state] += 1
        for labels, count in sorted(counts.items()):
            found.add_metric(labels, count)
        return found

    def _lags(self) -> Iterator[Metric]:
        read = GaugeMetricFamily(
            "daler_connections_read_within",
            "Connections last read well within so many hours, as the hourly round found them.",
            labels=("provider", "hours"),
        )
        behind = GaugeMetricFamily(
            "daler_connections_behind", "Connections that are late.", labels=("provider",)
        )
        for lag in self.figures.lags:
            if lag.connections == 0:
                continue  # nothing is known of none
            seen = 0
            for age, count in zip(AGES, lag.buckets, strict=False):
                seen += count
                read.add_metric((lag.provider, f"{age.total_seconds() / 3600:g}"), seen)
            read.add_metric((lag.provider, "+Inf"), sum(lag.buckets))
            behind.add_metric((lag.provider,), lag.behind)
        yield read
        yield behind

    def _queue(self) -> Iterator[Metric]:
        now = self.figures.at
        waiting = GaugeMetricFamily(
            "daler_jobs_waiting", "Jobs that are due and not taken up.", labels=("job",)
        )
        oldest = GaugeMetricFamily(
            "daler_jobs_oldest_wait_seconds", "How long the first of them waits.", labels=("job",)
        )
        open_wishes = GaugeMetricFamily(
            "daler_syncs_open", "Syncs wished for and not done.", labels=("provider",)
        )
        lag = GaugeMetricFamily(
            "daler_sync_oldest_wish_seconds",
            "How long the oldest of them has been wished for.",
            labels=("provider",),
        )
        for one in self.figures.waiting:
            waiting.add_metric((one.job,), one.count)
            oldest.add_metric((one.job,), _age(one.oldest_at, now))
        for wish in self.figures.wishes:
            open_wishes.add_metric((wish.provider or "",), wish.count)
            lag.add_metric((wish.provider or "",), _age(wish.oldest_at, now))
        yield from (waiting, oldest, open_wishes, lag)


def _calls(cells: Sequence[Cell]) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "daler_provider_requests",
        "Tries to call a provider, by how they ended.",
        labels=("provider", "endpoint", "outcome"),
    )
    refreshes = CounterMetricFamily(
        "daler_provider_token_refreshes", "Tokens that providers gave us.", labels=("provider",)
    )
    tokens: dict[str, int] = defaultdict(int)
    for one in cells:
        requests.add_metric((one.provider, one.endpoint, one.outcome), one.count)
        if one.endpoint in TOKEN_ENDPOINTS and one.outcome == OK:
            tokens[one.provider] += one.count
    for provider, count in sorted(tokens.items()):
        refreshes.add_metric((provider,), count)
    yield requests
    yield refreshes
    yield _histogram(
        "daler_provider_request_seconds",
        "How long providers took to answer.",
        ("provider", "endpoint"),
        [one for one in cells if one.outcome not in NOT_SENT],
    )


def _syncs(cells: Sequence[Cell]) -> Iterator[Metric]:
    runs = CounterMetricFamily(
        "daler_syncs", "Runs of syncs, by how they ended.", labels=("provider", "outcome")
    )
    for one in cells:
        runs.add_metric((one.provider, one.outcome), one.count)
    yield runs
    yield _histogram("daler_sync_seconds", "How long runs of syncs took.", ("provider",), cells)


def _histogram(name: str, words: str, labels: tuple[str, ...], cells: Sequence[Cell]) -> Metric:
    found = HistogramMetricFamily(name, words, labels=labels)
    sums: dict[tuple[str, ...], tuple[tuple[int, ...], float]] = {}
    for one in cells:
        if len(one.buckets) != BUCKETS:
            continue  # counted by a version with other bounds
        key = (one.provider, one.endpoint)[: len(labels)]
        buckets, seconds = sums.get(key, (_EMPTY, 0.0))
        sums[key] = (added(buckets, one.buckets), seconds + one.seconds)
    for key, (buckets, seconds) in sorted(sums.items()):
        found.add_metric(key, _cumulative(buckets), sum_value=seconds)
    return found


def _cumulative(buckets: Sequence[int]) -> list[tuple[str, float]]:
    seen, listed = 0, []
    for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), buckets, strict=True):
        seen += count
        listed.append((bound, float(seen)))
    return listed


def _age(since: datetime, now: datetime | None) -> float:
    return 0.0 if now is None else max((now - since).total_seconds(), 0.0)
