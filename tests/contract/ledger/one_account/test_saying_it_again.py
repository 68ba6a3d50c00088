"""What the person said of accounts and of pairs, said again, and the other way round."""

import pytest

from application.ledger.links_undo import UndoLink, UndoLinkCommand
from application.ledger.one_account.join import JoinAccounts, JoinedAccount
from application.ledger.one_account.request_join import RequestJoin
from application.ledger.one_account.same_accounts import (
    ConfirmSameAccount,
    DismissSameAccount,
    ListSameAccounts,
    SameAccountCommand,
)
from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from application.ledger.suggestions import Suggestion, SuggestionState
from application.ledger.suggestions_decide import (
    DecidedSuggestion,
    DecideSuggestion,
    DecideSuggestionCommand,
)
from domain.ledger.errors_matching import SuggestionClosedError
from domain.ledger.errors_one_account import (
    SameAccountAnsweredError,
    SameAccountProposalNotFoundError,
)
from domain.ledger.matching.evidence import Method
from domain.ledger.one_account.same import SameAccountId
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    accounts_by_feed,
    bought,
    here,
    join,
    on,
    one_account,
    there,
)
from tests.support.ledger import ANNA, BJORN, FEED, LedgerWorld

COFFEE = bought("1", -40_00, text="Kaffebrenneriet")
ALMOST = bought("2", -41_00, 4, "Rema Alna"), bought("3", -42_00, 4, "Rema Alna")
LATER = bought("9", -1_00, 9, "Kiosk")


async def doubtful(world: LedgerWorld) -> None:
    """Coffee is told by both; of the groceries they say different amounts."""
    await world.hears(here(COFFEE, ALMOST[0], LATER))
    on(world, 12)
    await world.hears(there(COFFEE, ALMOST[1], LATER), feed=OTHER)


async def asked(world: LedgerWorld) -> Suggestion:
    (one,) = await standing(world)
    return one


async def standing(world: LedgerWorld) -> list[Suggestion]:
    accounts = [one.id for one in await world.books.accounts(ANNA)]
    async with world.begin(ANNA) as tx:
        ids = await tx.suggestions.standing(accounts)
    return [one for one in await world.books.suggestions(ANNA) if one.id in ids]


async def decide(world: LedgerWorld, one: Suggestion, *, same: bool) -> DecidedSuggestion:
    command = DecideSuggestionCommand(ANNA, one.id, same=same)
    return await DecideSuggestion(world.begin, world.clock)(command)


async def separate(world: LedgerWorld) -> None:
    account = (await accounts_by_feed(world))[OTHER]
    separating = SeparateFeed(world.begin, world.clock, world.ids)
    await separating(SeparateFeedCommand(ANNA, account, OTHER))


async def proposal(world: LedgerWorld) -> SameAccountId:
    (one,) = await ListSameAccounts(world.begin)(ANNA)
    return SameAccountId(one.id)


async def confirm(world: LedgerWorld, which: SameAccountId) -> JoinedAccount:
    joining = JoinAccounts(world.begin, world.clock, world.ids)
    confirming = ConfirmSameAccount(world.begin, RequestJoin(world.begin, joining))
    done = (await confirming(SameAccountCommand(ANNA, which))).done
    assert done is not None
    return done


async def dismiss(world: LedgerWorld, which: SameAccountId) -> None:
    await DismissSameAccount(world.begin)(SameAccountCommand(ANNA, which))


async def test_a_pair_between_feeds_is_confirmed_twice_as_once(world: LedgerWorld) -> None:
    await doubtful(world)
    await join(world)
    one = await asked(world)

    first = await decide(world, one, same=True)
    before = await world.books.entries(ANNA), await world.books.revisions(ANNA)

    assert await decide(world, one, same=True) == first
    assert first.state is SuggestionState.CONFIRMED
    assert (await world.books.entries(ANNA), await world.books.revisions(ANNA)) == before
    with pytest.raises(SuggestionClosedError):
        await decide(world, one, same=False)
    await one_account(world)


async def test_a_pair_between_feeds_that_was_undone_is_not_one_by_saying_so_again(
    world: LedgerWorld,
) -> None:
    await doubtful(world)
    await join(world)
    one = await asked(world)
    entry = (await decide(world, one, same=True)).transaction_id
    async with world.begin(ANNA) as tx:
        links = await tx.links.of_entry(entry)
    (twin,) = (link for link in links if link.source.link.method is Method.TWIN)
    await UndoLink(world.begin, world.clock, world.ids)(UndoLinkCommand(ANNA, entry, twin.id))

    (after,) = await world.books.suggestions(ANNA)

    assert after.state is SuggestionState.DISMISSED
    assert await standing(world) == []
    assert len(await world.shown()) == 4


@pytest.mark.parametrize("confirmed", [False, True])
async def test_nobody_asks_about_entries_of_two_accounts(
    world: LedgerWorld, *, confirmed: bool
) -> None:
    await doubtful(world)
    await join(world)
    one = await asked(world)
    if confirmed:
        await decide(world, one, same=True)

    await separate(world)

    assert await standing(world) == []
    with pytest.raises(SuggestionClosedError):
        await decide(world, one, same=True)


@pytest.mark.parametrize("confirmed", [False, True])
async def test_joined_again_what_is_open_is_asked_and_counted(
    world: LedgerWorld, *, confirmed: bool
) -> None:
    await doubtful(world)
    report = await join(world)
    assert (report.joined, report.asked) == (2, 1)
    one = await asked(world)
    if confirmed:
        await decide(world, one, same=True)
    await separate(world)

    again = await join(world)

    assert (again.joined, again.asked) == (2, 1)
    assert (await asked(world)).id == one.id
    await decide(world, one, same=True)
    assert len(await world.shown()) == 3
    await one_account(world)


async def test_what_was_dismissed_is_not_counted_when_they_are_joined_again(
    world: LedgerWorld,
) -> None:
    await doubtful(world)
    await join(world)
    await decide(world, await asked(world), same=False)
    await separate(world)

    assert (await join(world)).asked == 0

    assert await standing(world) == []


async def test_a_pair_that_one_feed_tells_of_as_two_is_asked_no_more(world: LedgerWorld) -> None:
    await doubtful(world)
    await join(world)
    await asked(world)

    # The other feed tells of the first amount, too: so these were two purchases.
    await world.hears(there(COFFEE, *ALMOST[::-1], LATER), feed=OTHER)

    assert await standing(world) == []
    assert len(await world.shown()) == 4


async def test_confirmed_again_the_answer_is_what_they_are_now(world: LedgerWorld) -> None:
    await doubtful(world)
    which = await proposal(world)
    first = await confirm(world, which)

    assert await confirm(world, which) == first

    await decide(world, await asked(world), same=True)
    now = await confirm(world, which)
    assert (now.account_id, now.former_account_id) == (first.account_id, first.former_account_id)
    assert (now.joined, now.asked) == (3, 0)
    with pytest.raises(SameAccountAnsweredError, match="separate"):
        await dismiss(world, which)


async def test_dismissed_again_nothing_happens_and_they_are_two(world: LedgerWorld) -> None:
    await doubtful(world)
    which = await proposal(world)
    await dismiss(world, which)

    await dismiss(world, which)

    assert len(await world.books.accounts(ANNA)) == 2
    with pytest.raises(SameAccountAnsweredError, match="join"):
        await confirm(world, which)


async def test_separated_they_are_two_by_the_persons_word(world: LedgerWorld) -> None:
    await doubtful(world)
    which = await proposal(world)
    await confirm(world, which)
    await separate(world)

    with pytest.raises(SameAccountAnsweredError):
        await confirm(world, which)


async def test_a_proposal_of_somebody_else_is_not_there(world: LedgerWorld) -> None:
    await doubtful(world)
    which = await proposal(world)
    await confirm(world, which)
    joining = RequestJoin(world.begin, JoinAccounts(world.begin, world.clock, world.ids))

    with pytest.raises(SameAccountProposalNotFoundError):
        await ConfirmSameAccount(world.begin, joining)(SameAccountCommand(BJORN, which))
    with pytest.raises(SameAccountProposalNotFoundError):
        await DismissSameAccount(world.begin)(SameAccountCommand(BJORN, which))
    assert FEED in await accounts_by_feed(world)
