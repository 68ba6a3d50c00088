"""Reading the ledger and the wallet, over PostgreSQL or memory."""

from dishka import Provider, Scope, provide, provide_all

from adapters.memory.ledger.matching_reading import MemoryLinksReader, MemorySuggestionsReader
from adapters.memory.ledger.rates import MemoryRatesReader
from adapters.memory.ledger.reading import MemoryAccountsReader, MemoryTransactionsReader
from adapters.memory.ledger.transfers import MemoryTransfersReader
from adapters.memory.wallet.reader import MemoryWalletReader
from adapters.postgres.ledger.matching_reading import (
    PostgresLinksReader,
    PostgresSuggestionsReader,
)
from adapters.postgres.ledger.rates import PostgresRatesReader
from adapters.postgres.ledger.reading import PostgresAccountsReader, PostgresTransactionsReader
from adapters.postgres.ledger.transfers_reader import PostgresTransfersReader
from adapters.postgres.wallet.reader import PostgresWalletReader
from application.ledger.list_transactions import ListTransactions
from application.ledger.matching_views import LinksReader, SuggestionsReader
from application.ledger.rates import RatesReader
from application.ledger.reading import AccountsReader, TransactionsReader
from application.ledger.show_rate import ShowRate
from application.ledger.transfers import TransfersReader
from application.wallet.ports import WalletReader
from application.wallet.show_cash_flow import ShowCashFlow
from application.wallet.show_net_worth import ShowNetWorth
from application.wallet.summarise_wallet import SummariseWallet


class LedgerReading(Provider):
    """Needs the readers below, Clock, and (for its routes) Cursors."""

    scope = Scope.APP

    handlers = provide_all(ListTransactions, SummariseWallet, ShowCashFlow, ShowNetWorth, ShowRate)


class PostgresLedgerReading(Provider):
    """Needs Database."""

    scope = Scope.APP

    transactions = provide(PostgresTransactionsReader, provides=TransactionsReader)
    accounts = provide(PostgresAccountsReader, provides=AccountsReader)
    suggestions = provide(PostgresSuggestionsReader, provides=SuggestionsReader)
    links = provide(PostgresLinksReader, provides=LinksReader)
    transfers = provide(PostgresTransfersReader, provides=TransfersReader)
    rates = provide(PostgresRatesReader, provides=RatesReader)
    wallet = provide(PostgresWalletReader, provides=WalletReader)


class MemoryLedgerReading(Provider):
    """Needs MemoryDatabase."""

    scope = Scope.APP

    transactions = provide(MemoryTransactionsReader, provides=TransactionsReader)
    accounts = provide(MemoryAccountsReader, provides=AccountsReader)
    suggestions = provide(MemorySuggestionsReader, provides=SuggestionsReader)
    links = provide(MemoryLinksReader, provides=LinksReader)
    transfers = provide(MemoryTransfersReader, provides=TransfersReader)
    rates = provide(MemoryRatesReader, provides=RatesReader)
    wallet = provide(MemoryWalletReader, provides=WalletReader)
