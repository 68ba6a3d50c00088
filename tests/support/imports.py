"""Statement files on their way into the ledger: a person sends them, jobs run."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import text
from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.home_currency import MemoryHomeCurrency
from adapters.memory.identity.tables import PEOPLE
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.ledger.begin import BeginMemoryImportsTx, BeginMemoryLedgerTx
from adapters.memory.ledger.imports_reader import MemoryImportsReader
from adapters.memory.ledger.rates import BeginMemoryRatesTx, MemoryRates
from adapters.memory.ledger.transfers import BeginMemoryTransfersTx
from adapters.postgres.database import Database
from adapters.postgres.identity.home_currency import PostgresHomeCurrency
from adapters.postgres.identity.people import PostgresPeople
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.postgres.ledger.begin import BeginPostgresImportsTx, BeginPostgresLedgerTx
from adapters.postgres.ledger.imports import PostgresImportsReader
from adapters.postgres.ledger.rates import BeginPostgresRatesTx
from adapters.postgres.ledger.transfers import BeginPostgresTransfersTx
from adapters.postgres.schema import metadata
from adapters.statements.reader import FileStatements
from application.jobs.work import Handler
from application.ledger.apply_feed import ApplyFeed
from application.ledger.erase_feed import EraseFeed
from application.ledger.import_statement import ImportStatement
from application.ledger.imports import (
    BeginImportsTx,
    HomeCurrency,
    ImportOptions,
    ImportsReader,
    StatementImport,
)
from application.ledger.jobs import (
    ApplyFeedJob,
    EraseFeedJob,
    ImportStatementJob,
    KeepRatesJob,
    PairTransfersJob,
)
from application.ledger.keep_rates import KeepRates
from application.ledger.pair_transfers import PairTransfers
from application.ledger.ports import BeginLedgerTx
from application.ledger.rates import BeginRatesTx
from application.ledger.request_import import ImportTicket, RequestImport, RequestImportCommand
from application.ledger.transfers import BeginTransfersTx
from application.shared.idempotency import IdempotencyKey
from application.shared.jobs import JobBoard
from domain.identity.email import EmailAddress
from domain.identity.person import Locality, Person, PersonName
from domain.ledger.account import Account
from domain.shared.ids import UserId
from entrypoints.worker.handlers import handler_of
from tests.support.cipher import GlassCipher
from tests.support.clock import NOON, CountedIds, FixedClock
from tests.support.ledger import ANNA, BJORN, Books, MemoryBooks, PostgresBooks

SAMPLES: Final = Path(__file__).parent.parent / "samples"
NOT_THE_LEDGERS: Final = frozenset(
    {"imports", "jobs", "audit_log", "audit_heads", "audit_chains", "idempotency_keys", "data_keys"}
)
"""What may remember a refused file: that it came, and what became of it."""


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def a_person(user_id: UserId, currency: str = "NOK") -> Person:
    return Person(
        id=user_id,
        name=PersonName("Anna Berg"),
        email=EmailAddress(f"{user_id.int}@example.no"),
        created_at=NOON,
        locality=Locality("nb-NO", "Europe/Oslo", currency),
    )


class RowCounts(Protocol):
    @abstractmethod
    async def __call__(self) -> Mapping[str, int]:
        """How many rows every table of the ledger, and of feeds and events, has."""


@dataclass(slots=True)
class ImportWorld:
    begin: BeginImportsTx
    begin_ledger: BeginLedgerTx
    begin_transfers: BeginTransfersTx
    begin_rates: BeginRatesTx
    reader: ImportsReader
    home_currency: HomeCurrency
    board: JobBoard
    books: Books
    rows: RowCounts
    clock: FixedClock
    ids: CountedIds
    statements: FileStatements = field(default_factory=FileStatements)

    @property
    def request(self) -> RequestImport:
        return RequestImport(self.begin, self.statements, self.clock, self.ids)

    def handlers(self) -> Mapping[str, Handler]:
        read = ImportStatement(
            self.begin, self.statements, self.home_currency, self.clock, self.ids
        )
        return {
            ImportStatementJob.name: handler_of(ImportStatementJob, read),
            ApplyFeedJob.name: handler_of(
                ApplyFeedJob, ApplyFeed(self.begin_ledger, self.clock, self.ids)
            ),
            EraseFeedJob.name: handler_of(EraseFeedJob, EraseFeed(self.begin_ledger, self.clock)),
            PairTransfersJob.name: handler_of(
                PairTransfersJob, PairTransfers(self.begin_transfers, self.clock, self.ids)
            ),
            KeepRatesJob.name: handler_of(
                KeepRatesJob, KeepRates(self.begin_rates, MemoryRates(), self.clock)
            ),
        }

    async def sends(
        self,
        file: bytes,
        person: UserId = ANNA,
        *,
        key: IdempotencyKey | None = None,
        **options: Any,  # noqa: ANN401 - those of ImportOptions
    ) -> ImportTicket:
        command = RequestImportCommand(person, file, ImportOptions(**options), key)
        return await self.request(command)

    async def works(self, *, only: str | None = None) -> int:
        """Run what is due, and what comes of it; with `only`, just the jobs of that name."""
        handlers, ran = self.handlers(), 0
        while jobs := await self.board.claim(100):
            wanted = [job for job in jobs if only in (None, job.name)]
            for job in wanted:
                await handlers[job.name](job.payload, job.lease)
            await self.board.release([job.lease for job in jobs if job not in wanted])
            ran += len(wanted)
            if not wanted:
                break
        return ran

    async def imports(
        self,
        file: bytes,
        person: UserId = ANNA,
        **options: Any,  # noqa: ANN401 - those of ImportOptions
    ) -> StatementImport:
        """Send the file, let it be read and applied, and say what became of it."""
        ticket = await self.sends(file, person, **options)
        await self.works()
        return await self.reader.get(person, ticket.import_id)

    async def accounts(self, person: UserId = ANNA) -> Mapping[str, tuple[Account, int]]:
        """By name, with the kept balance in minor units."""
        kept = await self.books.accounts(person)
        return {account.name: (account, balance) for account, balance in kept.items()}


def memory_imports(database: MemoryDatabase, clock: FixedClock, ids: CountedIds) -> ImportWorld:
    for person in (a_person(ANNA), a_person(BJORN, "SEK")):
        database.tables.of(PEOPLE)[person.id] = person
    return ImportWorld(
        begin=BeginMemoryImportsTx(database),
        begin_ledger=BeginMemoryLedgerTx(database),
        begin_transfers=BeginMemoryTransfersTx(database),
        begin_rates=BeginMemoryRatesTx(database),
        reader=MemoryImportsReader(database),
        home_currency=MemoryHomeCurrency(database),
        board=MemoryJobBoard(database.tables, clock),
        books=MemoryBooks(database),
        rows=MemoryRowCounts(database),
        clock=clock,
        ids=ids,
    )


async def postgres_imports(database: Database, clock: FixedClock, ids: CountedIds) -> ImportWorld:
    cipher = GlassCipher()
    for person in (a_person(ANNA), a_person(BJORN, "SEK")):
        async with database.begin(person.id) as tx:
            await PostgresPeople(tx.db, cipher).add(person)
            await tx.commit()
    return ImportWorld(
        begin=BeginPostgresImportsTx(database, cipher),
        begin_ledger=BeginPostgresLedgerTx(database, cipher),
        begin_transfers=BeginPostgresTransfersTx(database, cipher),
        begin_rates=BeginPostgresRatesTx(database),
        reader=PostgresImportsReader(database),
        home_currency=PostgresHomeCurrency(database),
        board=PostgresJobBoard(database.reads, timedelta(seconds=60)),
        books=PostgresBooks(database),
        rows=PostgresRowCounts(database),
        clock=clock,
        ids=ids,
    )


@dataclass(frozen=True, slots=True)
class MemoryRowCounts(RowCounts):
    database: MemoryDatabase

    @override
    async def __call__(self) -> Mapping[str, int]:
        rows = self.database.tables.rows
        return {
            name: len(table)
            for name, table in rows.items()
            if table and name not in NOT_THE_LEDGERS
        }


@dataclass(frozen=True, slots=True)
class PostgresRowCounts(RowCounts):
    database: Database

    @override
    async def __call__(self) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for person in (ANNA, BJORN):
            async with self.database.begin(person) as tx:
                for table in metadata.tables.values():
                    count = text(f"select count(*) from {table.name}")  # noqa: S608 - our tables
                    found = int((await tx.db.execute(count)).scalar_one())
                    counts[table.name] = counts.get(table.name, 0) + found
        return {name: n for name, n in counts.items() if n and name not in NOT_THE_LEDGERS}
