"""Whatever a bank says and a person edits: nothing is lost or doubled, and every sum is right."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.ledger.begin import BeginMemoryLedgerTx
from application.ledger.replay import PreviewReplay
from domain.ledger.entry import Part
from domain.ledger.sums import SumChanges
from domain.shared.ids import EntryId, ExternalId, FeedId, UserId
from domain.shared.money import Money
from domain.shared.observations import (
    EntryStatus,
    Observations,
    TransactionGone,
    TransactionSeen,
)
from tests.support.clock import CountedIds, FixedClock
from tests.support.ledger import LedgerWorld, MemoryBooks
from tests.support.observations import CURRENT, a_transaction

FIRST_DAY = date(2026, 1, 25)
PENDING = EntryStatus.PENDING


@dataclass(frozen=True, slots=True)
class Put:
    """A new transaction, or new words for one."""

    name: int
    seen: TransactionSeen


@dataclass(frozen=True, slots=True)
class Book:
    """A pending transaction books under another name; its own is taken back, sooner or later."""

    name: int
    minor: int
    taken_back: str


@dataclass(frozen=True, slots=True)
class TakeBack:
    name: int


@dataclass(frozen=True, slots=True)
class Edit:
    """A person's: of the entry that comes first after a share of all."""

    share: float
    category: str
    parts: int


SEEN = st.builds(
    a_transaction,
    st.just("?"),
    st.sampled_from([-100, -100, -250, 0, 40, 100]),
    booked_on=st.integers(0, 10).map(lambda days: FIRST_DAY + timedelta(days=days)),
    status=st.sampled_from(EntryStatus),
    category=st.sampled_from([None, "food.groceries", "income.salary"]),
    amount=st.builds(Money, st.sampled_from([-100, -250, 0, 40]), st.sampled_from(["NOK", "SEK"])),
)
NAMES = st.integers(0, 5)
WORDS = st.one_of(
    st.builds(Put, NAMES, SEEN),
    st.builds(Put, NAMES, SEEN),
    st.builds(
        Book, NAMES, st.sampled_from([-100, -90]), st.sampled_from(["before", "with", "after", ""])
    ),
    st.builds(TakeBack, NAMES),
)
EDITS = st.builds(
    Edit, st.floats(0, 0.99), st.sampled_from(["family.pets", "transfer.own"]), st.integers(1, 3)
)
HISTORIES = st.lists(
    st.tuples(st.lists(WORDS, max_size=6), st.lists(EDITS, max_size=2)), max_size=6
)


@dataclass(slots=True)
class Bank:
    """What is true at the bank, and the pages in which it says so."""

    true: dict[ExternalId, TransactionSeen] = field(default_factory=dict)
    retired: set[ExternalId] = field(default_factory=set)
    pages: list[Observations] = field(default_factory=list)

    def live(self, word: Put | Book | TakeBack) -> None:
        name = ExternalId(f"t-{word.name}")
        known = self.true.get(name)
        match word:
            case Put(seen=seen):
                falls_back = known and known.status != PENDING and seen.status == PENDING
                if name not in self.retired and not falls_back:
                    self._says(replace(seen, id=name))
            case TakeBack():
                self._takes_back(name)
            case Book() if known is not None and known.status is PENDING:
                self._books(known, word)
            case Book():
                pass

    def _books(self, held: TransactionSeen, word: Book) -> None:
        self.retired.add(held.id)
        booked = replace(
            held,
            id=ExternalId(f"b-{len(self.retired)}"),
            status=EntryStatus.BOOKED,
            amount=Money(word.minor, "NOK"),
            pending_id=held.id,
        )
        if word.taken_back == "before":
            self._takes_back(held.id)
        self._says(booked, *([held.id] if word.taken_back == "with" else ()))
        if word.taken_back == "after":
            self._takes_back(held.id)
        self.true.pop(held.id, None)

    def _says(self, seen: TransactionSeen, *gone: ExternalId) -> None:
        self.true[seen.id] = seen
        back = tuple(TransactionGone(CURRENT, name) for name in gone)
        self.pages.append(Observations(transactions=(seen,), gone=back))

    def _takes_back(self, name: ExternalId) -> None:
        self.true.pop(name, None)
        self.pages.append(Observations(gone=(TransactionGone(None, name),)))


async def edit(world: LedgerWorld, person: UserId, wish: Edit) -> None:
    shown = await world.shown(person)
    if not shown:
        return
    chosen = shown[int(wish.share * len(shown))]
    async with world.begin(person) as tx:
        account = await tx.accounts.get(chosen.account_id)
        before = await tx.entries.get(EntryId(chosen.id))
        after = before.categorised(wish.category)
        if wish.parts > 1:
            shares = before.amount.split(wish.parts)
            after = before.split_into([Part(share, wish.category) for share in shares])
        sums = SumChanges()
        sums.replace(before, after)
        await tx.entries.put(after, await tx.revisions.next())
        await tx.sums.apply(sums)
        await tx.accounts.save(account)
        await tx.commit()


async def live_through(
    world: LedgerWorld, history: list[tuple[list[Put | Book | TakeBack], list[Edit]]]
) -> None:
    person, feed, bank = UserId(uuid4()), FeedId(uuid4()), Bank()
    for words, edits in history:
        for word in words:
            bank.live(word)
        await world.hears(*bank.pages, feed=feed, person=person)
        bank.pages.clear()
        for wish in edits:
            await edit(world, person, wish)
        await world.ensure_sums_are_right(person)
        shown = Counter((one.status, one.amount) for one in await world.shown(person))
        assert shown == Counter((one.status, one.amount) for one in bank.true.values())
    # The only account never had a figure: it holds what was booked in its currency.
    for account, balance in (await world.books.accounts(person)).items():
        booked = (one.amount for one in bank.true.values() if one.status is not PENDING)
        assert balance == sum(one.minor for one in booked if one.currency == account.currency)
    # Understood again from its first word, it is the same.
    assert (await PreviewReplay(world.begin, world.ids)(person, feed)).is_empty


@settings(max_examples=200, deadline=None)
@given(history=HISTORIES)
async def test_in_memory(history: list[tuple[list[Put | Book | TakeBack], list[Edit]]]) -> None:
    clock, ids = FixedClock(), CountedIds()
    database = MemoryDatabase(clock, ids)
    board = MemoryJobBoard(database.tables, clock)
    books = MemoryBooks(database)
    await live_through(
        LedgerWorld(BeginMemoryLedgerTx(database), board, books, clock, ids), history
    )


@pytest.mark.postgres
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=HISTORIES)
async def test_on_postgres(
    postgres: LedgerWorld, history: list[tuple[list[Put | Book | TakeBack], list[Edit]]]
) -> None:
    await live_through(postgres, history)
