"""The in-memory world of bank links, wired by punq from constructor annotations alone."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

import punq

from adapters.memory.bank import MemoryBank
from adapters.memory.connections.begin import BeginMemoryConnectionsTx, BeginMemoryHouseTx
from adapters.memory.connections.reader import MemoryConnectionsReader
from adapters.memory.database import MemoryDatabase
from adapters.memory.feeds.updates import MemoryReceivedUpdates
from adapters.memory.jobs.board import MemoryJobBoard
from application.connections.banks import Banks
from application.connections.complete_link import CompleteLink
from application.connections.disconnect import Disconnect
from application.connections.find_out_of_step import FindOutOfStep
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
from application.connections.ports import BeginConnectionsTx, BeginHouseTx
from application.connections.purge_raw_pages import PurgeRawPages
from application.connections.request_sync import RequestSync
from application.connections.revoke_connection import RevokeConnection
from application.connections.rhythm import Rhythm
from application.connections.start_link import Attempting, StartLink
from application.connections.start_renewal import StartRenewal
from application.connections.sync_connection import SyncConnection, SyncLimits
from application.connections.sync_setback import SyncSetback
from application.connections.views import ConnectionsReader, ConnectionView
from application.shared.chance import Chance, NewIds
from application.shared.cipher import Cipher
from application.shared.clock import Clock
from application.shared.jobs import Job, LeasedJob
from domain.connections.provider import Provider
from domain.shared.errors import DalerError
from domain.shared.ids import FeedId, UserId
from domain.shared.observations import Observations
from domain.shared.secret import Secret
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedChance, CountedIds, FixedClock

T = TypeVar("T")

ANNA: Final = UserId(UUID(int=1))
BJORN: Final = UserId(UUID(int=2))

JOBS: Final[dict[type[Job], type[Any]]] = {
    SyncConnectionJob: SyncConnection,
    KeepInStepJob: KeepInStep,
    FindOutOfStepJob: FindOutOfStep,
    RevokeConnectionJob: RevokeConnection,
    PurgeRawPagesJob: PurgeRawPages,
}


class LightsOutError(BaseException):
    """The process ends here; nothing gets to tidy up."""


@dataclass(slots=True)
class World:
    container: punq.Container
    runner: asyncio.Runner
    clock: FixedClock
    bank: MemoryBank

    def the(self, wanted: Callable[..., T]) -> T:
        found: T = self.container.resolve(wanted)
        return found

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @property
    def board(self) -> MemoryJobBoard:
        return MemoryJobBoard(self.the(MemoryDatabase).tables, self.clock)

    def work(self) -> None:
        """What a worker does: run what is due, and give back what failed."""
        self.do(self.board.sweep())
        while claimed := self.do(self.board.claim(1)):
            try:
                self.run(claimed[0])
            except DalerError as error:
                later = self.clock.now() + timedelta(minutes=15)
                self.do(self.board.retry(claimed[0].lease, later, error.code))

    def run(self, claimed: LeasedJob) -> None:
        job = next(job for job in JOBS if job.name == claimed.name)
        self.do(self.the(JOBS[job])(job(**claimed.payload), claimed.lease))

    def banks_of(self, person: UserId) -> list[ConnectionView]:
        return list(self.do(self.the(ConnectionsReader).list(person, None)))

    def update(self, feed_id: FeedId, number: int) -> list[Observations] | None:
        async def read() -> list[Observations] | None:
            received = MemoryReceivedUpdates(self.the(MemoryDatabase).tables, ANNA)
            found = await received.find(feed_id, number)
            return None if found is None else [page async for page in received.pages(found)]

        return self.do(read())


@dataclass(slots=True)
class Story:
    """What has happened so far."""

    state: Secret | None = None
    links: list[LinkReport] = field(default_factory=list)
    error: DalerError | None = None
    asked: int = 0
    """How many pages the bank had been asked for at that moment."""

    @property
    def link(self) -> LinkReport:
        return self.links[0]


def a_world(runner: asyncio.Runner) -> World:
    clock, ids, bank = FixedClock(), CountedIds(), MemoryBank()
    database = MemoryDatabase(clock, ids)
    container = punq.Container()
    container.register(Clock, instance=clock)
    container.register(NewIds, instance=ids)
    container.register(Chance, instance=CountedChance())
    container.register(Cipher, instance=GlassCipher())
    container.register(MemoryDatabase, instance=database)
    container.register(Banks, instance=Banks(dict.fromkeys(Provider, bank)))
    container.register(SyncLimits, instance=SyncLimits(pages=4))
    container.register(Rhythm, instance=Rhythm())
    container.register(BeginConnectionsTx, BeginMemoryConnectionsTx)
    container.register(BeginHouseTx, BeginMemoryHouseTx)
    container.register(ConnectionsReader, instance=MemoryConnectionsReader(database.tables))
    for part in (LinkStates, Attempting, KeepLink, SyncSetback):
        container.register(part)
    for handler in (StartLink, StartRenewal, CompleteLink, RequestSync, Disconnect):
        container.register(handler)
    for handler in JOBS.values():
        container.register(handler)
    return World(container, runner, clock, bank)
