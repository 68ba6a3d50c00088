"""Everything that connections touches, held in the hand."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from adapters.memory.bank import MemoryBank
from adapters.memory.connections.begin import BeginMemoryConnectionsTx, BeginMemoryHouseTx
from adapters.memory.connections.reader import MemoryConnectionsReader
from adapters.memory.connections.repositories import MemoryLinkedUp
from adapters.memory.connections.rows import ACCESSES, ATTEMPTS, CONNECTIONS
from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from adapters.memory.feeds.updates import UPDATES, MemoryReceivedUpdates
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.jobs.rows import JOBS, OUTBOX, UNFINISHED, JobRow
from application.connections.banks import Banks
from application.connections.complete_link import CompleteLink, CompleteLinkCommand
from application.connections.consent.find_due import FindDueConsents
from application.connections.consent.jobs import (
    FindDueConsentsJob,
    LookAtConsentJob,
    RevokeFormerJob,
)
from application.connections.consent.look_at import LookAtConsent
from application.connections.consent.revoke_former import RevokeFormer
from application.connections.disconnect import Disconnect, DisconnectCommand, Disconnecting
from application.connections.find_out_of_step import FindOutOfStep
from application.connections.gateway import BankGateway
from application.connections.jobs import (
    FindOutOfStepJob,
    KeepInStepJob,
    PurgeRawPagesJob,
    RevokeConnectionJob,
    SyncConnectionJob,
)
from application.connections.keep_in_step import KeepInStep
from application.connections.keep_link import KeepLink, LinkReport
from application.connections.link_states import LinkStates
from application.connections.ports import BeginConnectionsTx
from application.connections.purge_raw_pages import PurgeRawPages
from application.connections.request_sync import RequestSync, RequestSyncCommand
from application.connections.revoke_connection import RevokeConnection
from application.connections.rhythm import Rhythm
from application.connections.start_link import (
    Attempting,
    StartedLink,
    StartLink,
    StartLinkCommand,
)
from application.connections.start_renewal import StartRenewal, StartRenewalCommand
from application.connections.sync_connection import SyncConnection, SyncLimits
from application.connections.sync_setback import SyncSetback
from application.shared.jobs import Job, JobState, Lease, LeasedJob
from domain.connections.attempt import Attempt
from domain.connections.connection import Connection
from domain.connections.provider import Provider
from domain.shared.events import Event
from domain.shared.ids import ConnectionId, FeedId, JobId, UserId
from domain.shared.observations import Observations
from domain.shared.secret import Secret
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedChance, CountedIds, FixedClock
from tests.support.mortal import Fate, Mortal, mortal_begin

ANNA = UserId(UUID(int=1))
BJORN = UserId(UUID(int=2))

Handler = Callable[[Any, Lease], Awaitable[object]]


@dataclass(slots=True)
class World:
    clock: FixedClock = field(default_factory=FixedClock)
    bank: MemoryBank = field(default_factory=MemoryBank)
    limits: SyncLimits = field(default_factory=SyncLimits)
    rhythm: Rhythm = field(default_factory=Rhythm)
    database: MemoryDatabase = field(init=False)
    begin: BeginConnectionsTx = field(init=False)
    gateway: BankGateway = field(init=False)
    states: LinkStates = field(init=False)

    def __post_init__(self) -> None:
        self.database = MemoryDatabase(self.clock, CountedIds())
        self.states = LinkStates(CountedChance(), GlassCipher())
        self.live_on()

    def live_on(self) -> None:
        self.begin = BeginMemoryConnectionsTx(self.database)
        self.gateway = self.bank

    def live_for(self, steps: int) -> Fate:
        """Have the process end after so many steps; `live_on` is the next one."""
        fate = Fate(steps)
        self.begin = cast(
            "BeginConnectionsTx", mortal_begin(BeginMemoryConnectionsTx(self.database), fate)
        )
        self.gateway = cast("BankGateway", Mortal(self.bank, fate))
        return fate

    # What a person does.

    async def start(self, person: UserId = ANNA) -> StartedLink:
        return await StartLink(self.attempting)(StartLinkCommand(person, Provider.TINK))

    async def come_back(
        self, state: Secret, person: UserId = ANNA, **parameters: str
    ) -> LinkReport:
        brought = parameters or {"credentials_id": "c-1"}
        return await self.complete(CompleteLinkCommand(person, Provider.TINK, state, brought))

    async def link(self, person: UserId = ANNA) -> Connection:
        started = await self.start(person)
        report = await self.come_back(started.state, person)
        return self.connection(report.connection.id)

    async def renew(self, connection_id: ConnectionId) -> StartedLink:
        return await StartRenewal(self.begin, self.attempting)(
            StartRenewalCommand(ANNA, connection_id)
        )

    async def ask_for_sync(self, connection_id: ConnectionId, person: UserId = ANNA) -> JobId:
        requested = await RequestSync(self.begin, self.clock)(
            RequestSyncCommand(person, connection_id)
        )
        return requested.job_id

    async def disconnect(
        self, connection_id: ConnectionId, *, erase: bool = False
    ) -> Disconnecting:
        return await Disconnect(self.begin)(DisconnectCommand(ANNA, connection_id, erase))

    # What the house does.

    async def work(self) -> list[object]:
        """Run every job that is due now, and those that they bring; returns their reports."""
        reports: list[object] = []
        while claimed := await self.board.claim(1):
            reports.append(await self.run(claimed[0]))
        return reports

    async def claim(self) -> LeasedJob:
        (claimed,) = await self.board.claim(1)
        return claimed

    async def run(self, claimed: LeasedJob) -> object:
        job_type, handler = self.handlers[claimed.name]
        return await handler(job_type(**claimed.payload), claimed.lease)

    async def survive(self) -> None:
        """A new process takes over what the one that ended has left, and finishes it."""
        self.live_on()
        self.clock.forward(seconds=31)
        await self.board.sweep()
        await self.work()

    async def again(self, claimed: LeasedJob) -> LeasedJob:
        """The job is given back after a failure and claimed once more."""
        await self.board.retry(claimed.lease, self.clock.now(), "test")
        return await self.claim()

    @property
    def board(self) -> MemoryJobBoard:
        return MemoryJobBoard(self.database.tables, self.clock)

    @property
    def handlers(self) -> Mapping[str, tuple[type[Job], Handler]]:
        listed: tuple[tuple[type[Job], Handler], ...] = (
            (SyncConnectionJob, self.sync),
            (KeepInStepJob, KeepInStep(self.begin, self.clock, self.rhythm)),
            (FindOutOfStepJob, self.find_out_of_step),
            (RevokeConnectionJob, RevokeConnection(self.begin, self.banks, self.clock)),
            (PurgeRawPagesJob, PurgeRawPages(self.begin, self.clock)),
            (FindDueConsentsJob, FindDueConsents(self.begin_house, self.clock)),
            (LookAtConsentJob, LookAtConsent(self.begin, self.clock)),
            (RevokeFormerJob, RevokeFormer(self.begin, self.banks)),
        )
        return {job_type.name: (job_type, handler) for job_type, handler in listed}

    @property
    def begin_house(self) -> BeginMemoryHouseTx:
        return BeginMemoryHouseTx(self.database)

    @property
    def find_out_of_step(self) -> FindOutOfStep:
        linked = MemoryLinkedUp(self.database.tables)
        return FindOutOfStep(BeginMemoryHouseTx(self.database), linked, self.clock, self.rhythm)

    @property
    def banks(self) -> Banks:
        return Banks(dict.fromkeys(Provider, self.gateway))

    @property
    def attempting(self) -> Attempting:
        return Attempting(self.begin, self.banks, self.states, self.clock, self.database.ids)

    @property
    def complete(self) -> CompleteLink:
        keep = KeepLink(self.begin, self.clock, self.database.ids, self.rhythm)
        return CompleteLink(self.begin, self.banks, self.states, keep, self.clock)

    @property
    def sync(self) -> SyncConnection:
        setback = SyncSetback(self.begin, self.clock)
        return SyncConnection(self.begin, self.banks, setback, self.clock, self.limits, self.rhythm)

    @property
    def reader(self) -> MemoryConnectionsReader:
        return MemoryConnectionsReader(self.database.tables, self.clock)

    # What is there afterwards.

    def connection(self, connection_id: ConnectionId) -> Connection:
        return self.database.tables.of(CONNECTIONS)[connection_id]

    @property
    def connections(self) -> list[Connection]:
        return list(self.database.tables.of(CONNECTIONS).values())

    @property
    def attempt(self) -> Attempt:
        """The newest one."""
        return list(self.database.tables.of(ATTEMPTS).values())[-1]

    @property
    def accesses(self) -> Mapping[ConnectionId, Secret]:
        return self.database.tables.of(ACCESSES)

    @property
    def events(self) -> list[Event]:
        return list(self.database.tables.of(OUTBOX).values())

    @property
    def unfinished_jobs(self) -> list[JobRow]:
        rows = self.database.tables.of(JOBS).values()
        return [row for row in rows if row.state in UNFINISHED]

    def jobs(self, job_type: type[Job]) -> list[JobRow]:
        return [row for row in self.unfinished_jobs if row.name == job_type.name]

    def lose_jobs(self, job_type: type[Job]) -> None:
        """They used up their attempts."""
        rows = self.database.tables.of(JOBS)
        for row in self.jobs(job_type):
            rows[row.id] = JobRow(
                id=row.id,
                name=row.name,
                payload=row.payload,
                state=JobState.DEAD,
                run_at=row.run_at,
                created_at=row.created_at,
                unique=row.unique,
                finished_at=self.clock.now(),
            )

    def audited(self, person: UserId = ANNA) -> list[str]:
        return [entry.action for entry in self.database.tables.of(AUDIT_CHAINS).get(person, ())]

    async def received(self, feed_id: FeedId, number: int) -> list[Observations] | None:
        """What the ledger is given as update `number`."""
        updates = MemoryReceivedUpdates(self.database.tables, ANNA)
        found = await updates.find(feed_id, number)
        return None if found is None else [page async for page in updates.pages(found)]

    def raw_kept(self) -> str:
        """Every page that is still there as it came."""
        rows = self.database.tables.of(UPDATES).values()
        return "".join(page.raw.decode() for row in rows for page in row.pages)

    def updates_kept(self) -> int:
        return len(self.database.tables.of(UPDATES))
