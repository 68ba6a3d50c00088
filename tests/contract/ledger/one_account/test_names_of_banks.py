"""The bank of a joined account is known by its id, whatever each feed calls it."""

from uuid import UUID

from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from domain.shared.ids import ExternalId, FeedId
from domain.shared.observations import Observations
from tests.contract.ledger.one_account.feeds import (
    HERE,
    OTHER,
    THERE,
    accounts_by_feed,
    erased,
    join,
)
from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.support.observations import an_account

ANEW = FeedId(UUID(int=0xFEED9))


def card(name: ExternalId, institution: str, institution_id: str | None = None) -> Observations:
    bank = {"institution": institution, "institution_id": institution_id}
    return Observations((an_account(id=name, number=None, **bank),))


async def joined(world: LedgerWorld) -> None:
    await world.hears(card(HERE, "DNB", "no-dnb-ob"))
    await world.hears(card(THERE, "DNB Bank ASA"), feed=OTHER)
    await join(world)


async def test_one_of_its_links_is_linked_anew_under_another_name(world: LedgerWorld) -> None:
    await joined(world)
    await erased(world, FEED, erase=False)

    await world.hears(card(ExternalId("anew"), "DNB Privat", "no-dnb-ob"), feed=ANEW)

    (account,) = await world.books.accounts(ANNA)
    assert account.institution_id == "no-dnb-ob"


async def test_each_takes_its_own_along_when_they_part(world: LedgerWorld) -> None:
    await joined(world)
    account_id = (await accounts_by_feed(world))[FEED]

    separating = SeparateFeed(world.begin, world.clock, world.ids)
    await separating(SeparateFeedCommand(ANNA, account_id, FEED))

    accounts = await world.books.accounts(ANNA)
    banks = {(one.institution, one.institution_id) for one in accounts}
    assert banks == {("DNB", "no-dnb-ob"), ("DNB Bank ASA", None)}
