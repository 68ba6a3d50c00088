"""Daler, composed over ports that a process may die at: in memory or over PostgreSQL."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Final, Protocol, TypeVar

import punq
from typing_extensions import override

from adapters.mail.letters import jinja_letters
from adapters.memory.ledger.rates import MemoryRates
from adapters.memory.mailbox import MemoryMailbox
from application.audit.ports import AuditChains
from application.connections.banks import Banks
from application.connections.gateway import UpdateChangedError
from application.connections.health.ports import NoMeter, SyncMeter
from application.connections.pace.pace import WhatCounts
from application.connections.pace.pressure import DEFAULT_PRESSURE, Pressure
from application.connections.ports import BeginConnectionsTx, BeginHouseTx
from application.connections.sync_connection import SyncLimits
from application.connections.webhook_ports import AllWebhooks, WebhookMeter
from application.identity.mail.mails import Letters, Mailer
from application.identity.ports import BeginIdentityTx
from application.identity.profile.settings_ports import BeginSettingsTx
from application.jobs.work import Handler, Worker, WorkLog
from application.ledger.imports import BeginImportsTx
from application.ledger.ports import BeginLedgerTx
from application.ledger.rates import BeginRatesTx, Rates
from application.ledger.transfers import BeginTransfersTx
from application.shared.chance import Chance, NewIds
from application.shared.clock import Clock
from application.shared.jobs import (
    Job,
    JobBoard,
    JobState,
    JobView,
    Lease,
    LeasedJob,
    LeaseLostError,
)
from domain.connections.connection import Connection
from domain.shared.errors import UnavailableError
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, JobId, UserId
from domain.shared.secret import Secret
from entrypoints.worker.handlers import HANDLERS, handler_of
from features.composition import ADAPTERS, USE_CASES
from tests.faults.simulation.stage import Begin, Process, Stage, staged
from tests.support.clock import CountedIds, FixedClock
from tests.support.ledger import Books
from tests.support.webhooks import CountedVerdicts, Senders

T = TypeVar("T")

LETTERS: Final = jinja_letters("https://daler.example")

_CLAIMED_MAX: Final = 10_000
"""Jobs of one run; 500 steps take some hundreds. Without an end, a run would have none either."""

BEGINS: Final[tuple[type[Any], ...]] = (
    BeginConnectionsTx, BeginHouseTx, BeginLedgerTx, BeginImportsTx, BeginTransfersTx, BeginRatesTx,
    BeginIdentityTx, BeginSettingsTx,
)  # fmt: skip


Spoilt = Mapping[type[Any], Callable[[Begin], Begin]]
"""Transactions that are not what they should be: a run must see that."""


def _as_it_is(begin: Begin) -> Begin:
    return begin


class Insight(Protocol):
    """What is really there, read past every port; only between the steps."""

    books: Books
    chains: AuditChains

    @abstractmethod
    async def connections(self, person: UserId) -> Sequence[Connection]:
        """Oldest first."""

    @abstractmethod
    async def named(
        self, person: UserId
    ) -> Mapping[AccountId, Sequence[tuple[FeedId, ExternalId]]]:
        """Every feed that has told of each account, and its name for it."""

    @abstractmethod
    async def names(self, person: UserId) -> Mapping[EntryId, Sequence[ExternalId]]:
        """Every name that feeds gave each entry."""

    @abstractmethod
    async def jobs(self) -> Sequence[JobView]:
        """Those that are not done."""

    @abstractmethod
    async def applied(self, person: UserId) -> Mapping[FeedId, tuple[int, int]]:
        """How many updates of each feed are applied, and how many are complete."""

    @abstractmethod
    async def deliveries(self) -> int:
        """How many webhooks are kept."""

    @abstractmethod
    async def tidy(self) -> None:
        """Forget jobs that are done, as the house does."""


@dataclass(frozen=True, slots=True)
class Backend:
    """Ports of one kind, over an empty database."""

    adapters: Mapping[type[Any], type[Any]]
    instances: Mapping[type[Any], object]
    board: JobBoard
    insight: Insight


@dataclass(slots=True)
class DrawnChance(Chance):
    """Jitter of this seed; tokens are counted, they decide nothing."""

    dice: Random
    tokens: int = 0

    @override
    def token(self) -> Secret:
        self.tokens += 1
        return Secret(f"token-{self.tokens:037d}")

    @override
    def share(self) -> float:
        return self.dice.random()


@dataclass(slots=True)
class StrictLog(WorkLog):
    """Providers may fail and leases may be lost; anything else is a fault of ours."""

    failures: int = 0

    @override
    def done(self, job: LeasedJob, seconds: float, report: object) -> None: ...

    @override
    def failed(self, job: LeasedJob, error: BaseException, wait: timedelta | None) -> None:
        self.failures += 1
        if not isinstance(error, UnavailableError | UpdateChangedError | LeaseLostError):
            raise error

    @override
    def trouble(self, error: BaseException) -> None:
        raise error


@dataclass(slots=True)
class StagedBoard:
    """The board as a worker sees it: between any two looks at it, others go on."""

    board: JobBoard
    stage: Stage
    held: dict[int, Lease] = field(default_factory=dict)
    """By the process that holds it."""
    claimed: int = 0

    async def claim(self, limit: int) -> Sequence[LeasedJob]:
        self.stage.step()
        await self.stage.pause()
        jobs = await self.board.claim(limit)
        self.claimed += len(jobs)
        if self.claimed > _CLAIMED_MAX:
            raise AssertionError(f"work brings work for ever: {[one.name for one in jobs]}")
        process = self.stage.current
        for job in jobs:
            if process is not None:
                self.held[id(process)] = job.lease
        self.stage.step()
        return jobs

    async def retry(self, lease: Lease, at: Any, error: str) -> None:  # noqa: ANN401 - a datetime
        await self.board.retry(lease, at, error)

    async def bury(self, lease: Lease, error: str) -> None:
        await self.board.bury(lease, error)

    async def get(self, job_id: JobId) -> JobView:
        return await self.board.get(job_id)


class Handlers(dict[str, Handler]):
    """Composed when a job first needs one: most runs need few."""

    def __init__(self, container: punq.Container) -> None:
        super().__init__()
        self.container = container

    def __missing__(self, name: str) -> Handler:
        job, use_case = next(one for one in HANDLERS.items() if one[0].name == name)
        self[name] = handler_of(job, self.container.resolve(use_case))
        return self[name]


@dataclass(slots=True)
class House:
    """One run's product: use cases, workers, and the moments at which they may die."""

    backend: Backend
    stage: Stage
    clock: FixedClock
    container: punq.Container
    senders: Senders
    chance: DrawnChance
    handlers: Mapping[str, Handler]
    board: StagedBoard
    log: StrictLog = field(default_factory=StrictLog)
    resolved: dict[type[Any], Any] = field(default_factory=dict)

    def the(self, wanted: type[T]) -> T:
        if wanted not in self.resolved:
            self.resolved[wanted] = self.container.resolve(wanted)
        found: T = self.resolved[wanted]
        return found

    def worker(self) -> Worker:
        board: Any = self.board
        return Worker(board, self.handlers, self.clock, self.chance, self.log)

    def lease_of(self, process: Process) -> Lease | None:
        return self.board.held.get(id(process))

    @property
    def insight(self) -> Insight:
        return self.backend.insight

    async def enqueue(self, job: Job) -> None:
        """A chore, as the schedule brings it."""
        begin: Any = self.the(BeginHouseTx)  # type: ignore[type-abstract] # a port
        async with begin() as tx:
            await tx.jobs.enqueue(job, unique=job.name)
            await tx.commit()

    async def unfinished(self) -> Sequence[JobView]:
        return await self.insight.jobs()

    async def dead(self) -> list[JobView]:
        return [one for one in await self.unfinished() if one.state is JobState.DEAD]


def a_house(  # noqa: PLR0917 - what a run is made of
    backend: Backend,
    stage: Stage,
    clock: FixedClock,
    ids: CountedIds,
    dice: Random,
    banks: Banks,
    spoilt: Spoilt,
) -> House:
    senders, chance = Senders(clock), DrawnChance(dice)
    container = punq.Container()
    for port, adapter in {**ADAPTERS, **backend.adapters}.items():
        container.register(port, adapter)
    instances: dict[type[Any], object] = {
        Clock: clock,
        NewIds: ids,
        Chance: chance,
        Banks: banks,
        AllWebhooks: senders.webhooks(),
        WebhookMeter: CountedVerdicts(),
        Rates: MemoryRates(),
        WhatCounts: WhatCounts(),
        Pressure: DEFAULT_PRESSURE,
        SyncMeter: NoMeter(),
        Mailer: MemoryMailbox(),
        Letters: LETTERS,
        SyncLimits: SyncLimits(pages=dice.randrange(1, 5), seconds=1.0),
        **backend.instances,
    }
    for port, instance in instances.items():
        container.register(port, instance=instance)
    for port in BEGINS:
        begin = spoilt.get(port, _as_it_is)(container.resolve(port))
        container.register(port, instance=staged(begin, stage))
    for use_case in USE_CASES:
        container.register(use_case)
    board = StagedBoard(backend.board, stage)
    return House(backend, stage, clock, container, senders, chance, Handlers(container), board)
