"""Large accounts are joined and taken apart by a job, and the person is told what became of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from application.ledger.one_account.in_background import (
    JoinInBackground,
    RefusedInBackground,
    SeparateInBackground,
)
from application.ledger.one_account.jobs import JoinAccountsJob, SeparateFeedJob
from application.ledger.one_account.join import JoinAccounts, JoinAccountsCommand, JoinedAccount
from application.ledger.one_account.outcome import AT_ONCE, Outcome
from application.ledger.one_account.request_join import RequestJoin
from application.ledger.one_account.request_separate import RequestSeparate
from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from application.shared.idempotency import IdempotencyKey
from application.shared.jobs import JobState, JobView
from domain.ledger.errors import AccountNotFoundError
from domain.ledger.errors_one_account import AccountsAreTwoError, NotAFeedOfAccountError
from domain.ledger.errors_proofs import MonthClosedError
from domain.ledger.proofs.closing import ClosedMonth
from domain.shared.ids import AccountId, ExternalId, FeedId, JobId
from domain.shared.observations import Observations, TransactionSeen
from tests.contract.ledger.one_account.feeds import (
    DAY,
    OTHER,
    accounts_by_feed,
    bought,
    here,
    on,
    one_account,
    there,
)
from tests.support.ledger import ANNA, BJORN, FEED, LedgerWorld
from tests.support.observations import an_account

MANY = AT_ONCE // 2 + 1
"""Of each side: together they are just too many to be waited for."""
KEY = IdempotencyKey("k-1", "accounts.join", b"hash")


def purchases(many: int) -> Sequence[TransactionSeen]:
    return [
        replace(
            bought(str(number), -100 - number),
            id=ExternalId(str(number)),
            booked_on=DAY - timedelta(days=number % 500),
        )
        for number in range(many)
    ]


async def large(world: LedgerWorld) -> JoinAccountsCommand:
    await world.hears(here(*purchases(MANY)))
    on(world, 4)
    await world.hears(there(*purchases(MANY)), feed=OTHER)
    ids = await accounts_by_feed(world)
    return JoinAccountsCommand(ANNA, ids[FEED], ids[OTHER])


async def request(
    world: LedgerWorld, command: JoinAccountsCommand, key: IdempotencyKey | None = None
) -> Outcome[JoinedAccount]:
    joining = JoinAccounts(world.begin, world.clock, world.ids)
    return await RequestJoin(world.begin, joining)(command, key)


async def worked_off(
    world: LedgerWorld, command: JoinAccountsCommand
) -> JoinedAccount | RefusedInBackground | None:
    """What a worker makes of the one job that waits for it."""
    (leased,) = [one for one in await world.board.claim(100) if one.name == JoinAccountsJob.name]
    joining = JoinAccounts(world.begin, world.clock, world.ids)
    job = JoinAccountsJob(
        user_id=command.owner, account_id=command.account_id, other_id=command.other_id
    )
    return await JoinInBackground(world.begin, joining)(job, leased.lease)


async def seen(world: LedgerWorld, job_id: JobId | None) -> JobView:
    assert job_id is not None
    return await world.board.get(job_id)


async def closes(world: LedgerWorld, account_id: AccountId) -> None:
    """By their own word."""
    month = ClosedMonth(
        account_id=account_id,
        month=DAY.replace(day=1),
        closed_at=world.clock.now(),
        opening=None,
        closing=None,
    )
    async with world.begin(ANNA) as tx:
        await tx.accounts.get(account_id)
        await tx.proofs.close(month)
        await tx.commit()


async def test_a_job_makes_them_one_and_asking_again_leads_to_it(world: LedgerWorld) -> None:
    command = await large(world)

    asked = await request(world, command)
    turned = JoinAccountsCommand(ANNA, command.other_id, command.account_id)

    assert (asked.done, asked.job_id) == (None, (await request(world, turned)).job_id)
    assert len(await world.books.accounts(ANNA)) == 2
    report = await worked_off(world, command)
    assert report == JoinedAccount(command.account_id, command.other_id, MANY, 0)
    assert (await seen(world, asked.job_id)).state is JobState.DONE
    assert (await seen(world, asked.job_id)).error is None
    assert len(await world.shown()) == MANY
    await one_account(world)


async def test_usual_accounts_are_joined_at_once(world: LedgerWorld) -> None:
    await world.hears(here(*purchases(3)))
    on(world, 4)
    await world.hears(there(*purchases(3)), feed=OTHER)
    ids = await accounts_by_feed(world)

    outcome = await request(world, JoinAccountsCommand(ANNA, ids[FEED], ids[OTHER]))

    assert outcome == Outcome(JoinedAccount(ids[FEED], ids[OTHER], 3, 0))
    assert await world.board.claim(100) == ()


async def test_the_key_leads_to_the_same_job_and_to_the_same_answer(world: LedgerWorld) -> None:
    command = await large(world)
    first = await request(world, command, KEY)
    await worked_off(world, command)

    again = await request(world, command, KEY)

    assert again == replace(first, replayed=True)


async def test_a_key_is_answered_as_the_first_time_when_it_was_done_at_once(
    world: LedgerWorld,
) -> None:
    await world.hears(here(*purchases(3)))
    on(world, 4)
    await world.hears(there(*purchases(3)), feed=OTHER)
    ids = await accounts_by_feed(world)
    command = JoinAccountsCommand(ANNA, ids[FEED], ids[OTHER])
    first = await request(world, command, KEY)

    assert await request(world, command, KEY) == replace(first, replayed=True)


async def test_what_can_be_refused_makes_no_job(world: LedgerWorld) -> None:
    command = await large(world)
    strange = AccountId(uuid4())
    crowns = Observations((an_account(id=ExternalId("crowns"), currency="SEK"),))
    await world.hears(crowns, feed=FeedId(uuid4()))
    (sek,) = (one.id for one in await world.books.accounts(ANNA) if one.currency == "SEK")

    with pytest.raises(AccountNotFoundError):
        await request(world, JoinAccountsCommand(ANNA, command.account_id, strange))
    with pytest.raises(AccountNotFoundError):
        await request(world, replace(command, owner=BJORN))
    with pytest.raises(AccountsAreTwoError):
        await request(world, JoinAccountsCommand(ANNA, command.account_id, command.account_id))
    with pytest.raises(AccountsAreTwoError):
        await request(world, JoinAccountsCommand(ANNA, sek, command.account_id))
    for account_id in (command.account_id, command.other_id):
        await closes(world, account_id)
        with pytest.raises(MonthClosedError):
            await request(world, command)
    assert await world.board.claim(100) == ()


async def test_a_month_that_was_closed_meanwhile_ends_the_job_which_says_so(
    world: LedgerWorld,
) -> None:
    command = await large(world)
    asked = await request(world, command)
    await closes(world, command.account_id)

    refused = await worked_off(world, command)

    assert refused == RefusedInBackground("month_closed")
    job = await seen(world, asked.job_id)
    assert (job.state, job.error) == (JobState.DONE, "MonthClosedError:month_closed")
    assert len(await world.books.accounts(ANNA)) == 2


async def test_a_job_that_finds_them_joined_is_done(world: LedgerWorld) -> None:
    command = await large(world)
    asked = await request(world, command)
    await JoinAccounts(world.begin, world.clock, world.ids)(command)

    assert await worked_off(world, command) is None

    assert (await seen(world, asked.job_id)).error is None
    assert len(await world.shown()) == MANY


async def test_a_feed_of_a_large_account_is_separated_by_a_job(world: LedgerWorld) -> None:
    joined = await large(world)
    await world.hears(here(*purchases(AT_ONCE + 1)))
    await JoinAccounts(world.begin, world.clock, world.ids)(joined)
    separating = SeparateFeed(world.begin, world.clock, world.ids)
    asking = RequestSeparate(world.begin, separating)
    command = SeparateFeedCommand(ANNA, joined.account_id, OTHER)
    with pytest.raises(NotAFeedOfAccountError):
        await asking(replace(command, feed_id=FeedId(uuid4())))

    first, second = await asking(command, KEY), await asking(command)

    assert (first.done, first.job_id) == (None, second.job_id)
    (leased,) = [one for one in await world.board.claim(100) if one.name == SeparateFeedJob.name]
    job = SeparateFeedJob(user_id=ANNA, account_id=joined.account_id, feed_id=OTHER)
    await SeparateInBackground(world.begin, separating)(job, leased.lease)
    assert (await seen(world, first.job_id)).state is JobState.DONE
    assert len(await world.shown()) == AT_ONCE + 1 + MANY
    assert (await asking(command, KEY)) == replace(first, replayed=True)
