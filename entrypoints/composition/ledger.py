"""The ledger: what changes it, and its ports over PostgreSQL or memory."""

from dishka import Provider, Scope, provide, provide_all

from adapters.memory.identity.home_currency import MemoryHomeCurrency
from adapters.memory.jobs.of_person import MemoryJobsOfPerson
from adapters.memory.ledger.begin import BeginMemoryImportsTx, BeginMemoryLedgerTx
from adapters.memory.ledger.imports_reader import MemoryImportsReader
from adapters.postgres.identity.home_currency import PostgresHomeCurrency
from adapters.postgres.jobs.of_person import PostgresJobsOfPerson
from adapters.postgres.ledger.begin import BeginPostgresImportsTx, BeginPostgresLedgerTx
from adapters.postgres.ledger.imports import PostgresImportsReader
from adapters.statements.reader import FileStatements
from application.jobs.view_job import JobsOfPerson, ViewJob
from application.ledger.add_entry import AddEntry
from application.ledger.apply_feed import ApplyFeed
from application.ledger.close_account import CloseAccount
from application.ledger.edit_entry import EditEntry
from application.ledger.erase_feed import EraseFeed
from application.ledger.import_statement import ImportStatement
from application.ledger.imports import BeginImportsTx, HomeCurrency, ImportsReader
from application.ledger.open_account import OpenAccount
from application.ledger.ports import BeginLedgerTx
from application.ledger.remove_entry import RemoveEntry
from application.ledger.request_import import RequestImport
from application.ledger.statements import StatementReader


class LedgerHandlers(Provider):
    """Needs the ports below, Clock and NewIds."""

    scope = Scope.APP

    people_ask_for = provide_all(
        OpenAccount, CloseAccount, AddEntry, EditEntry, RemoveEntry, RequestImport, ViewJob
    )
    jobs_run = provide_all(ApplyFeed, EraseFeed, ImportStatement)
    statements = provide(FileStatements, provides=StatementReader)


class PostgresLedger(Provider):
    """Needs Database and Cipher."""

    scope = Scope.APP

    begin = provide(BeginPostgresLedgerTx, provides=BeginLedgerTx)
    begin_imports = provide(BeginPostgresImportsTx, provides=BeginImportsTx)
    imports = provide(PostgresImportsReader, provides=ImportsReader)
    home_currency = provide(PostgresHomeCurrency, provides=HomeCurrency)
    jobs = provide(PostgresJobsOfPerson, provides=JobsOfPerson)


class MemoryLedger(Provider):
    """Needs MemoryDatabase."""

    scope = Scope.APP

    begin = provide(BeginMemoryLedgerTx, provides=BeginLedgerTx)
    begin_imports = provide(BeginMemoryImportsTx, provides=BeginImportsTx)
    imports = provide(MemoryImportsReader, provides=ImportsReader)
    home_currency = provide(MemoryHomeCurrency, provides=HomeCurrency)
    jobs = provide(MemoryJobsOfPerson, provides=JobsOfPerson)
