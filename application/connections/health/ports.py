"""What is written down of runs, and counted of providers."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from typing_extensions import override

from domain.connections.provider import Provider
from domain.connections.runs import RunOutcome
from domain.connections.wishes import Cause
from domain.shared.ids import ConnectionId, FeedId


@dataclass(frozen=True, slots=True)
class RunEnd:
    outcome: RunOutcome
    at: datetime
    error: str | None = None
    """A stable code."""
    pages: int = 0
    """How many were fetched since it last got on."""
    accounts: int = 0
    transactions: int = 0
    gone: int = 0
    update: int | None = None
    """The number of the update that it completed."""


class SyncRuns(Protocol):
    """The runs of a person's connections; each connection has one that runs, or none."""

    @abstractmethod
    async def begin(
        self, connection_id: ConnectionId, feed_id: FeedId, cause: Cause, at: datetime
    ) -> None:
        """One that is found still running was killed, and ends now, as lost."""

    @abstractmethod
    async def got(self, connection_id: ConnectionId, pages: int) -> None:
        """So many more pages are kept."""

    @abstractmethod
    async def end(self, connection_id: ConnectionId, end: RunEnd) -> datetime | None:
        """When the run began that ends with this; None when none was running."""

    @abstractmethod
    async def forget(self, connection_id: ConnectionId) -> None: ...


class SyncMeter(Protocol):
    """Counts in memory how runs end; costs nothing."""

    @abstractmethod
    def ended(self, provider: Provider, outcome: RunOutcome, seconds: float) -> None: ...


class NoMeter(SyncMeter):
    @override
    def ended(self, provider: Provider, outcome: RunOutcome, seconds: float) -> None:
        return


@dataclass(frozen=True, slots=True)
class Lag:
    """How long ago the connections of one provider were last read well, as the round found them."""

    provider: Provider
    counted_at: datetime
    connections: int
    """That may be read at all."""
    never: int
    """Linked, and never read yet."""
    behind: int
    """A wish is open, or the rhythm is late."""
    buckets: tuple[int, ...]
    """By `AGES`, and one for whatever is older."""


class SyncLags(Protocol):
    @abstractmethod
    async def note(self, lag: Lag) -> None:
        """In place of the one that was noted before."""


SYNC: Final = "sync"
"""Stands where an endpoint would: whole runs, by how they ended."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What ended in one way at one endpoint of one provider, in some time."""

    provider: str
    endpoint: str
    """Its template, or `SYNC`."""
    outcome: str
    count: int
    seconds: float
    """All of them together."""
    buckets: tuple[int, ...]
    """How long each took, by `domain.connections.latency.BOUNDS_S`."""


@dataclass(frozen=True, slots=True)
class CircuitSeen:
    """How one process's circuit breaker to one provider stood when it last looked."""

    process: str
    provider: str
    state: str
    since: datetime
    seen_at: datetime


class FiguresStore(Protocol):
    """Where every process puts its figures together with those of the others."""

    @abstractmethod
    async def add(
        self, cells: Sequence[Cell], circuits: Sequence[CircuitSeen], at: datetime
    ) -> None:
        """What has happened since the last time."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Jobs of one name that are due, and when the one that waits longest came."""

    job: str
    count: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class OpenWishes:
    """Syncs of one provider that are not done yet, those that run or wait for later included."""

    provider: Provider | None
    count: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class HouseFigures:
    """Of all processes together."""

    cells: Sequence[Cell] = ()
    circuits: Sequence[CircuitSeen] = ()
    waiting: Sequence[Waiting] = ()
    wishes: Sequence[OpenWishes] = ()
    lags: Sequence[Lag] = ()
    at: datetime | None = field(default=None)
    began: datetime | None = None
    """From when on the cells count, where that is known: counting is by five minutes."""


class FiguresReader(Protocol):
    @abstractmethod
    async def since(self, at: datetime) -> HouseFigures:
        """What has happened since then, and how things stand now."""

    @abstractmethod
    async def ever(self) -> HouseFigures:
        """Everything that was ever counted: figures that only grow."""
