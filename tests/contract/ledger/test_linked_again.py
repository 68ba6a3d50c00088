"""ApplyFeed where a bank is linked again: what was there before is known, and nothing doubles."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.erase_feed import EraseFeed, EraseReport
from application.ledger.jobs import EraseFeedJob
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from application.shared.jobs import Lease
from domain.ledger.entry import Entry, Removed
from domain.shared.ids import ConnectionId, ExternalId, FeedId
from domain.shared.money import Money
from domain.shared.observations import (
    AccountSeen,
    BalanceSeen,
    EntryStatus,
    Observations,
    TransactionGone,
    TransactionSeen,
)
from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.support.observations import CURRENT, a_transaction, an_account

ANEW = FeedId(UUID(int=0xFEED2))
NEW = ExternalId("new-account")
MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
EVENING = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)

COFFEE = a_transaction("t-1", -40_00, text="Coffee")
SALARY = a_transaction("t-2", 500_00, text="Salary")


def page(*seen: TransactionSeen, balance: int = 1000_00, **facts: object) -> Observations:
    figure = BalanceSeen(Money(balance, "NOK"), None, MORNING)
    return Observations((an_account(balance=figure, **facts),), seen)


def anew(
    *seen: TransactionSeen, balance: int = 1000_00, name: str = NEW, **facts: object
) -> Observations:
    """The same, as a new login names it."""
    figure = BalanceSeen(Money(balance, "NOK"), None, EVENING)
    account = an_account(id=ExternalId(name), balance=figure, **facts)
    return Observations((account,), tuple(renamed(one, name) for one in seen))


def renamed(seen: TransactionSeen, account: str = NEW) -> TransactionSeen:
    return replace(seen, account=ExternalId(account), id=ExternalId(f"new-{seen.id}"))


def amounts(shown: Sequence[Entry]) -> list[int]:
    return sorted(one.amount.minor for one in shown)


async def ends(world: LedgerWorld, feed: FeedId = FEED, *, erase: bool = False) -> EraseReport:
    job, lease = await an_end(world, feed, erase=erase)
    return await EraseFeed(world.begin, world.clock)(job, lease)


async def an_end(world: LedgerWorld, feed: FeedId, *, erase: bool) -> tuple[EraseFeedJob, Lease]:
    job = EraseFeedJob(
        user_id=ANNA, feed_id=feed, connection_id=ConnectionId(UUID(int=1)), erase=erase
    )
    async with world.begin(ANNA) as tx:
        job_id = await tx.jobs.enqueue(job)
        await tx.commit()
    (lease,) = (one.lease for one in await world.board.claim(100) if one.lease.job_id == job_id)
    return job, lease


@pytest.fixture(params=["moved", "linked anew"])
def way(request: pytest.FixtureRequest) -> str:
    """Its link moves to a new login; or it is let go with its data kept, and linked anew."""
    chosen: str = request.param
    return chosen


async def again(world: LedgerWorld, way: str) -> FeedId:
    """The feed that speaks of the account from now on."""
    if way == "moved":
        return FEED
    await ends(world)
    return ANEW


async def one_account(world: LedgerWorld) -> int:
    """Its balance."""
    await world.ensure_sums_are_right()
    return await world.balance()


async def test_nothing_doubles(world: LedgerWorld, way: str) -> None:
    await world.hears(page(COFFEE, SALARY))
    before = await world.shown()

    report = await world.hears(anew(COFFEE, SALARY, balance=900_00), feed=await again(world, way))

    assert (report.added, report.changed, report.removed, report.unchanged) == (0, 0, 0, 2)
    assert await world.shown() == before
    assert await one_account(world) == 900_00


async def test_without_a_number_the_same_words_are_enough(world: LedgerWorld, way: str) -> None:
    await world.hears(page(COFFEE, number=None, institution="Fjordbank"))

    told = anew(COFFEE, number=None, institution="Fjordbank")
    await world.hears(told, feed=await again(world, way))

    assert amounts(await world.shown()) == [-40_00]
    await one_account(world)


async def test_twins_stay_as_many_as_they_are(world: LedgerWorld, way: str) -> None:
    twins = [replace(COFFEE, id=ExternalId(f"twin-{number}")) for number in range(3)]
    await world.hears(page(*twins))
    feed = await again(world, way)

    await world.hears(anew(*twins[:2]), anew(*twins[2:]), feed=feed)
    assert len(await world.shown()) == 3

    await world.hears(anew(replace(COFFEE, id=ExternalId("twin-4"))), feed=feed)
    assert len(await world.shown()) == 4, "one more is one more"
    await one_account(world)


async def test_what_the_person_said_stays_said(world: LedgerWorld, way: str) -> None:
    await world.hears(page(COFFEE, SALARY))
    coffee, salary = await world.shown()
    edit = EditEntry(world.begin)
    await edit(EditEntryCommand(ANNA, coffee.id, category="family.pets", text="For the cat"))
    await RemoveEntry(world.begin)(RemoveEntryCommand(ANNA, salary.id))
    feed = await again(world, way)

    await world.hears(anew(COFFEE, SALARY), feed=feed)
    await world.hears(anew(COFFEE, replace(SALARY, text="Salary for March")), feed=feed)

    (shown,) = await world.shown()
    assert (shown.id, shown.text, shown.category) == (coffee.id, "For the cat", "family.pets")
    removed = [one for one in await world.books.entries(ANNA) if one.removed is not None]
    assert [(one.id, one.removed) for one in removed] == [(salary.id, Removed.BY_PERSON)]
    await one_account(world)


async def test_what_is_really_new_is_added(world: LedgerWorld, way: str) -> None:
    await world.hears(page(COFFEE))

    tea = replace(COFFEE, id=ExternalId("t-9"), text="Tea")
    other_day = replace(COFFEE, id=ExternalId("t-10"), booked_on=date(2026, 3, 2))
    report = await world.hears(anew(COFFEE, tea, other_day), feed=await again(world, way))

    assert report.added == 2
    assert len(await world.shown()) == 3
    await one_account(world)


async def test_older_history_that_comes_later_is_known_too(world: LedgerWorld, way: str) -> None:
    old = a_transaction("old", -7_00, booked_on=date(2024, 5, 1), text="Old")
    await world.hears(page(COFFEE, old))
    before = await world.shown()
    feed = await again(world, way)

    await world.hears(anew(COFFEE), feed=feed)
    await world.hears(anew(old, a_transaction("older", -9_00, text="Older")), feed=feed)

    assert (await world.shown())[:2] == before
    assert amounts(await world.shown()) == [-40_00, -9_00, -7_00]
    await one_account(world)


async def test_it_can_happen_twice(world: LedgerWorld, way: str) -> None:
    await world.hears(page(COFFEE, SALARY))
    feed = await again(world, way)
    await world.hears(anew(COFFEE, SALARY), feed=feed)

    if way != "moved":
        await ends(world, feed)
        feed = FeedId(UUID(int=0xFEED3))
    third = anew(renamed(COFFEE), renamed(SALARY), name="third")
    await world.hears(third, feed=feed)

    assert amounts(await world.shown()) == [-40_00, 500_00]
    await one_account(world)


async def test_what_was_pending_under_the_old_name_is_told_anew_or_void(
    world: LedgerWorld, way: str
) -> None:
    held = a_transaction("p-1", -25_00, text="Taxi", status=EntryStatus.PENDING)
    booking = a_transaction("p-2", -30_00, text="Bakery", status=EntryStatus.PENDING)
    await world.hears(page(held, booking))
    booked = replace(booking, id=ExternalId("b-2"), status=EntryStatus.BOOKED)

    await world.hears(anew(held, booked), feed=await again(world, way))

    shown = sorted(await world.shown(), key=lambda one: one.amount.minor)
    assert [(one.text, one.status.value) for one in shown] == [
        ("Bakery", "booked"),
        ("Taxi", "pending"),
    ]
    assert len(await world.books.entries(ANNA)) == 2, "the taxi and the bakery that were pending"
    await one_account(world)


async def test_accounts_nobody_can_tell_apart_are_opened(world: LedgerWorld, way: str) -> None:
    def twin(name: str) -> AccountSeen:
        return an_account(id=ExternalId(name), number=None, institution="Fjordbank")

    await world.hears(Observations((twin("a"), twin("b"))))

    await world.hears(Observations((twin("c"), twin("d"))), feed=await again(world, way))

    assert len(await world.books.accounts(ANNA)) == 4


async def test_one_account_is_not_taken_for_either_of_two(world: LedgerWorld, way: str) -> None:
    def twin(name: str) -> AccountSeen:
        return an_account(id=ExternalId(name), number=None, institution="Fjordbank")

    await world.hears(Observations((twin("a"),)))

    await world.hears(
        Observations((twin("c"),)), Observations((twin("d"),)), feed=await again(world, way)
    )

    assert len(await world.books.accounts(ANNA)) == 3


async def test_an_old_name_on_a_later_page_is_a_living_one(world: LedgerWorld) -> None:
    await world.hears(page(COFFEE))

    await world.hears(anew(SALARY), page(COFFEE))

    assert len(await world.books.accounts(ANNA)) == 2


async def test_two_links_that_live_are_two(world: LedgerWorld) -> None:
    await world.hears(page(COFFEE))

    await world.hears(anew(COFFEE), feed=ANEW)

    assert len(await world.books.accounts(ANNA)) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"number": "NO9386011117947", "currency": "SEK"},
        {"number": "NO1111111111111"},
        {"number": None, "institution": "Fjordbank"},
    ],
)
async def test_another_account_is_another(
    world: LedgerWorld, way: str, other: dict[str, object]
) -> None:
    await world.hears(page(COFFEE))

    account = an_account(id=NEW, **other)
    await world.hears(Observations((account,)), feed=await again(world, way))

    assert len(await world.books.accounts(ANNA)) == 2


async def test_an_erased_feed_leaves_nothing_to_be_found(world: LedgerWorld) -> None:
    await world.hears(page(COFFEE, SALARY))
    assert await ends(world, erase=True) == EraseReport(1)

    report = await world.hears(anew(COFFEE, SALARY), feed=ANEW)

    assert report.added == 2
    assert await one_account(world) == 1000_00


@pytest.mark.parametrize("erased", ["the old link", "the new link"])
async def test_erasing_one_of_its_links_leaves_what_the_other_told(
    world: LedgerWorld, erased: str
) -> None:
    old = a_transaction("old", -7_00, text="Old")
    late = a_transaction("late", -9_00, text="Late")
    await world.hears(page(COFFEE, old))
    await ends(world)
    await world.hears(anew(COFFEE, late), feed=ANEW)

    report = await ends(world, FEED if erased == "the old link" else ANEW, erase=True)

    assert report == EraseReport(0, entries=1)
    left = -9_00 if erased == "the old link" else -7_00
    assert sorted(one.amount.minor for one in await world.books.entries(ANNA)) == [-40_00, left]
    await one_account(world)


async def test_erasing_all_its_links_leaves_nothing(world: LedgerWorld) -> None:
    await world.hears(page(COFFEE, SALARY))
    await ends(world)
    await world.hears(anew(COFFEE), feed=ANEW)

    await ends(world, FEED, erase=True)
    assert await ends(world, ANEW, erase=True) == EraseReport(1)

    assert not await world.books.entries(ANNA)
    assert not await world.books.accounts(ANNA)


async def test_a_page_that_takes_back_what_it_recognised(world: LedgerWorld, way: str) -> None:
    await world.hears(page(COFFEE))
    feed = await again(world, way)
    await world.hears(anew(COFFEE), feed=feed)

    gone = (TransactionGone(NEW, ExternalId("new-t-1")), TransactionGone(CURRENT, COFFEE.id))
    await world.hears(Observations(gone=gone), feed=feed)

    assert not await world.shown()
    await one_account(world)


@pytest.mark.postgres
async def test_an_erasure_waits_for_an_edit(postgres: LedgerWorld) -> None:
    world = postgres
    await world.hears(page(COFFEE, SALARY))
    (coffee, _) = await world.shown()
    job, lease = await an_end(world, FEED, erase=True)

    async with world.begin(ANNA) as tx:
        await tx.accounts.get(coffee.account_id)
        erasing = asyncio.create_task(EraseFeed(world.begin, world.clock)(job, lease))
        await asyncio.sleep(0.3)
        assert (await tx.entries.get(coffee.id)).id == coffee.id
        await tx.commit()

    assert await erasing == EraseReport(1)
    assert not await world.books.entries(ANNA)


@pytest.mark.parametrize("number", [None, "NO9386011117947"])
async def test_of_two_that_showed_the_same_account_the_one_that_was_called_so_is_found(
    world: LedgerWorld, number: str | None
) -> None:
    """Two logins of one bank, both let go; the later of them is linked once more."""

    def told(*seen: TransactionSeen, name: str = "later") -> Observations:
        return anew(*seen, name=name, number=number, institution="Fjordbank")

    older, later = FeedId(UUID(int=0xFEED8)), FeedId(UUID(int=0xFEED9))
    await world.hears(told(COFFEE, name="older"), feed=older)
    await world.hears(told(COFFEE, SALARY), feed=later)
    before = {one.account_id for one in await world.shown() if one.amount == SALARY.amount}
    for feed in (older, later):
        await ends(world, feed)

    cake = replace(COFFEE, id=ExternalId("t-9"), amount=Money(-55_00, "NOK"))
    await world.hears(told(COFFEE, SALARY, cake))

    assert amounts(await world.shown()) == [-55_00, -40_00, -40_00, 500_00]
    (found,) = (one for one in await world.shown() if one.amount == cake.amount)
    assert {found.account_id} == before
    await world.ensure_sums_are_right()
