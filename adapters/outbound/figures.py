"""What this process has seen of providers, counted in memory until somebody fetches it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from typing_extensions import override

from adapters.outbound.breaker import OPEN_S
from adapters.outbound.call import Circuit, OutboundObserver, Seen
from application.connections.health.ports import SYNC, Cell, CircuitSeen, SyncMeter
from application.shared.clock import Clock
from domain.connections.latency import BUCKETS, bucket_of
from domain.connections.provider import Provider
from domain.connections.runs import RunOutcome

_OPEN: Final = timedelta(seconds=OPEN_S)


@dataclass(slots=True)
class _Count:
    count: int = 0
    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * BUCKETS)


@dataclass(slots=True)
class _Stands:
    state: Circuit
    since: datetime


@dataclass(slots=True)
class ProcessFigures(OutboundObserver, SyncMeter):
    """Everything happens on one loop, between two awaits: no lock is needed, and none is taken.

    There are as many counts as endpoints and ways to end: a few dozen, whatever happens.
    """

    clock: Clock
    process: str
    """A name of this process that no other has."""
    counts: dict[tuple[str, str, str], _Count] = field(default_factory=dict)
    circuits: dict[str, _Stands] = field(default_factory=dict)

    @override
    def saw(self, seen: Seen) -> None:
        self._add(seen.provider, seen.endpoint, seen.outcome, seen.seconds)
        stands = self.circuits.get(seen.provider)
        if stands is None or stands.state is not seen.circuit:
            self.circuits[seen.provider] = _Stands(seen.circuit, self.clock.now())

    @override
    def ended(self, provider: Provider, outcome: RunOutcome, seconds: float) -> None:
        self._add(provider, SYNC, outcome, seconds)

    def fetch(self) -> tuple[Sequence[Cell], Sequence[CircuitSeen]]:
        """What was counted since the last time, in a fixed order; counting begins anew."""
        counts, self.counts = self.counts, {}
        cells = [
            Cell(*key, one.count, one.seconds, tuple(one.buckets))
            for key, one in sorted(counts.items())
        ]
        return cells, self._circuits()

    def put_back(self, cells: Sequence[Cell]) -> None:
        """They could not be kept anywhere: count them with the next ones."""
        for cell in cells:
            count = self.counts.setdefault((cell.provider, cell.endpoint, cell.outcome), _Count())
            count.count += cell.count
            count.seconds += cell.seconds
            count.buckets = [a + b for a, b in zip(count.buckets, cell.buckets, strict=True)]

    def _circuits(self) -> Sequence[CircuitSeen]:
        now = self.clock.now()
        return [
            CircuitSeen(self.process, provider, _state(one, now), one.since, now)
            for provider, one in sorted(self.circuits.items())
        ]

    def _add(self, provider: str, endpoint: str, outcome: str, seconds: float) -> None:
        key = (str(provider), endpoint, str(outcome))
        count = self.counts.get(key)
        if count is None:
            count = self.counts[key] = _Count()
        count.count += 1
        count.seconds += seconds
        count.buckets[bucket_of(seconds)] += 1


def _state(stands: _Stands, now: datetime) -> Circuit:
    """A breaker opens by time alone, which nobody reports: the next call will be a probe."""
    if stands.state is Circuit.OPEN and now - stands.since >= _OPEN:
        return Circuit.HALF_OPEN
    return stands.state
