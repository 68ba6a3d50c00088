"""ApplyFeed where people are shown another name of a bank than its provider's own one."""

from datetime import date
from typing import Any, Final

import pytest

from application.ledger.suggestions_decide import DecideSuggestion, DecideSuggestionCommand
from domain.ledger.account import Account
from domain.ledger.matching.manners import USUAL, Manners
from domain.shared.ids import ExternalId, FeedId
from domain.shared.observations import EntryStatus, Observations, TransactionSeen
from tests.contract.ledger.test_linked_again import ANEW, COFFEE, SALARY, anew, ends, page
from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.support.observations import a_transaction, an_account

DNB: Final[dict[str, Any]] = {"institution": "DNB", "institution_id": "no-dnb-ob"}
OF_OLD: Final[dict[str, Any]] = {"institution": "no-dnb-ob"}
"""What is kept from before banks had names for people."""
TOLD_OF_OLD: Final[dict[str, Any]] = {"institution": "no-dnb-ob", "institution_id": "no-dnb-ob"}
"""What is told now by a link from before."""
LIST_AWAY: Final[dict[str, Any]] = {"institution": "Dnb Ob", "institution_id": "no-dnb-ob"}
"""What is told by a link that was made while Tink gave no list of its banks."""
RENAMED: Final[dict[str, Any]] = {"institution": "DNB Bank ASA", "institution_id": "no-dnb-ob"}
OTHER: Final[dict[str, Any]] = {"institution": "DNB", "institution_id": "no-dnb-corporate-ob"}


async def linked_anew(world: LedgerWorld, first: dict[str, Any], then: dict[str, Any]) -> None:
    """A card without a number: let go with what it brought, and linked again."""
    await world.hears(page(COFFEE, SALARY, number=None, **first))
    await ends(world)
    await world.hears(anew(COFFEE, SALARY, number=None, **then), feed=ANEW)


async def the_account(world: LedgerWorld) -> Account:
    (account,) = await world.books.accounts(ANNA)
    return account


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (DNB, DNB),
        (OF_OLD, DNB),
        (OF_OLD, TOLD_OF_OLD),
        (TOLD_OF_OLD, DNB),
        (LIST_AWAY, DNB),
        (DNB, LIST_AWAY),
        (OF_OLD, LIST_AWAY),
        (DNB, RENAMED),
        # A provider that has one name for a bank only.
        ({"institution": "DNB"}, {"institution": "DNB"}),
    ],
)
async def test_a_card_is_known_again_whatever_its_bank_is_called(
    world: LedgerWorld, first: dict[str, Any], then: dict[str, Any]
) -> None:
    await linked_anew(world, first, then)

    assert (await the_account(world)).institution == then["institution"]
    assert len(await world.shown()) == 2
    await world.ensure_sums_are_right()


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (DNB, OTHER),
        (OF_OLD, OTHER),
        (DNB, {"institution": "Nordea"}),
        ({"institution": "Nordea"}, DNB),
        ({}, {}),
    ],
)
async def test_a_card_of_another_bank_is_another(
    world: LedgerWorld, first: dict[str, Any], then: dict[str, Any]
) -> None:
    await linked_anew(world, first, then)

    assert len(await world.books.accounts(ANNA)) == 2


async def test_cards_of_two_banks_that_are_called_the_same_are_told_apart(
    world: LedgerWorld,
) -> None:
    def cards(*names: str) -> Observations:
        kinds = zip(names, (DNB, OTHER), strict=True)
        return Observations(
            tuple(an_account(id=ExternalId(one), number=None, **bank) for one, bank in kinds)
        )

    await world.hears(cards("a", "b"))
    await ends(world)
    await world.hears(cards("c", "d"), feed=ANEW)

    accounts = await world.books.accounts(ANNA)
    assert sorted(one.institution_id or "" for one in accounts) == [
        "no-dnb-corporate-ob",
        "no-dnb-ob",
    ]


async def test_a_link_from_before_learns_its_banks_id_and_that_is_no_news(
    world: LedgerWorld,
) -> None:
    await world.hears(page(COFFEE, **OF_OLD))
    before = await world.books.revisions(ANNA)

    await world.hears(page(COFFEE, **TOLD_OF_OLD))

    assert (await the_account(world)).institution_id == "no-dnb-ob"
    assert await world.books.revisions(ANNA) == before


async def hears(
    world: LedgerWorld, seen: TransactionSeen, bank: dict[str, Any], feed: FeedId = FEED
) -> None:
    said = Observations((an_account(**bank),), (seen,), lists_all_pending=True)
    await world.hears(said, feed=feed)


async def books(
    world: LedgerWorld, number: int, name: ExternalId | None, bank: dict[str, Any], feed: FeedId
) -> None:
    """Twelve days after it was held."""
    held = a_transaction(f"p-{number}", -100 - number, text="Kiwi", status=EntryStatus.PENDING)
    await hears(world, held, bank, feed)
    booked = a_transaction(
        f"b-{number}", -100 - number, text="Kiwi", pending_id=name, booked_on=date(2026, 3, 13)
    )
    await hears(world, booked, bank, feed)


@pytest.mark.parametrize("now", [DNB, RENAMED, LIST_AWAY], ids=lambda one: one["institution"])
@pytest.mark.parametrize("before", [OF_OLD, DNB], ids=lambda one: one["institution"])
@pytest.mark.parametrize("feed", [FEED, ANEW], ids=["read on", "linked anew"])
async def test_what_was_learnt_of_a_bank_stays_learnt(
    world: LedgerWorld, before: dict[str, Any], now: dict[str, Any], feed: FeedId
) -> None:
    for number in range(20):
        await books(world, number, ExternalId(f"p-{number}"), before, FEED)
    if feed is ANEW:
        await ends(world)
    await hears(world, a_transaction("new", -1), now, feed)
    known = len(await world.shown())

    await books(world, 90, None, now, feed)

    assert len(await world.shown()) == known + 1, "booked late, as always there"
    await world.ensure_sums_are_right()


async def manners(world: LedgerWorld, bank: str) -> Manners:
    async with world.begin(ANNA) as tx:
        return await tx.manners.of(bank)


async def test_what_the_person_says_is_learnt_of_the_bank_whatever_its_name(
    world: LedgerWorld,
) -> None:
    held = a_transaction("p-1", -100, text="Zettle blue", status=EntryStatus.PENDING)
    await hears(world, held, DNB)
    await hears(world, a_transaction("b-1", -100, text="Bakery", booked_on=date(2026, 3, 2)), DNB)
    (asked,) = await world.books.suggestions(ANNA)

    command = DecideSuggestionCommand(ANNA, asked.id, same=True)
    await DecideSuggestion(world.begin, world.clock)(command)

    assert await manners(world, "no-dnb-ob") != USUAL
    assert await manners(world, "DNB") == USUAL
