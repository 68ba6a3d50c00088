"""Reading the ledger and the wallet, over PostgreSQL or memory."""

from dishka import Provider, Scope, provide, provide_all

from adapters.memory.ledger.reading import MemoryAccountsReader, MemoryTransactionsReader
from adapters.memory.wallet.reader import MemoryWalletReader
from adapters.postgres.ledger.reading import PostgresAccountsReader, PostgresTransactionsReader
from adapters.postgres.wallet.reader import PostgresWalletReader
from application.ledger.list_transactions import ListTransactions
from application.ledger.reading import AccountsReader, TransactionsReader
from application.wallet.ports import WalletReader
from application.wallet.show_cash_flow import ShowCashFlow
from application.wallet.show_net_worth import ShowNetWorth
from application.wallet.summarise_wallet import SummariseWallet


class LedgerReading(Provider):
    """Needs the readers below, Clock, and (for its routes) Cursors."""

    scope = Scope.APP

    handlers = provide_all(ListTransactions, SummariseWallet, ShowCashFlow, ShowNetWorth)


class PostgresLedgerReading(Provider):
    """Needs Database."""

    scope = Scope.APP

    transactions = provide(PostgresTransactionsReader, provides=TransactionsReader)
    accounts = provide(PostgresAccountsReader, provides=AccountsReader)
    wallet = provide(PostgresWalletReader, provides=WalletReader)


class MemoryLedgerReading(Provider):
    """Needs MemoryDatabase."""

    scope = Scope.APP

    transactions = provide(MemoryTransactionsReader, provides=TransactionsReader)
    accounts = provide(MemoryAccountsReader, provides=AccountsReader)
    wallet = provide(MemoryWalletReader, provides=WalletReader)
