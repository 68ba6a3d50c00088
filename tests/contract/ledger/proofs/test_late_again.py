"""What waits for a closed month comes again under other names: once open, it is there once.

Every story is lived twice, by one person who closes the month and by one who never does. Once it is
open again, both have the same.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import pytest

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.erase_feed import EraseFeed
from application.ledger.jobs import EraseFeedJob
from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from application.ledger.proofs.jobs import ApplyLateJob
from domain.ledger.entry import Entry
from domain.shared.ids import AccountId, ConnectionId, ExternalId, FeedId, UserId
from domain.shared.money import Money
from domain.shared.observations import (
    EntryStatus,
    Observations,
    TransactionGone,
    TransactionSeen,
)
from tests.contract.ledger.one_account.feeds import join
from tests.contract.ledger.proofs.months import MARCH, follow, late, reopen, shut
from tests.support.ledger import ANNA, BJORN, LedgerWorld
from tests.support.observations import CURRENT, a_transaction, an_account

NEW = ExternalId("new-account")
NEWER = ExternalId("newer-account")
APRIL_1 = date(2026, 4, 1)

COFFEE = a_transaction("t-1", -100, booked_on=date(2026, 3, 10), text="Coffee")
LUNCH = a_transaction("t-2", -250, booked_on=date(2026, 3, 20), text="Lunch")
FORGOTTEN = a_transaction("t-9", -77, booked_on=date(2026, 3, 31), text="Kiosk")
TAXI = a_transaction(
    "p-1", -80, booked_on=date(2026, 3, 30), text="Taxi", status=EntryStatus.PENDING
)
BOOKED = replace(TAXI, id=ExternalId("b-1"), status=EntryStatus.BOOKED)


def tells(
    *seen: TransactionSeen, gone: tuple[str, ...] = (), name: ExternalId = CURRENT, **facts: bool
) -> Observations:
    """Under whatever names the account and its transactions have by now."""
    mark = "" if name == CURRENT else f"{name}-"
    said = tuple(replace(one, account=name, id=ExternalId(f"{mark}{one.id}")) for one in seen)
    back = tuple(TransactionGone(name, ExternalId(f"{mark}{one}")) for one in gone)
    return Observations((an_account(id=name),), said, back, **facts)


@dataclass(slots=True)
class Life:
    world: LedgerWorld
    person: UserId
    closes: bool
    feeds: tuple[FeedId, FeedId]
    account: AccountId | None = None

    async def hears(self, page: Observations, which: int = 0) -> None:
        await self.world.hears(page, feed=self.feeds[which], person=self.person)
        await self.world.ensure_sums_are_right(self.person)

    async def shut(self, account_id: AccountId | None = None) -> None:
        if self.closes:
            self.account = await shut(self.world, account_id=account_id, person=self.person)

    async def open(self) -> None:
        if self.closes and self.account is not None:
            await reopen(self.world, self.account, person=self.person)
            await self.follow()

    async def follow(self) -> None:
        """The newest feed first, which is the harder way."""
        for feed in reversed(self.feeds):
            await follow(self.world, feed, self.person)

    async def ends(self, *, erase: bool = False, which: int = 0) -> None:
        """It is let go, and what it brought is kept."""
        job = EraseFeedJob(
            user_id=self.person,
            feed_id=self.feeds[which],
            connection_id=ConnectionId(UUID(int=1)),
            erase=erase,
        )
        async with self.world.begin(self.person) as tx:
            job_id = await tx.jobs.enqueue(job)
            await tx.commit()
        leased = {one.lease.job_id: one.lease for one in await self.world.board.claim(100)}
        await EraseFeed(self.world.begin, self.world.clock)(job, leased[job_id])

    async def shown(self) -> list[Entry]:
        return await self.world.shown(self.person)

    async def the(self, minor: int) -> Entry:
        (found,) = (one for one in await self.shown() if one.amount.minor == minor)
        return found

    async def waiting(self) -> int:
        async with self.world.begin(self.person) as tx:
            return sum([len(await tx.proofs.late_of(feed)) for feed in self.feeds])


Story = Callable[[Life], Awaitable[None]]


async def same_as_never_closed(world: LedgerWorld, story: Story) -> Life:
    """Lives the story twice, and compares; returns the life of who closed the month."""
    lives = [
        Life(world, person, closes, (FeedId(UUID(int=key)), FeedId(UUID(int=key + 1))))
        for person, closes, key in ((ANNA, True, 0xFEED0), (BJORN, False, 0xFEEDA))
    ]
    outcomes = []
    for life in lives:
        await story(life)
        await world.ensure_sums_are_right(life.person)
        outcomes.append(
            Counter(
                (one.status, one.amount.minor, one.booked_on, one.text, one.note)
                for one in await life.shown()
            )
        )
    assert outcomes[0] == outcomes[1]
    assert await lives[0].waiting() == 0
    return lives[0]


@pytest.fixture(params=["moved", "linked anew"])
def which(request: pytest.FixtureRequest) -> int:
    """Its link moves to a new login of the same feed; or it is let go, and linked anew."""
    return int(request.param == "linked anew")


async def renews(life: Life, which: int) -> None:
    if which:
        await life.ends()


async def test_a_late_booking_that_comes_again_after_a_renewal(
    world: LedgerWorld, which: int
) -> None:
    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE, LUNCH))
        await life.shut()
        await life.hears(tells(FORGOTTEN))
        await renews(life, which)
        await life.hears(tells(COFFEE, LUNCH, FORGOTTEN, name=NEW), which)
        await life.open()

    life = await same_as_never_closed(world, story)
    assert sorted(one.amount.minor for one in await life.shown()) == [-250, -100, -77]


async def test_a_late_booking_that_comes_again_only_once_the_month_is_open(
    world: LedgerWorld, which: int
) -> None:
    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE, LUNCH))
        await life.shut()
        await life.hears(tells(FORGOTTEN))
        await renews(life, which)
        await life.hears(tells(COFFEE, LUNCH, name=NEW), which)
        await life.open()
        await life.hears(tells(FORGOTTEN, name=NEW), which)

    await same_as_never_closed(world, story)


async def test_a_late_booking_that_the_new_login_does_not_tell(
    world: LedgerWorld, which: int
) -> None:
    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE, LUNCH))
        await life.shut()
        await life.hears(tells(FORGOTTEN))
        await renews(life, which)
        await life.hears(tells(LUNCH, name=NEW), which)
        await life.open()

    await same_as_never_closed(world, story)


async def test_it_comes_again_twice_where_the_link_moves_twice(world: LedgerWorld) -> None:
    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE))
        await life.shut()
        for name in (CURRENT, NEW, NEWER):
            await life.hears(tells(COFFEE, FORGOTTEN, name=name))
        await life.open()
        await life.hears(tells(COFFEE, FORGOTTEN, name=NEWER))

    await same_as_never_closed(world, story)


async def test_equals_that_come_again_are_as_many_as_they_are(
    world: LedgerWorld, which: int
) -> None:
    twin = replace(FORGOTTEN, id=ExternalId("t-10"))

    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE))
        await life.shut()
        await life.hears(tells(FORGOTTEN, twin))
        await renews(life, which)
        third = replace(FORGOTTEN, id=ExternalId("t-11"))
        await life.hears(tells(COFFEE, FORGOTTEN, twin, third, name=NEW), which)
        await life.open()

    life = await same_as_never_closed(world, story)
    assert [one.amount.minor for one in await life.shown()].count(-77) == 3


async def test_a_changed_amount_that_comes_again(world: LedgerWorld, which: int) -> None:
    dearer = replace(COFFEE, amount=Money(-120, "NOK"))

    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE, LUNCH))
        coffee = await life.the(-100)
        await EditEntry(world.begin)(EditEntryCommand(life.person, coffee.id, note="With Kari"))
        await life.shut()
        await life.hears(tells(dearer))
        await renews(life, which)
        await life.hears(tells(dearer, LUNCH, name=NEW), which)
        await life.open()
        assert (await life.the(-120)).id == coffee.id

    await same_as_never_closed(world, story)


async def test_a_day_that_moves_to_an_open_month_and_comes_again(
    world: LedgerWorld, which: int
) -> None:
    moved = replace(COFFEE, booked_on=APRIL_1)

    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE, LUNCH))
        await life.shut()
        await life.hears(tells(moved))
        await renews(life, which)
        await life.hears(tells(moved, LUNCH, name=NEW), which)
        await life.hears(tells(moved, LUNCH, name=NEW), which)
        await life.open()

    life = await same_as_never_closed(world, story)
    assert len(await life.shown()) == 2


async def test_what_was_taken_back_late_and_is_not_told_any_more(
    world: LedgerWorld, which: int
) -> None:
    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE, LUNCH))
        await life.shut()
        await life.hears(tells(gone=("t-1",)))
        await renews(life, which)
        await life.hears(tells(LUNCH, name=NEW), which)
        await life.open()

    life = await same_as_never_closed(world, story)
    assert [one.amount.minor for one in await life.shown()] == [-250]


async def test_what_was_taken_back_late_and_is_told_again_by_the_new_login(
    world: LedgerWorld, which: int
) -> None:
    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE, LUNCH))
        await life.shut()
        await life.hears(tells(gone=("t-1",)))
        await renews(life, which)
        await life.hears(tells(COFFEE, LUNCH, name=NEW), which)
        await life.open()

    life = await same_as_never_closed(world, story)
    assert sorted(one.amount.minor for one in await life.shown()) == [-250, -100]


async def test_the_newer_word_stands_where_an_older_one_waited(
    world: LedgerWorld, which: int
) -> None:
    """Never closed, these would be two: the new login's other amount is a stranger's there."""
    life = Life(world, ANNA, True, (FeedId(UUID(int=0xFEED0)), FeedId(UUID(int=0xFEED1))))
    await life.hears(tells(COFFEE, LUNCH))
    await life.shut()
    await life.hears(tells(replace(COFFEE, amount=Money(-120, "NOK"))))
    await renews(life, which)
    await life.hears(tells(COFFEE, LUNCH, name=NEW), which)

    await life.open()

    assert sorted(one.amount.minor for one in await life.shown()) == [-250, -100]
    assert await life.waiting() == 0
    await world.ensure_sums_are_right()


async def test_told_late_and_removed_before_the_month_is_open(world: LedgerWorld) -> None:
    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE))
        await life.shut()
        await life.hears(tells(FORGOTTEN))
        await life.hears(tells(FORGOTTEN))
        await life.hears(tells(gone=("t-9",)))
        await life.open()

    life = await same_as_never_closed(world, story)
    assert [one.amount.minor for one in await life.shown()] == [-100]


async def test_told_late_and_removed_before_a_renewal(world: LedgerWorld, which: int) -> None:
    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE))
        await life.shut()
        await life.hears(tells(FORGOTTEN))
        await life.hears(tells(gone=("t-9",)))
        await renews(life, which)
        await life.hears(tells(COFFEE, name=NEW), which)
        await life.open()

    await same_as_never_closed(world, story)


@pytest.mark.parametrize("named", [True, False])
async def test_a_hold_whose_booking_waits_is_the_same_once_the_month_is_open(
    world: LedgerWorld, *, named: bool
) -> None:
    booked = replace(BOOKED, pending_id=TAXI.id if named else None)

    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE))
        await life.shut()
        await life.hears(tells(TAXI, lists_all_pending=True))
        taxi = await life.the(-80)
        await life.hears(tells(booked, lists_all_pending=True))
        await life.hears(tells(booked, lists_all_pending=True))
        await life.open()
        assert (await life.the(-80)).id == taxi.id

    await same_as_never_closed(world, story)


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("again", [True, False])
async def test_a_hold_whose_booking_waits_over_a_renewal(
    world: LedgerWorld, which: int, *, named: bool, again: bool
) -> None:
    booked = replace(BOOKED, pending_id=TAXI.id if named else None)

    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE, TAXI, lists_all_pending=True))
        taxi = await life.the(-80)
        await life.shut()
        await life.hears(tells(booked, lists_all_pending=True))
        await renews(life, which)
        told = (COFFEE, replace(BOOKED, pending_id=None)) if again else (COFFEE,)
        await life.hears(tells(*told, name=NEW, lists_all_pending=True), which)
        await life.open()
        assert (await life.the(-80)).id == taxi.id

    await same_as_never_closed(world, story)


async def test_a_hold_that_books_with_the_renewal_and_is_told_so_again_and_again(
    world: LedgerWorld, which: int
) -> None:
    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE, TAXI, lists_all_pending=True))
        taxi = await life.the(-80)
        await life.shut()
        await renews(life, which)
        booked = replace(BOOKED, pending_id=None)
        for _ in range(3):
            await life.hears(tells(COFFEE, booked, name=NEW, lists_all_pending=True), which)
        await life.open()
        assert (await life.the(-80)).id == taxi.id

    await same_as_never_closed(world, story)


async def test_closed_again_before_it_was_followed_it_waits_on(
    world: LedgerWorld, which: int
) -> None:
    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE))
        await life.shut()
        await life.hears(tells(FORGOTTEN))
        await renews(life, which)
        await life.hears(tells(COFFEE, FORGOTTEN, name=NEW), which)
        if life.account is not None:
            await reopen(world, life.account, person=life.person)
            await life.shut()
            await life.follow()
            assert [one.amount.minor for one in await life.shown()] == [-100]
            assert len(await late(world, life.person)) == 2
        await life.open()

    await same_as_never_closed(world, story)


async def test_followed_by_a_month_that_is_open_while_another_is_closed(
    world: LedgerWorld,
) -> None:
    april = a_transaction("t-4", -40, booked_on=date(2026, 4, 2), text="Bus")

    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE))
        if life.closes:
            life.account = await shut(world, MARCH, APRIL_1, person=life.person)
        await life.hears(tells(FORGOTTEN, april))
        await life.hears(tells(COFFEE, FORGOTTEN, april, name=NEW))
        if life.account is not None:
            await reopen(world, life.account, APRIL_1, life.person)
            await life.follow()
            assert sorted(one.amount.minor for one in await life.shown()) == [-100, -40]
        await life.open()

    await same_as_never_closed(world, story)


async def test_told_late_by_both_feeds_of_a_joined_account(world: LedgerWorld) -> None:
    async def story(life: Life) -> None:
        await both_told(life)
        await life.open()

    life = await same_as_never_closed(world, story)
    assert sorted(one.amount.minor for one in await life.shown()) == [-100, -77]


@pytest.mark.parametrize("erase", [True, False])
async def test_told_late_by_both_and_one_of_them_leaves(world: LedgerWorld, *, erase: bool) -> None:
    async def story(life: Life) -> None:
        await both_told(life)
        await life.ends(which=1, erase=erase)
        await life.open()

    life = await same_as_never_closed(world, story)
    assert sorted(one.amount.minor for one in await life.shown()) == [-100, -77]


async def both_told(life: Life) -> None:
    await life.hears(tells(COFFEE))
    await life.hears(tells(COFFEE, name=NEW), 1)
    joined = await join(life.world, life.person, *life.feeds)
    await life.shut(AccountId(joined.account_id))
    await life.hears(tells(COFFEE, FORGOTTEN))
    await life.hears(tells(COFFEE, FORGOTTEN, name=NEW), 1)


async def test_what_waits_of_a_feed_that_is_separated_is_followed_on_its_own_account(
    world: LedgerWorld,
) -> None:
    """Nothing is closed there, and nobody could open it."""
    life = Life(world, ANNA, True, (FeedId(UUID(int=0xFEED0)), FeedId(UUID(int=0xFEED1))))
    await both_told(life)
    assert life.account is not None
    command = SeparateFeedCommand(ANNA, life.account, life.feeds[1])
    report = await SeparateFeed(world.begin, world.clock, world.ids)(command)

    (job,) = [one for one in await world.board.claim(100) if one.name == ApplyLateJob.name]
    assert str(job.payload["feed_id"]) == str(life.feeds[1])
    await life.follow()

    own = [one for one in await life.shown() if one.account_id == report.own_account_id]
    assert sorted(one.amount.minor for one in own) == [-100, -77]
    assert await life.waiting() == 1, "the other feed's word waits for the month to be opened"
    await life.open()
    assert sorted(one.amount.minor for one in await life.shown()) == [-100, -100, -77, -77]
    assert await life.waiting() == 0
    await world.ensure_sums_are_right()


async def test_what_waited_behind_a_feed_that_is_erased_is_followed(world: LedgerWorld) -> None:
    """In an open month, where it waited only because the other one might be the same."""
    moved = replace(FORGOTTEN, booked_on=APRIL_1)

    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE))
        await life.shut()
        await life.hears(tells(FORGOTTEN))
        await life.hears(tells(gone=("t-9",)))
        await life.hears(tells(moved))
        await life.ends()
        await life.hears(tells(COFFEE, moved, name=NEW), 1)
        await life.ends(erase=True)
        if life.closes:
            leased = await world.board.claim(100)
            follows = [one for one in leased if one.name == ApplyLateJob.name]
            assert [str(one.payload["feed_id"]) for one in follows] == [str(life.feeds[1])]
        await life.follow()

    life = await same_as_never_closed(world, story)
    assert sorted(one.amount.minor for one in await life.shown()) == [-100, -77]


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2026, 4, 25)])
async def test_a_name_that_is_used_again_for_something_else_takes_no_place(
    world: LedgerWorld, day: date
) -> None:
    other = a_transaction("t-9", -500, booked_on=day, text="Garage")

    async def story(life: Life) -> None:
        await life.hears(tells(COFFEE))
        await life.shut()
        await life.hears(tells(FORGOTTEN))
        await life.hears(tells(other))
        await life.hears(tells(other))
        await life.open()

    life = await same_as_never_closed(world, story)
    assert sorted(one.amount.minor for one in await life.shown()) == [-500, -100, -77]
