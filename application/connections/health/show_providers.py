"""How the providers are doing, for administrators: from counts of all processes, nobody's data."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.connections.health.ports import (
    SYNC,
    Cell,
    CircuitSeen,
    FiguresReader,
    HouseFigures,
    Lag,
)
from application.shared.clock import Clock
from domain.connections.latency import AGES, BUCKETS, added, percentile
from domain.connections.provider import Provider, ProviderUnknownError
from domain.connections.runs import FAILURES, RunOutcome

OUTSIDE: Final = (*Provider, "bankid", "norges_bank")
"""Everybody outside whom we call."""
TOKEN_ENDPOINTS: Final = frozenset({"/api/v1/oauth/token", "/token"})
OK: Final = "ok"
NOT_SENT: Final = frozenset({"spared", "postponed"})
"""Ways to end of what never left this house: no requests, but told among the errors."""
WORST_FIRST: Final = ("open", "half_open", "closed")


@dataclass(frozen=True, slots=True)
class Spread:
    """Of all tries that were answered, or waited for in vain."""

    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, slots=True)
class EndpointHealth:
    endpoint: str
    """Its template, never what was asked for."""
    requests: int
    """Tries that went out."""
    errors: Mapping[str, int]
    """By type; `spared` and `postponed` never went out. An answer that was expected is none."""
    took: Spread


@dataclass(frozen=True, slots=True)
class CircuitHealth:
    """The circuit breaker. Each process has its own, and meets the provider by itself."""

    state: str
    """The worst of all."""
    processes: Mapping[str, int]
    """How many stand how."""
    since: datetime | None
    """When the worst one came to stand so."""


@dataclass(frozen=True, slots=True)
class LagHealth:
    """How long ago connections were last read well, as the hourly round counted."""

    counted_at: datetime
    connections: int
    """That may be read at all."""
    never: int
    """Linked, and never read yet."""
    behind: int
    """A wish is open, or the rhythm is late."""
    within: Mapping[str, int]
    """So many within 6 h, 24 h and so on; each includes those before it."""


@dataclass(frozen=True, slots=True)
class SyncHealth:
    runs: int
    succeeded: int
    success_share: float | None
    """Of those that ended well or failed, from 0 to 1; waiting for others is neither. None: there
    were none of either."""
    outcomes: Mapping[str, int]
    took: Spread
    open_wishes: int
    oldest_wish_s: float | None
    """How long the wish has been open that nobody has served for longest."""
    lag: LagHealth | None
    """None until a round has found one that may be read."""


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    provider: str
    since: datetime
    """When what is counted began. Restarts end no count: processes keep theirs together."""
    requests: int
    errors: Mapping[str, int]
    took: Spread
    token_refreshes: int
    circuit: CircuitHealth
    syncs: SyncHealth | None
    """None where nothing is synced."""


@dataclass(frozen=True, slots=True)
class ProviderDetails(ProviderHealth):
    endpoints: Sequence[EndpointHealth]


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """Jobs that are due and that nobody has taken up."""

    job: str
    waiting: int
    oldest_wait_s: float


@dataclass(frozen=True, slots=True)
class ProvidersHealth:
    providers: Sequence[ProviderHealth]
    queue: Sequence[QueueHealth]


@dataclass(frozen=True, slots=True)
class ShowProviders:
    figures: FiguresReader
    clock: Clock

    async def __call__(self, within: timedelta) -> ProvidersHealth:
        now = self.clock.now()
        found = await self.figures.since(now - within)
        return ProvidersHealth(
            [_health(name, found, found.began or now - within, now) for name in OUTSIDE],
            [
                QueueHealth(one.job, one.count, _seconds(now - one.oldest_at))
                for one in found.waiting
            ],
        )


@dataclass(frozen=True, slots=True)
class ShowProvider:
    figures: FiguresReader
    clock: Clock

    async def __call__(self, name: str, within: timedelta) -> ProviderDetails:
        """Raises ProviderUnknownError."""
        if name not in OUTSIDE:
            raise ProviderUnknownError(name, OUTSIDE)
        now = self.clock.now()
        found = await self.figures.since(now - within)
        whole = _health(name, found, found.began or now - within, now)
        cells = _calls(found, name)
        return ProviderDetails(
            provider=whole.provider,
            since=whole.since,
            requests=whole.requests,
            errors=whole.errors,
            took=whole.took,
            token_refreshes=whole.token_refreshes,
            circuit=whole.circuit,
            syncs=whole.syncs,
            endpoints=[
                _endpoint(endpoint, [one for one in cells if one.endpoint == endpoint])
                for endpoint in sorted({one.endpoint for one in cells})
            ],
        )


def _health(name: str, found: HouseFigures, since: datetime, now: datetime) -> ProviderHealth:
    cells = _calls(found, name)
    whole = _endpoint("", cells)
    refreshed = (one for one in cells if one.endpoint in TOKEN_ENDPOINTS and one.outcome == OK)
    synced = next((one for one in Provider if one == name), None)
    return ProviderHealth(
        provider=name,
        since=since,
        requests=whole.requests,
        errors=whole.errors,
        took=whole.took,
        token_refreshes=sum(one.count for one in refreshed),
        circuit=_circuit([one for one in found.circuits if one.provider == name]),
        syncs=None if synced is None else _syncs(synced, found, now),
    )


def _calls(found: HouseFigures, name: str) -> Sequence[Cell]:
    return [one for one in found.cells if one.provider == name and one.endpoint != SYNC]


def _endpoint(endpoint: str, cells: Sequence[Cell]) -> EndpointHealth:
    return EndpointHealth(
        endpoint,
        sum(one.count for one in cells if one.outcome not in NOT_SENT),
        _tally(one for one in cells if one.outcome != OK),
        spread_of(cells, lambda one: one.outcome not in NOT_SENT),
    )


def _syncs(provider: Provider, found: HouseFigures, now: datetime) -> SyncHealth:
    cells = [one for one in found.cells if (one.provider, one.endpoint) == (provider, SYNC)]
    outcomes = _tally(cells)
    well = outcomes.get(RunOutcome.SYNCED, 0)
    badly = sum(outcomes.get(one, 0) for one in FAILURES)
    wish = next((one for one in found.wishes if one.provider is provider), None)
    lag = next((one for one in found.lags if one.provider is provider), None)
    return SyncHealth(
        runs=sum(outcomes.values()),
        succeeded=well,
        success_share=round(well / (well + badly), 4) if well + badly else None,
        outcomes=outcomes,
        took=spread_of(cells, lambda one: one.outcome == RunOutcome.SYNCED),
        open_wishes=wish.count if wish else 0,
        oldest_wish_s=_seconds(now - wish.oldest_at) if wish else None,
        lag=None if lag is None or lag.connections == 0 else _lag(lag),
    )


def _circuit(seen: Sequence[CircuitSeen]) -> CircuitHealth:
    states = Counter(one.state for one in seen)
    worst = next((one for one in WORST_FIRST if states[one]), "closed")
    since = min((one.since for one in seen if one.state == worst), default=None)
    return CircuitHealth(worst, dict(states), since)


def _lag(lag: Lag) -> LagHealth:
    within, seen = {}, 0
    for age, count in zip(AGES, lag.buckets, strict=False):
        seen += count
        within[f"{round(age.total_seconds() / 3600)}h"] = seen
    return LagHealth(lag.counted_at, lag.connections, lag.never, lag.behind, within)


def _tally(cells: Iterable[Cell]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for one in cells:
        counts[one.outcome] += one.count
    return dict(sorted(counts.items()))


def spread_of(cells: Sequence[Cell], counts: Callable[[Cell], bool]) -> Spread:
    buckets: tuple[int, ...] = (0,) * BUCKETS
    for one in cells:
        if counts(one) and len(one.buckets) == BUCKETS:
            buckets = added(buckets, one.buckets)
    return Spread(_ms(buckets, 0.5), _ms(buckets, 0.95), _ms(buckets, 0.99))


def _ms(buckets: Sequence[int], share: float) -> float | None:
    seconds = percentile(buckets, share)
    return None if seconds is None else round(seconds * 1000, 1)


def _seconds(span: timedelta) -> float:
    return round(max(span.total_seconds(), 0.0), 1)
