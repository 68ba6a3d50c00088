"""SeparateFeed, and feeds that leave: nothing is lost, and values fall back to the others'."""

from uuid import uuid4

import pytest

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.one_account.join import JoinAccounts, JoinAccountsCommand
from application.ledger.one_account.same_accounts import ListSameAccounts
from application.ledger.one_account.separate import (
    SeparatedAccount,
    SeparateFeed,
    SeparateFeedCommand,
)
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from domain.ledger.entry import Edited, Part
from domain.ledger.errors_one_account import (
    AccountJoinedError,
    AccountsAreTwoError,
    NotAFeedOfAccountError,
)
from domain.shared.ids import AccountId, FeedId
from domain.shared.observations import Observations, TransactionGone
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    THERE,
    accounts_by_feed,
    bought,
    erased,
    figures,
    here,
    join,
    on,
    one_account,
    replayed,
    there,
)
from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.support.observations import an_account

COFFEE, RENT = bought("1", -40_00, text="Kaffebrenneriet"), bought("2", -900_00, text="Husleie")
SHOES = bought("3", -70_00, 4, text="Zara")


async def joined(world: LedgerWorld) -> None:
    """Coffee is told by both, rent here only, shoes there only."""
    await world.hears(here(COFFEE, RENT, balance=1000_00))
    on(world, 3)
    await world.hears(there(COFFEE, SHOES, balance=990_00, day=3), feed=OTHER)
    await join(world)


async def separate(world: LedgerWorld, feed: FeedId = OTHER) -> SeparatedAccount:
    account = (await accounts_by_feed(world))[feed]
    separating = SeparateFeed(world.begin, world.clock, world.ids)
    return await separating(SeparateFeedCommand(ANNA, account, feed))


async def shown_on(world: LedgerWorld, account_id: object) -> list[tuple[str, int, int]]:
    return figures([one for one in await world.shown() if one.account_id == account_id])


async def test_each_has_its_own_again(world: LedgerWorld) -> None:
    await world.hears(here(COFFEE, RENT, balance=1000_00))
    on(world, 3)
    await world.hears(there(COFFEE, SHOES, balance=990_00, day=3), feed=OTHER)
    before = {(one.id, one.account_id) for one in await world.shown()}
    former = (await accounts_by_feed(world))[OTHER]
    await join(world)

    report = await separate(world)

    assert (report.own_account_id, report.separated) == (former, 1)
    assert {(one.id, one.account_id) for one in await world.shown()} == before
    balances = {one.id: figure for one, figure in (await world.books.accounts(ANNA)).items()}
    assert balances == {report.account_id: 1000_00, report.own_account_id: 990_00}
    await world.ensure_sums_are_right()
    for feed in (FEED, OTHER):
        assert (await replayed(world, feed)).is_empty


@pytest.mark.parametrize("feed", [FEED, OTHER])
async def test_afterwards_each_goes_on_for_itself(world: LedgerWorld, feed: FeedId) -> None:
    await joined(world)

    report = await separate(world, feed)

    await world.hears(here(COFFEE, RENT, bought("9", -1_00, 5)))
    await world.hears(there(COFFEE, SHOES, bought("9", -1_00, 5)), feed=OTHER)
    there_now = [("booked", -70_00, 4), ("booked", -40_00, 2), ("booked", -1_00, 5)]
    here_now = [("booked", -900_00, 2), ("booked", -40_00, 2), ("booked", -1_00, 5)]
    sides = (there_now, here_now) if feed == FEED else (here_now, there_now)
    assert await shown_on(world, report.account_id) == sorted(sides[0])
    assert await shown_on(world, report.own_account_id) == sorted(sides[1])
    await world.ensure_sums_are_right()


async def test_what_was_said_since_stays_and_nobody_asks_again(world: LedgerWorld) -> None:
    await joined(world)
    (coffee,) = (one for one in await world.shown() if one.amount.minor == -40_00)
    await EditEntry(world.begin)(EditEntryCommand(ANNA, coffee.id, note="with Ola"))

    report = await separate(world)

    notes = {one.account_id: one.note for one in await world.shown() if one.amount.minor == -40_00}
    assert notes == {report.account_id: "with Ola", report.own_account_id: None}
    assert await ListSameAccounts(world.begin)(ANNA) == []


async def noted(world: LedgerWorld, feed: FeedId, note: str) -> None:
    account = (await accounts_by_feed(world))[feed]
    (coffee,) = (
        one
        for one in await world.shown()
        if one.account_id == account and one.amount.minor == -40_00
    )
    command = EditEntryCommand(ANNA, coffee.id, note=note, category=f"food.{note}")
    await EditEntry(world.begin)(command)


@pytest.mark.parametrize("leaves", [FEED, OTHER])
@pytest.mark.parametrize("first", [FEED, OTHER])
async def test_of_two_words_on_one_thing_neither_is_lost(
    world: LedgerWorld, first: FeedId, leaves: FeedId
) -> None:
    """Also where the later word was that of the entry that went, whichever feed leaves."""
    await world.hears(here(COFFEE))
    on(world, 3)
    await world.hears(there(COFFEE, day=3), feed=OTHER)
    await noted(world, first, "groceries")
    await noted(world, OTHER if first == FEED else FEED, "restaurants")
    await join(world)
    (together,) = await world.shown()

    report = await separate(world, leaves)

    notes = {one.account_id: (one.note, one.category) for one in await world.shown()}
    assert together.note == "restaurants"
    assert notes == {
        report.account_id: ("restaurants", "food.restaurants"),
        report.own_account_id: ("groceries", "food.groceries"),
    }


@pytest.mark.parametrize("leaves", [FEED, OTHER])
async def test_of_two_splits_neither_is_lost(world: LedgerWorld, leaves: FeedId) -> None:
    await world.hears(here(COFFEE))
    on(world, 3)
    await world.hears(there(COFFEE, day=3), feed=OTHER)
    for one, kind in zip(await world.shown(), ("food.groceries", "family.pets"), strict=True):
        parts = [Part(share, kind) for share in one.amount.split(2)]
        await EditEntry(world.begin)(EditEntryCommand(ANNA, one.id, parts=parts))
    await join(world)

    await separate(world, leaves)

    left = await world.shown()
    assert {one.split[0].category for one in left} == {"food.groceries", "family.pets"}
    assert all(Edited.PARTS in one.edited for one in left)
    await world.ensure_sums_are_right()


async def test_what_nobody_contradicted_stays_where_it_is(world: LedgerWorld) -> None:
    """Of the feed whose entry kept its id, nothing had yielded: its new one is as it tells it."""
    await world.hears(here(COFFEE))
    on(world, 3)
    await world.hears(there(COFFEE, day=3), feed=OTHER)
    await noted(world, OTHER, "restaurants")
    await join(world)

    report = await separate(world, FEED)

    notes = {one.account_id: one.note for one in await world.shown()}
    assert notes == {report.account_id: "restaurants", report.own_account_id: None}


async def test_what_was_said_of_the_others_before_stays_with_both(world: LedgerWorld) -> None:
    await world.hears(here(COFFEE))
    on(world, 3)
    await world.hears(there(COFFEE, day=3), feed=OTHER)
    await noted(world, OTHER, "restaurants")
    await join(world)

    await separate(world)

    assert [one.note for one in await world.shown()] == ["restaurants", "restaurants"]


@pytest.mark.parametrize("feed", [FEED, OTHER])
async def test_what_was_deleted_stays_deleted_on_both_sides(
    world: LedgerWorld, feed: FeedId
) -> None:
    await joined(world)
    (coffee,) = (one for one in await world.shown() if one.amount.minor == -40_00)
    await RemoveEntry(world.begin)(RemoveEntryCommand(ANNA, coffee.id))

    await separate(world, feed)

    assert sorted(one.amount.minor for one in await world.shown()) == [-900_00, -70_00]
    await world.ensure_sums_are_right()


async def test_joined_and_separated_and_joined_it_is_one_again(world: LedgerWorld) -> None:
    await joined(world)
    before = {one.id for one in await world.shown()}
    await separate(world)

    await join(world)

    assert {one.id for one in await world.shown()} == before
    await one_account(world)


@pytest.mark.parametrize("feed", [FEED, OTHER])
async def test_a_feed_that_is_erased_leaves_what_the_other_told(
    world: LedgerWorld, feed: FeedId
) -> None:
    await joined(world)

    await erased(world, feed)

    left = {FEED: [("booked", -70_00, 4), ("booked", -40_00, 2)]}
    left[OTHER] = [("booked", -900_00, 2), ("booked", -40_00, 2)]
    assert figures(await world.shown()) == left[feed]
    assert await one_account(world) == (990_00 if feed == FEED else 1000_00)
    rest = OTHER if feed == FEED else FEED
    assert (await replayed(world, rest)).is_empty


async def test_values_fall_back_to_the_others_when_one_leaves(world: LedgerWorld) -> None:
    await joined(world)
    await world.hears(there(bought("1", -41_00, text="Kaffe AS"), SHOES), feed=OTHER)
    await world.hears(here(bought("1", -42_00, text="Kaffebrenneriet"), RENT))

    await erased(world, FEED)

    assert -41_00 in {one.amount.minor for one in await world.shown()}
    await one_account(world)


async def test_a_feed_that_ends_leaves_what_it_told(world: LedgerWorld) -> None:
    await joined(world)

    await erased(world, OTHER, erase=False)
    await world.hears(here(COFFEE, RENT))

    assert len(await world.shown()) == 3
    await one_account(world)


async def test_taken_back_by_one_it_stays_and_by_both_it_goes(world: LedgerWorld) -> None:
    await joined(world)
    gone = Observations(
        (an_account(id=THERE),), gone=(TransactionGone(THERE, COFFEE.id.__class__("o-1")),)
    )

    await world.hears(gone, feed=OTHER)
    assert -40_00 in {one.amount.minor for one in await world.shown()}

    back = Observations(gone=(TransactionGone(None, COFFEE.id.__class__("n-1")),))
    await world.hears(back)
    assert -40_00 not in {one.amount.minor for one in await world.shown()}
    await one_account(world)


async def test_a_former_id_says_where_it_went(world: LedgerWorld) -> None:
    await world.hears(here(COFFEE))
    await world.hears(there(COFFEE), feed=OTHER)
    ids = await accounts_by_feed(world)
    command = JoinAccountsCommand(ANNA, ids[FEED], ids[OTHER])
    joining = JoinAccounts(world.begin, world.clock, world.ids)
    await joining(command)

    with pytest.raises(AccountJoinedError) as refused:
        await joining(command)

    assert (refused.value.account_id, refused.value.into) == (ids[OTHER], ids[FEED])


async def test_what_cannot_be_one_is_refused(world: LedgerWorld) -> None:
    await world.hears(here(COFFEE))
    crowns = Observations((an_account(id=THERE, currency="SEK"),))
    await world.hears(crowns, feed=OTHER)

    with pytest.raises(AccountsAreTwoError, match="NOK"):
        await join(world)


async def test_a_feed_that_is_none_of_its_cannot_be_separated(world: LedgerWorld) -> None:
    await joined(world)
    account = (await accounts_by_feed(world))[FEED]
    separating = SeparateFeed(world.begin, world.clock, world.ids)

    with pytest.raises(NotAFeedOfAccountError):
        await separating(SeparateFeedCommand(ANNA, AccountId(account), FeedId(uuid4())))
