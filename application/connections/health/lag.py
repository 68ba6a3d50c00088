from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from application.connections.health.ports import Lag
from domain.connections.connection import Connection
from domain.connections.latency import AGES, age_bucket
from domain.connections.provider import Provider


@dataclass(slots=True)
class _Count:
    connections: int = 0
    never: int = 0
    behind: int = 0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(AGES) + 1))


@dataclass(slots=True)
class LagTally:
    """Adds up, connection by connection, how long ago each was last read well."""

    every: timedelta
    counts: dict[Provider, _Count] = field(
        default_factory=lambda: {provider: _Count() for provider in Provider}
    )

    def add(self, connections: Sequence[Connection], now: datetime) -> None:
        for one in connections:
            if not one.may_be_read:
                continue
            count = self.counts[one.provider]
            count.connections += 1
            count.behind += one.is_behind(now, self.every)
            if one.synced_at is None:
                count.never += 1
            else:
                count.buckets[age_bucket(now - one.synced_at)] += 1

    def lags(self, now: datetime) -> Sequence[Lag]:
        return tuple(
            Lag(provider, now, one.connections, one.never, one.behind, tuple(one.buckets))
            for provider, one in self.counts.items()
        )
