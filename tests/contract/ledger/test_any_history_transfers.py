"""Whatever banks say and a person does: both sides agree, nothing is in two, sums are right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.ledger.begin import BeginMemoryLedgerTx
from application.ledger.decide_transfer import (
    ConfirmTransfer,
    DismissTransfer,
    TransferCommand,
    UndoTransfer,
)
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.make_transfer import MakeTransfer, MakeTransferCommand
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from domain.ledger.transfers import Transfer, TransferState
from domain.shared.errors import DalerError
from domain.shared.ids import ExternalId, FeedId, UserId
from domain.shared.money import Money
from domain.shared.observations import (
    EntryStatus,
    Observations,
    TransactionGone,
    TransactionSeen,
)
from tests.support.clock import CountedIds, FixedClock
from tests.support.ledger import LedgerWorld, MemoryBooks
from tests.support.observations import a_transaction, an_account
from tests.support.transfers import Moves

FIRST_DAY = date(2026, 2, 23)
NAMES = tuple(ExternalId(f"account-{number}") for number in range(3))


@dataclass(frozen=True, slots=True)
class Wish:
    """Of the person: about what comes first after a share of all."""

    what: str
    share: float
    other: float


SAY: Final[Mapping[str, type[UndoTransfer | ConfirmTransfer | DismissTransfer]]] = {
    "undo": UndoTransfer,
    "confirm": ConfirmTransfer,
    "dismiss": DismissTransfer,
}
SEEN = st.builds(
    lambda name, account, **facts: a_transaction(f"{account}/{name}", account=account, **facts),
    st.integers(0, 3),
    st.sampled_from(NAMES),
    booked_on=st.integers(0, 9).map(lambda days: FIRST_DAY + timedelta(days=days)),
    status=st.sampled_from([EntryStatus.BOOKED, EntryStatus.BOOKED, EntryStatus.PENDING]),
    category=st.sampled_from([None, None, "transfer.own", "food.groceries"]),
    amount=st.sampled_from([-100, -100, 100, 100, 250, -250, 0]).map(lambda n: Money(n, "NOK")),
    text=st.sampled_from(["Transfer", "Shop"]),
)
GONE = st.builds(
    lambda name, account: TransactionGone(account, ExternalId(f"{account}/{name}")),
    st.integers(0, 3),
    st.sampled_from(NAMES),
)
PAGES = st.builds(
    lambda seen, gone: Observations(transactions=tuple(seen), gone=tuple(gone)),
    st.lists(SEEN, max_size=5),
    st.lists(GONE, max_size=2),
)
SHARE = st.floats(0, 0.99)
WISHES = st.builds(
    Wish,
    st.sampled_from(["pair", "undo", "confirm", "dismiss", "delete", "edit"]),
    SHARE,
    SHARE,
)
HISTORIES = st.lists(
    st.tuples(PAGES, st.lists(WISHES, max_size=2), st.booleans()), min_size=1, max_size=6
)
History = list[tuple[Observations, list[Wish], bool]]


async def wished(moves: Moves, person: UserId, wish: Wish) -> None:
    """Whatever comes of it: what cannot be is refused, and changes nothing."""
    world, shown = moves.world, await moves.world.shown(person)
    known = await moves.known(person)
    clock = world.clock
    if not shown:
        return
    one = shown[int(wish.share * len(shown))]
    other = shown[int(wish.other * len(shown))]
    try:
        match wish.what:
            case "pair":
                make = MakeTransfer(moves.begin, clock, world.ids)
                await make(MakeTransferCommand(person, one.id, other.id))
            case "delete":
                await RemoveEntry(world.begin)(RemoveEntryCommand(person, one.id))
            case "edit":
                edit = EditEntryCommand(person, one.id, category="family.pets")
                await EditEntry(world.begin)(edit)
            case word if known:
                command = TransferCommand(person, known[int(wish.share * len(known))].id)
                await SAY[word](moves.begin, clock)(command)
            case _:
                pass
    except DalerError:
        pass


async def live_through(moves: Moves, history: History) -> None:
    person, feed, world = UserId(uuid4()), FeedId(uuid4()), moves.world
    accounts = tuple(an_account(id=name, name=name, number=None) for name in NAMES)
    await world.hears(Observations(accounts), feed=feed, person=person)
    for page, wishes, late in history:
        await world.hears(told(page), feed=feed, person=person)
        if not late:
            await looked_for(moves, person)
        for wish in wishes:
            await wished(moves, person, wish)
        # Between a change and the job that answers to it, too.
        await world.ensure_sums_are_right(person)
    await looked_for(moves, person)
    before = said(await moves.known(person))
    await moves.paired(person, since=0)
    assert said(await moves.known(person)) == before, "looking again finds nothing else"


def told(page: Observations) -> Observations:
    """A bank names a transaction once on a page."""
    seen: dict[ExternalId, TransactionSeen] = {one.id: one for one in page.transactions}
    return Observations(transactions=tuple(seen.values()), gone=page.gone)


async def looked_for(moves: Moves, person: UserId) -> None:
    rejected = words(await moves.known(person))
    await moves.paired(person)
    await moves.paired(person)
    assert rejected <= words(await moves.known(person)), "what the person said is remembered"
    await moves.ensure_whole(person)


def words(known: Sequence[Transfer]) -> set[tuple[object, ...]]:
    return {one.pair for one in known if one.state is TransferState.REJECTED}


def said(known: Sequence[Transfer]) -> set[tuple[object, ...]]:
    return {(one.pair, one.state) for one in known}


@settings(max_examples=200, deadline=None)
@given(history=HISTORIES)
async def test_in_memory(history: History) -> None:
    clock, ids = FixedClock(), CountedIds()
    database = MemoryDatabase(clock, ids)
    board = MemoryJobBoard(database.tables, clock)
    world = LedgerWorld(BeginMemoryLedgerTx(database), board, MemoryBooks(database), clock, ids)
    await live_through(Moves(world), history)


@pytest.mark.postgres
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=HISTORIES)
async def test_on_postgres(postgres: LedgerWorld, history: History) -> None:
    await live_through(Moves(postgres), history)
