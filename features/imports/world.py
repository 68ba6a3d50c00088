"""The in-memory world of imports and manual accounts, wired by punq from annotations alone."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import punq

from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.home_currency import MemoryHomeCurrency
from adapters.memory.identity.tables import PEOPLE
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.ledger.begin import BeginMemoryImportsTx, BeginMemoryLedgerTx
from adapters.memory.ledger.imports_reader import MemoryImportsReader
from adapters.statements.reader import FileStatements
from application.ledger.add_entry import AddEntry
from application.ledger.apply_feed import ApplyFeed
from application.ledger.close_account import CloseAccount
from application.ledger.edit_entry import EditEntry
from application.ledger.import_statement import ImportStatement
from application.ledger.imports import (
    BeginImportsTx,
    HomeCurrency,
    ImportsReader,
    StatementImport,
)
from application.ledger.jobs import ApplyFeedJob, ImportStatementJob
from application.ledger.open_account import OpenAccount
from application.ledger.ports import BeginLedgerTx
from application.ledger.remove_entry import RemoveEntry
from application.ledger.request_import import RequestImport
from application.ledger.statements import StatementReader
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.jobs import Job
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.shared.errors import DalerError
from domain.shared.ids import UserId
from domain.shared.money import Money
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from tests.support.clock import CountedIds, FixedClock
from tests.support.imports import a_person
from tests.support.ledger import ANNA, BJORN, MemoryBooks

T = TypeVar("T")

PEOPLE_CALLED: Final = {"Anna": ANNA, "Bjørn": BJORN}
JOBS: Final[dict[type[Job], type[Any]]] = {
    ImportStatementJob: ImportStatement,
    ApplyFeedJob: ApplyFeed,
}


@dataclass(slots=True)
class World:
    container: punq.Container
    runner: asyncio.Runner

    def the(self, wanted: Callable[..., T]) -> T:
        found: T = self.container.resolve(wanted)
        return found

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def work(self) -> None:
        """What a worker does: run what is due, and what comes of it."""
        board = MemoryJobBoard(self.the(MemoryDatabase).tables, self.the(Clock))
        while claimed := self.do(board.claim(1)):
            job = next(job for job in JOBS if job.name == claimed[0].name)
            self.do(self.the(JOBS[job])(job(**claimed[0].payload), claimed[0].lease))

    @property
    def books(self) -> MemoryBooks:
        return MemoryBooks(self.the(MemoryDatabase))

    def account(self, name: str, person: UserId = ANNA) -> tuple[Account, Money]:
        """With what it holds."""
        ((account, minor),) = (
            (account, minor)
            for account, minor in self.do(self.books.accounts(person)).items()
            if account.name == name
        )
        return account, Money(minor, account.currency)

    def entries(self) -> list[Entry]:
        return [one for one in self.do(self.books.entries(ANNA)) if one.removed is None]

    def entry(self, text: str) -> Entry:
        (found,) = (one for one in self.entries() if one.text == text)
        return found


@dataclass(slots=True)
class Story:
    """What has happened so far."""

    imports: list[StatementImport] = field(default_factory=list)
    error: DalerError | None = None

    @property
    def last(self) -> StatementImport:
        assert self.error is None, f"refused with {self.error}"
        return self.imports[-1]


def a_world(runner: asyncio.Runner) -> World:
    clock, ids = FixedClock(), CountedIds()
    database = MemoryDatabase(clock, ids, SUBSCRIPTIONS)
    for person in (a_person(ANNA), a_person(BJORN, "SEK")):
        database.tables.of(PEOPLE)[person.id] = person
    container = punq.Container()
    container.register(Clock, instance=clock)
    container.register(NewIds, instance=ids)
    container.register(MemoryDatabase, instance=database)
    container.register(BeginLedgerTx, BeginMemoryLedgerTx)
    container.register(BeginImportsTx, BeginMemoryImportsTx)
    container.register(ImportsReader, MemoryImportsReader)
    container.register(HomeCurrency, MemoryHomeCurrency)
    container.register(StatementReader, FileStatements)
    for handler in (OpenAccount, CloseAccount, AddEntry, EditEntry, RemoveEntry, RequestImport):
        container.register(handler)
    for handler in JOBS.values():
        container.register(handler)
    return World(container, runner)
