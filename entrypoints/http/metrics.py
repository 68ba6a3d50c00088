"""Figures for Prometheus, in a registry of their own."""

from collections import Counter as Tally
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from application.connections.webhook_ports import WebhookMeter
from domain.connections.provider import Provider

BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
NO_ROUTE: Final = "(none)"


@dataclass(slots=True)
class Meters:
    """Counts requests by route template, never by address: an id in a label lives for ever."""

    registry: CollectorRegistry
    requests: Counter
    durations: Histogram
    in_flight: int = 0
    texts: list[Callable[[], bytes]] = field(default_factory=list)
    _known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = field(default_factory=dict)

    @classmethod
    def fresh(cls) -> "Meters":
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        meters = cls(
            registry,
            Counter(
                "daler_http_requests",
                "Requests answered.",
                ("route", "method", "status"),
                registry=registry,
            ),
            Histogram(
                "daler_http_request_seconds",
                "From the first byte of the request to the end of the answer.",
                ("route", "method"),
                buckets=BUCKETS_S,
                registry=registry,
            ),
        )
        Gauge("daler_http_in_flight", "Requests being answered.", registry=registry).set_function(
            lambda: meters.in_flight
        )
        return meters

    def note(self, route: str, method: str, status: int, seconds: float) -> None:
        key = (route, method, status // 100)
        known = self._known.get(key)
        if known is None:
            # Looking labels up costs more than counting; few triples exist, so they are kept.
            known = self._known[key] = (
                self.requests.labels(route or NO_ROUTE, method, f"{key[2]}xx"),
                self.durations.labels(route or NO_ROUTE, method),
            )
        known[0].inc()
        known[1].observe(seconds)

    def also(self, collector: Collector) -> None:
        """Show what something else counts, too."""
        self.registry.register(collector)

    def also_text(self, text: Callable[[], bytes]) -> None:
        """Show what was written out already, and seldom changes."""
        self.texts.append(text)

    def exposition(self) -> bytes:
        """Prometheus' text format."""
        return b"".join((generate_latest(self.registry), *(text() for text in self.texts)))


@dataclass(slots=True, eq=False)
class WebhookCounts(Collector, WebhookMeter):
    """Of this process: what came, and what became of it."""

    tally: Tally[tuple[str, str]] = field(default_factory=Tally)

    @override
    def count(self, provider: Provider, verdict: str) -> None:
        self.tally[provider, verdict] += 1

    @override
    def collect(self) -> Iterator[CounterMetricFamily]:
        found = CounterMetricFamily(
            "daler_webhooks", "Webhooks by what became of them.", labels=("provider", "verdict")
        )
        for labels, count in sorted(self.tally.items()):
            found.add_metric(labels, count)
        yield found
