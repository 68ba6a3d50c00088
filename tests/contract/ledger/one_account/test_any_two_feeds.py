"""Two feeds of one true account, whatever their lag, order and gaps: the ledger is the truth.

The bank knows what happened. Each feed tells it under names of its own, some days late, pending
first or not at all, in any order, again and again; one of them misses some. The person joins the
two at some point, edits as they go, and says of some that they are transfers to another account.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.ledger.begin import BeginMemoryLedgerTx
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.make_transfer import MakeTransfer, MakeTransferCommand
from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from application.ledger.replay import PreviewReplay
from domain.ledger.entry import Entry
from domain.ledger.errors_transfers import AlreadyInTransferError
from domain.shared.ids import EntryId, ExternalId, FeedId, UserId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus, Observations, TransactionSeen
from tests.contract.ledger.one_account.feeds import accounts_by_feed, join
from tests.support.clock import CountedIds, FixedClock
from tests.support.ledger import LedgerWorld, MemoryBooks
from tests.support.observations import a_transaction, an_account
from tests.support.transfers import Moves

FIRST_DAY = date(2026, 1, 5)
SHOPS = (
    ("Kiwi Oslo", "KIWI 505 OSLO"),
    ("Rema Alna", "Rema 1000 Alna"),
    ("Narvesen", "NARVESEN 211"),
    ("Kaffebrenneriet", "KAFFEBRENNERIET AS"),
)
"""As each of the feeds writes them."""
RELISTED = 12
"""Days that a feed tells again every time."""
SAVINGS = ExternalId("savings")
SAVED = (111_11, 222_22, 333_33)
"""What arrived on another account: like nothing else, so that no rule pairs it."""


@dataclass(frozen=True, slots=True)
class Bought:
    number: int
    day: int
    shop: int
    minor: int
    books_after: int


@dataclass(frozen=True, slots=True)
class Manner:
    """How one feed tells."""

    lag: int
    pending: bool
    misses: int
    """Every so manyth; 0: none."""


@dataclass(frozen=True, slots=True)
class Life:
    seed: int
    purchases: Sequence[Bought]
    manners: tuple[Manner, Manner]
    joined_on: int
    edits: Sequence[int]
    moves: Sequence[tuple[int, int]]
    """On which day, and which of those that are shown then."""
    deleted: int | None
    separated: bool
    days: int


MANNERS = st.tuples(
    st.builds(Manner, st.integers(0, 2), st.booleans(), st.just(0)),
    st.builds(Manner, st.integers(0, 2), st.booleans(), st.sampled_from([0, 3, 2])),
)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    days = draw(st.integers(2, 8))
    bought = draw(
        st.lists(
            st.tuples(
                st.integers(0, days),
                st.integers(0, len(SHOPS) - 1),
                st.sampled_from([-100, -100, -250, -4000]),
                st.integers(0, 3),
            ),
            max_size=10,
        )
    )
    manners = draw(MANNERS)
    return Life(
        seed=draw(st.integers(0, 99)),
        purchases=[Bought(at, *facts) for at, facts in enumerate(bought)],
        manners=manners if draw(st.booleans()) else (manners[1], manners[0]),
        joined_on=draw(st.integers(0, days + 6)),
        edits=draw(st.lists(st.integers(0, 9), max_size=3)),
        moves=draw(
            st.lists(st.tuples(st.integers(0, days + 8), st.integers(0, 19)), max_size=len(SAVED))
        ),
        deleted=draw(st.none() | st.integers(0, 9)),
        separated=draw(st.booleans()),
        days=days,
    )


@dataclass(slots=True)
class Telling:
    """One feed, and what it has to say on a day."""

    at: int
    life: Life
    chance: Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = Random(self.life.seed * 2 + self.at)  # noqa: S311 - to be lived again

    @property
    def manner(self) -> Manner:
        return self.life.manners[self.at]

    @property
    def account(self) -> ExternalId:
        return ExternalId(f"account-{self.at}")

    def knows(self, one: Bought) -> bool:
        return not self.manner.misses or one.number % self.manner.misses != 0

    def pages(self, today: int) -> list[Observations]:
        told = [*self._told(today - self.manner.lag)]
        self.chance.shuffle(told)
        cut = len(told) // 2
        account = an_account(id=self.account, name=f"Account {self.at}")
        return [
            Observations((account,), tuple(part), lists_all_pending=True)
            for part in (told[:cut], told[cut:])
        ]

    def _told(self, until: int) -> Iterator[TransactionSeen]:
        for one in self.life.purchases:
            booked = one.day + one.books_after
            if not self.knows(one):
                continue
            if booked <= until <= booked + RELISTED:
                yield self._seen(one, f"b-{one.number}", booked, EntryStatus.BOOKED)
            elif one.day <= until < booked and self.manner.pending:
                yield self._seen(one, f"p-{one.number}", one.day, EntryStatus.PENDING)

    def _seen(self, one: Bought, name: str, day: int, status: EntryStatus) -> TransactionSeen:
        held = f"p-{one.number}" if self.manner.pending and status is EntryStatus.BOOKED else None
        # Of equals that vanish at once either may be the one that booked, whoever asks.
        named = self._has_a_double(one) or self.chance.random() < 0.5
        return TransactionSeen(
            account=self.account,
            id=ExternalId(name),
            status=status,
            amount=Money(one.minor, "NOK"),
            booked_on=FIRST_DAY + timedelta(days=day),
            text=SHOPS[one.shop][self.at],
            pending_id=ExternalId(held) if held and named else None,
        )

    def _has_a_double(self, one: Bought) -> bool:
        alike = ((each.shop, each.minor) for each in self.life.purchases if each != one)
        return (one.shop, one.minor) in alike


async def live_through(world: LedgerWorld, life: Life) -> None:
    person, feeds = UserId(uuid4()), (FeedId(uuid4()), FeedId(uuid4()))
    tellings = (Telling(0, life), Telling(1, life))
    said: dict[EntryId, str] = {}
    moves, joined, last = await _saved(world, person), False, life.days + 8
    for today in range(last + 1):
        now = datetime.combine(FIRST_DAY + timedelta(days=today), time(12), UTC)
        world.clock.at = now
        for at in sorted((0, 1), key=lambda at: tellings[at].chance.random()):
            await world.hears(*tellings[at].pages(today), feed=feeds[at], person=person)
            await world.ensure_sums_are_right(person)
        if today >= life.joined_on and not joined:
            await join(world, person, *feeds)
            await world.ensure_sums_are_right(person)
            joined = True
            await _say(world, person, life, said)
        await _say_of_moves(moves, person, life, today)
    assert len(await world.books.accounts(person)) == 2
    truth = Counter(
        (one.minor, FIRST_DAY + timedelta(days=one.day + one.books_after))
        for one in life.purchases
        if any(telling.knows(one) for telling in tellings)
    )
    await _ensure_true(world, person, truth, said)
    await _ensure_whole(moves, person, life)
    for feed in feeds:
        preview = await PreviewReplay(world.begin, world.ids)(person, feed)
        assert preview.is_empty, preview
    if life.separated:
        await _ensure_separable(world, person, feeds, tellings)
        await _ensure_whole(moves, person, life)


async def _saved(world: LedgerWorld, person: UserId) -> Moves:
    world.clock.at = datetime.combine(FIRST_DAY, time(12), UTC)
    seen = [
        a_transaction(str(minor), minor, account=SAVINGS, booked_on=FIRST_DAY, text=str(minor))
        for minor in SAVED
    ]
    told = Observations((an_account(id=SAVINGS, number=None),), tuple(seen))
    await world.hears(told, feed=FeedId(uuid4()), person=person)
    return Moves(world)


async def _shown(world: LedgerWorld, person: UserId) -> list[Entry]:
    """Of the account that both feeds tell of."""
    return [one for one in await world.shown(person) if one.amount.minor < 0]


async def _say_of_moves(moves: Moves, person: UserId, life: Life, today: int) -> None:
    # Sometimes the job is late.
    if today % 3 == 0:
        await moves.paired(person)
    make = MakeTransfer(moves.begin, moves.world.clock, moves.world.ids)
    for minor, (day, wish) in zip(SAVED, life.moves, strict=False):
        shown = await _shown(moves.world, person)
        if day != today or not shown:
            continue
        (saved,) = (one for one in await moves.world.shown(person) if one.amount.minor == minor)
        with suppress(AlreadyInTransferError):
            await make(MakeTransferCommand(person, shown[wish % len(shown)].id, saved.id))


async def _ensure_whole(moves: Moves, person: UserId, life: Life) -> None:
    """No transfer is half, none is lost that may stand, and looking again changes nothing."""
    await moves.paired(person)
    await moves.ensure_whole(person)
    if life.deleted is None and len(life.moves) == 1:
        said = any(one.by_person for one in await moves.known(person))
        assert len(await moves.now(person)) == 2 * said
    await moves.paired(person)
    known = await moves.known(person)
    await moves.paired(person, since=0)
    assert await moves.known(person) == known
    await moves.ensure_whole(person)


async def _say(world: LedgerWorld, person: UserId, life: Life, said: dict[EntryId, str]) -> None:
    shown = await _shown(world, person)
    for wish in life.edits if shown else ():
        entry = shown[wish % len(shown)]
        await EditEntry(world.begin)(EditEntryCommand(person, entry.id, note=f"note {wish}"))
        said[entry.id] = f"note {wish}"
    if life.deleted is not None and shown:
        entry = shown[life.deleted % len(shown)]
        await RemoveEntry(world.begin)(RemoveEntryCommand(person, entry.id))
        said[entry.id] = "deleted"


async def _ensure_true(
    world: LedgerWorld, person: UserId, truth: Counter[tuple[int, date]], said: dict[EntryId, str]
) -> None:
    entries = [one for one in await world.books.entries(person) if one.amount.minor < 0]
    shown = Counter((one.amount.minor, one.booked_on) for one in entries if one.removed is None)
    deleted = Counter(
        (one.amount.minor, one.booked_on) for one in entries if one.removed == "by_person"
    )
    assert shown + deleted == truth
    assert all(one.status is EntryStatus.BOOKED for one in entries if one.removed is None)
    # What the person said of any entry is said of one that is there, or of what it became.
    notes = {one.note for one in entries if one.removed != "merged"}
    assert {word for word in said.values() if word != "deleted"} <= notes
    assert sum(deleted.values()) == sum(word == "deleted" for word in said.values())


async def _ensure_separable(
    world: LedgerWorld,
    person: UserId,
    feeds: tuple[FeedId, FeedId],
    tellings: tuple[Telling, Telling],
) -> None:
    account = (await accounts_by_feed(world, person, *feeds))[feeds[1]]
    separating = SeparateFeed(world.begin, world.clock, world.ids)
    await separating(SeparateFeedCommand(person, account, feeds[1]))
    await world.ensure_sums_are_right(person)
    ids = await accounts_by_feed(world, person, *feeds)
    for feed, telling in zip(feeds, tellings, strict=True):
        mine = Counter(
            one.amount.minor
            for one in await world.books.entries(person)
            if one.account_id == ids[feed] and one.removed in {None, "by_person"}
        )
        told = Counter(one.minor for one in telling.life.purchases if telling.knows(one))
        assert mine == told
        preview = await PreviewReplay(world.begin, world.ids)(person, feed)
        assert preview.is_empty, preview


@settings(max_examples=200, deadline=None)
@given(life=lives())
async def test_in_memory(life: Life) -> None:
    clock, ids = FixedClock(), CountedIds()
    database = MemoryDatabase(clock, ids)
    board = MemoryJobBoard(database.tables, clock)
    world = LedgerWorld(BeginMemoryLedgerTx(database), board, MemoryBooks(database), clock, ids)
    await live_through(world, life)


@pytest.mark.postgres
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(life=lives())
async def test_on_postgres(postgres: LedgerWorld, life: Life) -> None:
    await live_through(postgres, life)
