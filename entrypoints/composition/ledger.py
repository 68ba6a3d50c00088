"""The ledger: what changes it, and its ports over PostgreSQL or memory."""

from dishka import Provider, Scope, provide, provide_all

from adapters.memory.identity.home_currency import MemoryHomeCurrency
from adapters.memory.jobs.of_person import MemoryJobsOfPerson
from adapters.memory.ledger.begin import BeginMemoryImportsTx, BeginMemoryLedgerTx
from adapters.memory.ledger.imports_reader import MemoryImportsReader
from adapters.memory.ledger.rates import BeginMemoryRatesTx
from adapters.memory.ledger.transfers import BeginMemoryTransfersTx
from adapters.postgres.identity.home_currency import PostgresHomeCurrency
from adapters.postgres.jobs.of_person import PostgresJobsOfPerson
from adapters.postgres.ledger.begin import BeginPostgresImportsTx, BeginPostgresLedgerTx
from adapters.postgres.ledger.imports import PostgresImportsReader
from adapters.postgres.ledger.rates import BeginPostgresRatesTx
from adapters.postgres.ledger.transfers import BeginPostgresTransfersTx
from adapters.statements.reader import FileStatements
from application.jobs.view_job import JobsOfPerson, ViewJob
from application.ledger.add_entry import AddEntry
from application.ledger.apply_feed import ApplyFeed
from application.ledger.close_account import CloseAccount
from application.ledger.decide_transfer import ConfirmTransfer, DismissTransfer, UndoTransfer
from application.ledger.edit_entry import EditEntry
from application.ledger.erase_feed import EraseFeed
from application.ledger.expire_holds import ExpireHolds
from application.ledger.import_statement import ImportStatement
from application.ledger.imports import BeginImportsTx, HomeCurrency, ImportsReader
from application.ledger.links_undo import UndoLink
from application.ledger.make_transfer import MakeTransfer
from application.ledger.one_account.in_background import JoinInBackground, SeparateInBackground
from application.ledger.one_account.join import JoinAccounts
from application.ledger.one_account.request_join import RequestJoin
from application.ledger.one_account.request_separate import RequestSeparate
from application.ledger.one_account.same_accounts import (
    ConfirmSameAccount,
    DismissSameAccount,
    ListSameAccounts,
)
from application.ledger.one_account.separate import SeparateFeed
from application.ledger.one_account.show import ListDisagreements, ListFeedsOfAccount
from application.ledger.open_account import OpenAccount
from application.ledger.pair_transfers import PairTransfers
from application.ledger.ports import BeginLedgerTx
from application.ledger.proofs.apply_late import ApplyLate
from application.ledger.proofs.close_month import CloseMonth
from application.ledger.proofs.reopen_month import ReopenMonth
from application.ledger.proofs.show_coverage import ShowCoverage, SummariseCoverage
from application.ledger.rates import BeginRatesTx
from application.ledger.remove_entry import RemoveEntry
from application.ledger.replay import PreviewReplay, ReplayFeed
from application.ledger.replay_request import RequestReplay
from application.ledger.request_import import RequestImport
from application.ledger.statements import StatementReader
from application.ledger.suggestions_decide import DecideSuggestion
from application.ledger.transfers import BeginTransfersTx


class LedgerHandlers(Provider):
    """Needs the ports below, Clock and NewIds."""

    scope = Scope.APP

    people_ask_for = provide_all(
        OpenAccount, CloseAccount, AddEntry, EditEntry, RemoveEntry, RequestImport, ViewJob
    )
    matching = provide_all(DecideSuggestion, UndoLink, PreviewReplay, RequestReplay)
    one_account = provide_all(
        JoinAccounts,
        RequestJoin,
        JoinInBackground,
        SeparateFeed,
        RequestSeparate,
        SeparateInBackground,
        ListSameAccounts,
        ConfirmSameAccount,
        DismissSameAccount,
        ListFeedsOfAccount,
        ListDisagreements,
    )
    jobs_run = provide_all(ApplyFeed, EraseFeed, ExpireHolds, ImportStatement, ReplayFeed)
    transfers = provide_all(
        MakeTransfer, UndoTransfer, ConfirmTransfer, DismissTransfer, PairTransfers
    )
    proofs = provide_all(ShowCoverage, SummariseCoverage, CloseMonth, ReopenMonth, ApplyLate)
    statements = provide(FileStatements, provides=StatementReader)


class PostgresLedger(Provider):
    """Needs Database and Cipher."""

    scope = Scope.APP

    begin = provide(BeginPostgresLedgerTx, provides=BeginLedgerTx)
    begin_imports = provide(BeginPostgresImportsTx, provides=BeginImportsTx)
    begin_transfers = provide(BeginPostgresTransfersTx, provides=BeginTransfersTx)
    begin_rates = provide(BeginPostgresRatesTx, provides=BeginRatesTx)
    imports = provide(PostgresImportsReader, provides=ImportsReader)
    home_currency = provide(PostgresHomeCurrency, provides=HomeCurrency)
    jobs = provide(PostgresJobsOfPerson, provides=JobsOfPerson)


class MemoryLedger(Provider):
    """Needs MemoryDatabase."""

    scope = Scope.APP

    begin = provide(BeginMemoryLedgerTx, provides=BeginLedgerTx)
    begin_imports = provide(BeginMemoryImportsTx, provides=BeginImportsTx)
    begin_transfers = provide(BeginMemoryTransfersTx, provides=BeginTransfersTx)
    begin_rates = provide(BeginMemoryRatesTx, provides=BeginRatesTx)
    imports = provide(MemoryImportsReader, provides=ImportsReader)
    home_currency = provide(MemoryHomeCurrency, provides=HomeCurrency)
    jobs = provide(MemoryJobsOfPerson, provides=JobsOfPerson)
