"""The in-memory world of the ledger, wired by punq from constructor annotations alone."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar
from uuid import UUID

import punq

from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.tables import SESSIONS
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.ledger.begin import BeginMemoryLedgerTx
from adapters.memory.ledger.reading import MemoryAccountsReader, MemoryTransactionsReader
from adapters.memory.wallet.reader import MemoryWalletReader
from application.ledger.apply_feed import ApplyFeed
from application.ledger.jobs import ApplyFeedJob
from application.ledger.list_transactions import ListTransactions
from application.ledger.ports import BeginLedgerTx
from application.ledger.reading import AccountsReader, TransactionsReader, TransactionView
from application.shared.caller import Claims
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.feeds import FeedKind, FeedPage
from application.wallet.ports import WalletReader
from application.wallet.show_cash_flow import MonthCashFlow, ShowCashFlow
from application.wallet.show_net_worth import NetWorthSeries, ShowNetWorth
from application.wallet.summarise_wallet import CurrencySummary, SummariseWallet
from domain.identity.session import Ended, Origin, Session
from domain.shared.errors import DalerError
from domain.shared.events import FeedReceived
from domain.shared.ids import FeedId, SessionId, UserId
from domain.shared.observations import Observations
from tests.support.clock import CountedIds, FixedClock

T = TypeVar("T")

ANNA: Final = UserId(UUID(int=1))
BJORN: Final = UserId(UUID(int=2))
BANK: Final = FeedId(UUID(int=3))


@dataclass(slots=True)
class World:
    container: punq.Container
    runner: asyncio.Runner
    clock: FixedClock
    signed_in: dict[UserId, Claims] = field(default_factory=dict)

    def the(self, wanted: Callable[..., T]) -> T:
        found: T = self.container.resolve(wanted)
        return found

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def claims(self, person: UserId) -> Claims:
        """The person, signed in for as long as nobody signs them out."""
        if person not in self.signed_in:
            now = self.clock.now()
            session = Session.begin(SessionId(person), person, Origin(), now)
            self.the(MemoryDatabase).tables.of(SESSIONS)[person, session.id] = session
            self.signed_in[person] = Claims(person, session.id, session.expires_at)
        return self.signed_in[person]

    def sign_out(self, person: UserId) -> None:
        sessions = self.the(MemoryDatabase).tables.of(SESSIONS)
        key = (person, self.claims(person).session_id)
        sessions[key] = sessions[key].end(Ended.SIGNED_OUT, self.clock.now())

    def bank_tells(self, *pages: Observations) -> None:
        """Anna's bank has a whole update, and workers understand it."""
        self.do(self._receive(pages))
        board = MemoryJobBoard(self.the(MemoryDatabase).tables, self.clock)
        while claimed := self.do(board.claim(1)):
            job = ApplyFeedJob(**claimed[0].payload)
            self.do(self.the(ApplyFeed)(job, claimed[0].lease))

    async def _receive(self, pages: Sequence[Observations]) -> None:
        async with self.the(BeginLedgerTx)(ANNA) as tx:
            await tx.updates.create(BANK, FeedKind.CONNECTION)
            update = await tx.updates.open(BANK)
            await tx.updates.keep(update.id, [FeedPage(b"", page) for page in pages], None)
            number = await tx.updates.complete(update.id)
            await tx.outbox.append(FeedReceived(ANNA, BANK, number))
            await tx.commit()


@dataclass(slots=True)
class Story:
    """What has happened so far."""

    told: list[Observations] = field(default_factory=list)
    seen: Sequence[TransactionView] = ()
    pages: int = 0
    wallet: dict[str, CurrencySummary] = field(default_factory=dict)
    flow: Sequence[MonthCashFlow] = ()
    worth: Sequence[NetWorthSeries] = ()
    error: DalerError | None = None


def a_world(runner: asyncio.Runner) -> World:
    clock, ids = FixedClock(), CountedIds()

    def understand(event: FeedReceived) -> ApplyFeedJob:
        return ApplyFeedJob(user_id=event.user_id, feed_id=event.feed_id, number=event.number)

    container = punq.Container()
    container.register(Clock, instance=clock)
    container.register(NewIds, instance=ids)
    container.register(
        MemoryDatabase, instance=MemoryDatabase(clock, ids, {FeedReceived: [understand]})
    )
    container.register(BeginLedgerTx, BeginMemoryLedgerTx)
    container.register(TransactionsReader, MemoryTransactionsReader)
    container.register(AccountsReader, MemoryAccountsReader)
    container.register(WalletReader, MemoryWalletReader)
    for handler in (ApplyFeed, ListTransactions, SummariseWallet, ShowCashFlow, ShowNetWorth):
        container.register(handler)
    return World(container, runner, clock)


def day(text: str) -> date:
    return date.fromisoformat(text)
