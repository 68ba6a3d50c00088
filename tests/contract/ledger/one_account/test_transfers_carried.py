"""Transfers of entries that become one, and are two again: never half, and as the person said."""

from dataclasses import replace
from uuid import UUID

import pytest

from application.ledger.decide_transfer import TransferCommand, UndoTransfer
from application.ledger.make_transfer import MakeTransfer, MakeTransferCommand
from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from domain.ledger.entry import Entry
from domain.ledger.transfers import TransferState
from domain.shared.ids import ExternalId, FeedId, TransferId
from domain.shared.observations import Observations, TransactionGone
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    THERE,
    accounts_by_feed,
    bought,
    here,
    join,
    on,
    said_of,
    there,
)
from tests.contract.ledger.one_account.test_separating import separate
from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.support.observations import an_account
from tests.support.transfers import Moves

ELSEWHERE = FeedId(UUID(int=0xE15E))
SAVINGS = ExternalId("savings")
RENT = bought("1", -500_00, text="Husleie")
# No rule would pair these with it.
BACK, MORE = bought("2", 480_00, 5, "Tilbake"), bought("3", 470_00, 6, "Mer")


@pytest.fixture
def moves(world: LedgerWorld) -> Moves:
    return Moves(world)


async def given(moves: Moves) -> None:
    """Rent, told by two feeds that the person has not joined yet; and money on another account."""
    await moves.world.hears(here(RENT))
    on(moves.world, 3)
    await moves.world.hears(there(RENT), feed=OTHER)
    await moves.world.hears(said_of(SAVINGS, BACK, MORE), feed=ELSEWHERE)
    await moves.paired()


async def rent_of(moves: Moves, feed: FeedId) -> Entry:
    account = (await accounts_by_feed(moves.world))[feed]
    shown = await moves.world.shown()
    (found,) = (one for one in shown if one.account_id == account and one.text == "Husleie")
    return found


async def the_rent(moves: Moves) -> Entry:
    (found,) = (one for one in await moves.world.shown() if one.text == "Husleie")
    return found


async def named(moves: Moves, text: str) -> Entry:
    return await moves.named(text)


async def pair(moves: Moves, one: Entry, other: Entry, day: int) -> TransferId:
    on(moves.world, day)
    make = MakeTransfer(moves.begin, moves.world.clock, moves.world.ids)
    return (await make(MakeTransferCommand(ANNA, one.id, other.id))).id


async def undo(moves: Moves, transfer: TransferId, day: int) -> None:
    on(moves.world, day)
    await UndoTransfer(moves.begin, moves.world.clock)(TransferCommand(ANNA, transfer))


async def joined(moves: Moves, day: int = 10) -> None:
    on(moves.world, day)
    await join(moves.world)
    await looked_at(moves)


async def separated(moves: Moves, day: int = 12) -> None:
    on(moves.world, day)
    await separate(moves.world)
    await looked_at(moves)


async def looked_at(moves: Moves) -> None:
    await moves.paired()
    await moves.ensure_whole()
    # Its own changes bring nothing more.
    await moves.paired()
    before = await moves.known()
    await moves.paired(since=0)
    assert await moves.known() == before


async def test_what_was_said_of_the_one_that_goes_is_said_of_the_one_that_stays(
    moves: Moves,
) -> None:
    await given(moves)
    await pair(moves, await rent_of(moves, OTHER), await named(moves, "Tilbake"), 4)

    await joined(moves)

    rent, back = await the_rent(moves), await named(moves, "Tilbake")
    assert rent.transfer is not None
    assert rent.transfer.other == back.id
    assert back.category == "transfer.own"


async def test_a_transfer_of_the_one_that_stays_stays(moves: Moves) -> None:
    await given(moves)
    made = await pair(moves, await rent_of(moves, FEED), await named(moves, "Tilbake"), 4)

    await joined(moves)

    assert set((await moves.now()).values()) == {made}
    await separated(moves)
    rent = await rent_of(moves, FEED)
    assert rent.transfer is not None
    assert rent.transfer.id == made


@pytest.mark.parametrize("later", [FEED, OTHER])
async def test_of_two_transfers_the_later_word_holds_and_the_other_side_is_free(
    moves: Moves, later: FeedId
) -> None:
    await given(moves)
    days = {FEED: 4, OTHER: 5} if later == OTHER else {FEED: 5, OTHER: 4}
    texts = {FEED: "Tilbake", OTHER: "Mer"}
    for feed, day in days.items():
        await pair(moves, await rent_of(moves, feed), await named(moves, texts[feed]), day)

    await joined(moves)

    (earlier,) = days.keys() - {later}
    rent, free = await the_rent(moves), await named(moves, texts[earlier])
    assert rent.transfer is not None
    assert rent.transfer.other == (await named(moves, texts[later])).id
    assert free.transfer is None
    assert free.category == "other.uncategorised"

    await separated(moves)

    for feed, text in texts.items():
        rent = await rent_of(moves, feed)
        assert rent.transfer is not None
        assert rent.transfer.other == (await named(moves, text)).id


async def test_taken_apart_again_the_transfer_is_where_the_person_said_it(moves: Moves) -> None:
    await given(moves)
    made = await pair(moves, await rent_of(moves, OTHER), await named(moves, "Tilbake"), 4)
    await joined(moves)

    await separated(moves)

    rent = await rent_of(moves, OTHER)
    assert rent.transfer is not None
    assert rent.transfer.id == made
    assert (await rent_of(moves, FEED)).transfer is None
    assert [one.id for one in await moves.known() if one.by_person] == [made]
    await joined(moves, 14)
    assert (await the_rent(moves)).transfer is not None


async def test_what_was_said_of_both_together_stays_with_the_account_that_goes_on(
    moves: Moves,
) -> None:
    await given(moves)
    await joined(moves)
    made = await pair(moves, await the_rent(moves), await named(moves, "Tilbake"), 11)

    await separated(moves)

    rent = await rent_of(moves, FEED)
    assert rent.transfer is not None
    assert rent.transfer.id == made
    assert (await rent_of(moves, OTHER)).transfer is None


async def test_what_was_taken_back_since_does_not_come_up_again(moves: Moves) -> None:
    await given(moves)
    await pair(moves, await rent_of(moves, OTHER), await named(moves, "Tilbake"), 4)
    await joined(moves)
    await undo(moves, (await moves.now())[(await the_rent(moves)).id], 11)
    await looked_at(moves)
    assert await moves.now() == {}

    await separated(moves)

    assert await moves.now() == {}


async def test_a_no_of_the_one_that_goes_is_a_no_of_the_one_that_stays(moves: Moves) -> None:
    await given(moves)
    same = bought("4", 500_00, 2, "Inn")
    made = await pair(moves, await rent_of(moves, OTHER), await named(moves, "Tilbake"), 4)
    await undo(moves, made, 5)
    await moves.world.hears(said_of(SAVINGS, same), feed=ELSEWHERE)

    await joined(moves)

    rent, back = await the_rent(moves), await named(moves, "Tilbake")
    states = {one.pair: one.state for one in await moves.known()}
    assert states[rent.id, back.id] is TransferState.REJECTED
    # Whoever was wrong about it once is asked.
    assert await moves.now() == {}
    assert states[rent.id, (await named(moves, "Inn")).id] is TransferState.SUGGESTED


async def test_a_no_of_the_one_that_goes_is_heard_though_a_rule_paired_the_one_that_stays(
    moves: Moves,
) -> None:
    """And no rule pairs them again, every time somebody looks."""
    # Who names the account is believed even once somebody was wrong about it.
    inn = bought("4", 500_00, 3, "Fra NO9386011117947")
    told = replace(said_of(SAVINGS, inn), accounts=(an_account(id=SAVINGS, number="NO2"),))
    await given(moves)
    await moves.world.hears(told, feed=ELSEWHERE)
    await moves.paired()
    made = await pair(moves, await rent_of(moves, OTHER), await named(moves, inn.text), 4)
    await undo(moves, made, 5)
    await looked_at(moves)
    rent, arrived = await rent_of(moves, FEED), await named(moves, inn.text)
    assert rent.transfer is not None
    assert rent.transfer.other == arrived.id

    await joined(moves)

    states = {one.pair: one.state for one in await moves.known()}
    assert states[(await the_rent(moves)).id, arrived.id] is TransferState.REJECTED
    assert await moves.now() == {}


async def test_a_twin_that_is_found_later_takes_its_transfer_along(moves: Moves) -> None:
    """The one feed tells of the rent days after the other, whose entry is in a transfer."""
    await moves.world.hears(here(bought("0", -1_00)))
    on(moves.world, 3)
    await moves.world.hears(there(bought("0", -1_00), RENT), feed=OTHER)
    await moves.world.hears(said_of(SAVINGS, BACK, MORE), feed=ELSEWHERE)
    await moves.paired()
    await joined(moves)
    made = await pair(moves, await the_rent(moves), await named(moves, "Tilbake"), 11)

    await moves.world.hears(here(bought("0", -1_00), RENT))

    await looked_at(moves)
    assert (await the_rent(moves)).id in await moves.now()
    assert set((await moves.now()).values()) == {made}


async def test_what_is_paired_by_rule_is_decided_anew(moves: Moves) -> None:
    await given(moves)
    await moves.world.hears(said_of(SAVINGS, bought("5", 500_00, 3, "Inn")), feed=ELSEWHERE)
    await looked_at(moves)
    # Either of the two could be it.
    assert await moves.now() == {}

    await joined(moves)

    rent = await the_rent(moves)
    assert rent.transfer is not None
    assert rent.transfer.other == (await named(moves, "Inn")).id


async def test_joined_and_separated_before_anybody_looks_the_transfer_is_where_it_was(
    moves: Moves,
) -> None:
    await given(moves)
    made = await pair(moves, await rent_of(moves, OTHER), await named(moves, "Tilbake"), 4)

    await join(moves.world)
    await separate(moves.world)
    await looked_at(moves)

    rent = await rent_of(moves, OTHER)
    assert rent.transfer is not None
    assert rent.transfer.id == made


async def test_both_sides_may_become_part_of_others(moves: Moves) -> None:
    """And be themselves again in any order."""
    again = FeedId(UUID(int=0xE15F))
    await given(moves)
    await moves.world.hears(said_of(ExternalId("saved"), BACK, MORE), feed=again)
    ids = await accounts_by_feed(moves.world, ANNA, again)
    shown = await moves.world.shown()
    (back,) = (one for one in shown if one.account_id == ids[again] and one.text == "Tilbake")
    made = await pair(moves, await rent_of(moves, OTHER), back, 4)
    await joined(moves)
    await join(moves.world, ANNA, ELSEWHERE, again)
    await looked_at(moves)
    assert (await the_rent(moves)).transfer is not None

    await separated(moves)

    assert (await rent_of(moves, OTHER)).transfer is not None
    assert (await rent_of(moves, FEED)).transfer is None
    on(moves.world, 13)
    account = (await accounts_by_feed(moves.world, ANNA, again))[again]
    separating = SeparateFeed(moves.world.begin, moves.world.clock, moves.world.ids)
    await separating(SeparateFeedCommand(ANNA, account, again))
    await looked_at(moves)
    assert set((await moves.now()).values()) == {made}


async def test_a_side_that_is_taken_back_leaves_no_half(moves: Moves) -> None:
    await given(moves)
    await pair(moves, await rent_of(moves, OTHER), await named(moves, "Tilbake"), 4)
    await joined(moves)
    for feed, account, mark in ((FEED, "here", "n-1"), (OTHER, THERE, "o-1")):
        gone = TransactionGone(ExternalId(account), ExternalId(mark))
        await moves.world.hears(Observations(gone=(gone,)), feed=feed)

    await looked_at(moves)

    assert await moves.now() == {}
    await moves.world.hears(there(RENT), feed=OTHER)
    await looked_at(moves)
    assert (await the_rent(moves)).transfer is not None


@pytest.mark.parametrize("by_hand", [True, False])
async def test_between_two_accounts_that_are_one_nothing_was_transferred(
    moves: Moves, *, by_hand: bool
) -> None:
    """A purchase that only one of the feeds tells of, and a refund that only the other one does."""
    minor = 480_00 if by_hand else 500_00
    await moves.world.hears(here(bought("1", -500_00, text="Husleie")))
    await moves.world.hears(there(bought("2", minor, text="Tilbake")), feed=OTHER)
    await moves.paired()
    if by_hand:
        await pair(moves, await named(moves, "Husleie"), await named(moves, "Tilbake"), 3)
    assert await moves.texts() == {("Husleie", "Tilbake")}

    await join(moves.world)
    await moves.paired()

    assert await moves.texts() == set()
    assert {one.transfer for one in await moves.world.shown()} == {None}
    await moves.ensure_whole()

    await separate(moves.world, OTHER)
    await moves.paired()

    assert await moves.texts() == {("Husleie", "Tilbake")}
    await moves.ensure_whole()
