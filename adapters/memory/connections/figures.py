from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from typing_extensions import override

from adapters.memory.connections.runs import LAGS
from adapters.memory.jobs.rows import JOBS, UNFINISHED, JobRow
from adapters.memory.tables import MemoryTables
from application.connections.health.ports import (
    Cell,
    CircuitSeen,
    FiguresReader,
    FiguresStore,
    HouseFigures,
    OpenWishes,
    Waiting,
)
from application.connections.jobs import SyncConnectionJob
from application.shared.clock import Clock
from application.shared.jobs import JobState
from domain.connections.latency import added
from domain.connections.provider import Provider


@dataclass(slots=True)
class MemoryFigures(FiguresStore, FiguresReader):
    tables: MemoryTables
    clock: Clock
    noted: list[tuple[datetime, Cell]] = field(default_factory=list)
    circuits: dict[tuple[str, str], CircuitSeen] = field(default_factory=dict)

    @override
    async def add(
        self, cells: Sequence[Cell], circuits: Sequence[CircuitSeen], at: datetime
    ) -> None:
        self.noted += [(at, cell) for cell in cells]
        self.circuits |= {(one.process, one.provider): one for one in circuits}

    @override
    async def since(self, at: datetime) -> HouseFigures:
        counted = [cell for noted_at, cell in self.noted if noted_at >= at]
        return replace(self._figures(counted), began=at)

    @override
    async def ever(self) -> HouseFigures:
        return self._figures([cell for _, cell in self.noted])

    def _figures(self, cells: Sequence[Cell]) -> HouseFigures:
        now = self.clock.now()
        jobs = [row for row in self.tables.of(JOBS).values() if row.state in UNFINISHED]
        due = [row for row in jobs if row.state is JobState.READY and row.run_at <= now]
        syncs = [row for row in jobs if row.name == SyncConnectionJob.name]
        return HouseFigures(
            cells=_together(cells),
            circuits=tuple(self.circuits.values()),
            waiting=[_waiting(name, due) for name in sorted({row.name for row in due})],
            wishes=[_wishes(one, syncs) for one in {row.payload.get("provider") for row in syncs}],
            lags=tuple(self.tables.of(LAGS).values()),
            at=now,
        )


def _together(cells: Sequence[Cell]) -> Sequence[Cell]:
    sums: dict[tuple[str, str, str], Cell] = {}
    for cell in cells:
        key = (cell.provider, cell.endpoint, cell.outcome)
        before = sums.get(key)
        sums[key] = cell
        if before is not None:
            sums[key] = Cell(
                *key,
                before.count + cell.count,
                before.seconds + cell.seconds,
                added(before.buckets, cell.buckets),
            )
    return [sums[key] for key in sorted(sums)]


def _waiting(name: str, due: Sequence[JobRow]) -> Waiting:
    since = [max(row.run_at, row.created_at) for row in due if row.name == name]
    return Waiting(name, len(since), min(since))


def _wishes(provider: Provider | None, syncs: Sequence[JobRow]) -> OpenWishes:
    since = [row.created_at for row in syncs if row.payload.get("provider") == provider]
    return OpenWishes(provider, len(since), min(since))
