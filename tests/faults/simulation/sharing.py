"""What people say of accounts that two logins show: that they are one, or two after all."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from application.ledger.one_account.join import JoinAccounts, JoinAccountsCommand
from application.ledger.one_account.same_accounts import (
    ConfirmSameAccount,
    DismissSameAccount,
    ListSameAccounts,
    SameAccountCommand,
    SameAccountProposal,
)
from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from application.ledger.suggestions import Suggestion, SuggestionState
from application.ledger.suggestions_decide import DecideSuggestion, DecideSuggestionCommand
from domain.ledger.one_account.same import SameAccountId
from domain.shared.errors import DalerError
from domain.shared.ids import AccountId, FeedId
from tests.faults.simulation.deeds import may_be_one
from tests.faults.simulation.people import People
from tests.faults.simulation.truth import BankAccount, Human, Login, unmoved


async def join(people: People, human: Human, login: Login) -> bool | None:
    """Say that two are one, which they are: when asked, or unasked."""
    del login
    found = [
        (one, other)
        for (one, mine), (other, theirs) in combinations((await sides_of(people, human)).items(), 2)
        if mine[0].true is theirs[0].true
    ]
    if not found:
        return False
    one, other = people.dice.choice(found)
    asked = [each for each in await proposed(people, human) if {one, other} == _pair(each)]
    if asked and people.dice.random() < 0.7:
        confirm = SameAccountCommand(human.id, SameAccountId(asked[0].id))
        await people.request(lambda: people.house.the(ConfirmSameAccount)(confirm))
        return None
    command = JoinAccountsCommand(human.id, one, other)
    await people.request(lambda: people.house.the(JoinAccounts)(command))
    return None


async def separate(people: People, human: Human, login: Login) -> bool | None:
    """Give one of an account's feeds its own again."""
    del login
    named = await people.house.insight.named(human.id)
    feeds = {account: {feed for feed, _ in told} for account, told in named.items()}
    joined = sorted(account for account, those in feeds.items() if len(those) > 1)
    if not joined:
        return False
    account = people.dice.choice(joined)
    feed: FeedId = people.dice.choice(sorted(feeds[account]))
    # Deleted on the one account, it is so on those of its feeds that had told of it.
    sides = (await sides_of(people, human))[account]
    true = sides[0].true
    for side in sides:
        if await people.is_erasing(human, side.login):
            return False  # what they said goes with it, or not, as it happens
    command = SeparateFeedCommand(human.id, account, feed)
    try:
        await people.request(lambda: people.house.the(SeparateFeed)(command))
    finally:  # done, perhaps, though the answer to the second try is that there is nothing to do
        await people.see_where_notes_are(human)
        human.perhaps_deleted += [one for one in human.deleted if one.account.true is true]
    return None


async def dismiss(people: People, human: Human, login: Login) -> bool | None:
    """Not to be asked again, for now."""
    del login
    asked = await proposed(people, human)
    if not asked:
        return False
    command = SameAccountCommand(human.id, SameAccountId(people.dice.choice(asked).id))
    await people.request(lambda: people.house.the(DismissSameAccount)(command))
    return None


async def answer_what_is_asked(people: People, human: Human) -> None:
    """Of two that feeds tell of and that may be one: truly, until nothing is open any more."""
    for one in await _asked(people, human):
        command = DecideSuggestionCommand(human.id, one.id, same=may_be_one(human, one))
        try:
            await people.house.the(DecideSuggestion)(command)
        except DalerError:
            continue  # closed by what was said just before


async def _asked(people: People, human: Human) -> list[Suggestion]:
    return [
        one
        for one in await people.house.insight.books.suggestions(human.id)
        if one.state is SuggestionState.OPEN and one.what.between_feeds
    ]


async def proposed(people: People, human: Human) -> Sequence[SameAccountProposal]:
    return await people.house.the(ListSameAccounts)(human.id)


async def sides_of(people: People, human: Human) -> dict[AccountId, Sequence[BankAccount]]:
    """Which bank account each of the ledger's is, as each of the logins that tell of it."""
    by_name = {f"{one.login.key}.{one.place}": one for one in human.accounts()}
    return {
        account: list({unmoved(name): by_name[unmoved(name)] for _, name in named}.values())
        for account, named in sorted((await people.house.insight.named(human.id)).items())
    }


def _pair(one: SameAccountProposal) -> set[Any]:
    return {one.account.id, one.other.id}
