"""Joining while feeds apply, twice at once, and while one is erased: in any order, one account."""

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from adapters.postgres.database import Database
from application.ledger.apply_feed import ApplyFeed, ApplyReport
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.erase_feed import EraseFeed
from application.ledger.jobs import ApplyFeedJob, EraseFeedJob
from application.ledger.one_account.join import JoinAccounts, JoinAccountsCommand
from application.ledger.one_account.request_join import RequestJoin
from application.ledger.one_account.same_accounts import (
    ConfirmSameAccount,
    ListSameAccounts,
    SameAccountCommand,
)
from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from application.ledger.one_account.show import (
    AccountQuery,
    DisagreementsQuery,
    ListDisagreements,
    ListFeedsOfAccount,
)
from domain.ledger.errors import AccountNotFoundError
from domain.ledger.errors_one_account import AccountJoinedError
from domain.ledger.one_account.same import SameAccountId
from domain.shared.ids import ConnectionId, ExternalId, FeedId
from domain.shared.observations import Observations
from tests.contract.ledger.one_account.feeds import (
    OTHER,
    accounts_by_feed,
    bought,
    here,
    join,
    on,
    one_account,
    replayed,
    there,
)
from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.support.observations import an_account
from tests.support.transfers import Moves

pytestmark = pytest.mark.postgres

COFFEE = bought("1", -40_00, text="Kaffebrenneriet")
MORE = [bought(f"{number}", -number, 3, "Rema Alna") for number in range(2, 40)]


async def two(world: LedgerWorld) -> None:
    await world.hears(here(COFFEE))
    on(world, 4)
    await world.hears(there(COFFEE), feed=OTHER)


async def told(world: LedgerWorld) -> Sequence[Coroutine[None, None, ApplyReport]]:
    """An update of each feed that brings the same, ready to be applied."""
    pages = {FEED: here(COFFEE, *MORE), OTHER: there(COFFEE, *MORE)}
    ready = []
    for feed, page in pages.items():
        number = await world.says(page, feed=feed)
        leased = await world.job(number, feed=feed)
        job = ApplyFeedJob(user_id=ANNA, feed_id=feed, number=number)
        ready.append(ApplyFeed(world.begin, world.clock, world.ids)(job, leased.lease))
    return ready


async def test_join_while_both_feeds_apply(postgres: LedgerWorld) -> None:
    world = postgres
    await two(world)
    updates = await told(world)

    report, _ = await asyncio.gather(join(world), asyncio.gather(*updates))

    assert len(await world.shown()) == 1 + len(MORE)
    assert report.joined >= 1
    await one_account(world)
    for feed in (FEED, OTHER):
        assert (await replayed(world, feed)).is_empty


async def test_both_feeds_of_one_account_apply_at_once(postgres: LedgerWorld) -> None:
    world = postgres
    await two(world)
    await join(world)
    updates = await told(world)

    await asyncio.gather(*updates)

    assert len(await world.shown()) == 1 + len(MORE)
    await one_account(world)


async def test_of_two_joins_at_once_one_is_told_that_it_is_done(postgres: LedgerWorld) -> None:
    world = postgres
    await two(world)
    ids = await accounts_by_feed(world)
    joining = JoinAccounts(world.begin, world.clock, world.ids)
    either = JoinAccountsCommand(ANNA, ids[FEED], ids[OTHER])
    other = JoinAccountsCommand(ANNA, ids[OTHER], ids[FEED])

    done = await asyncio.gather(joining(either), joining(other), return_exceptions=True)

    assert sorted(type(one).__name__ for one in done) == ["AccountJoinedError", "JoinedAccount"]
    assert len(await world.shown()) == 1
    await one_account(world)


async def test_of_two_yeses_at_once_both_are_answered_alike(postgres: LedgerWorld) -> None:
    world = postgres
    await two(world)
    (proposal,) = await ListSameAccounts(world.begin)(ANNA)
    joining = RequestJoin(world.begin, JoinAccounts(world.begin, world.clock, world.ids))
    yes = SameAccountCommand(ANNA, SameAccountId(proposal.id))

    first, second = await asyncio.gather(
        *(ConfirmSameAccount(world.begin, joining)(yes) for _ in range(2))
    )

    assert first == second
    assert first.done is not None
    assert first.done.joined == 1
    assert len(await world.shown()) == 1


async def test_join_and_erase_end_in_what_the_other_feed_told(postgres: LedgerWorld) -> None:
    world = postgres
    await two(world)
    job = EraseFeedJob(user_id=ANNA, feed_id=OTHER, connection_id=ConnectionId(OTHER), erase=True)
    async with world.begin(ANNA) as tx:
        job_id = await tx.jobs.enqueue(job)
        await tx.commit()
    (lease,) = (one.lease for one in await world.board.claim(100) if one.lease.job_id == job_id)

    joined, _ = await asyncio.gather(
        join(world), EraseFeed(world.begin, world.clock)(job, lease), return_exceptions=True
    )

    if isinstance(joined, Exception):
        assert isinstance(joined, AccountNotFoundError | AccountJoinedError)
    assert [one.amount.minor for one in await world.shown()] == [-40_00]
    await one_account(world)
    assert (await replayed(world, FEED)).is_empty


async def test_separate_while_both_feeds_apply(postgres: LedgerWorld) -> None:
    world = postgres
    await two(world)
    await join(world)
    account = (await accounts_by_feed(world))[FEED]
    separating = SeparateFeed(world.begin, world.clock, world.ids)
    updates = await told(world)

    await asyncio.gather(
        separating(SeparateFeedCommand(ANNA, account, OTHER)),
        *updates,
    )

    assert len(await world.shown()) == 2 * (1 + len(MORE))
    await world.ensure_sums_are_right()
    for feed in (FEED, OTHER):
        assert (await replayed(world, feed)).is_empty


THIRD, SAVINGS = FeedId(UUID(int=0xFEED8)), ExternalId("savings")
SAVED = bought("50", -500_00, 3, "To savings")
ARRIVED = replace(bought("51", 500_00, 3, "Arrived"), account=SAVINGS)


async def three(world: LedgerWorld) -> None:
    """Money went from the other bank's account to savings, which a third one tells of."""
    await two(world)
    await world.hears(there(COFFEE, SAVED), feed=OTHER)
    account = an_account(id=SAVINGS, name="Sparekonto", number="97100512345")
    await world.hears(Observations((account,), (ARRIVED,)), feed=THIRD)
    moves = Moves(world)
    await moves.paired()
    assert await moves.texts() == {("To savings", "Arrived")}


async def somebody_waits(database: Database) -> None:
    """For a lock that another transaction holds."""
    waiting = text("select count(*) from pg_locks where not granted")
    for _ in range(1_000):
        async with database.begin(None) as tx:
            if (await tx.db.execute(waiting)).scalar_one():
                return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


async def while_savings_are_changed(
    world: LedgerWorld, database: Database, then: Awaitable[object]
) -> None:
    """Begun while somebody holds the third account and its entry, and needs a revision yet."""
    savings = (await accounts_by_feed(world, ANNA, THIRD))[THIRD]
    (entry,) = (one for one in await world.shown() if one.account_id == savings)
    async with world.begin(ANNA) as tx:
        account = await tx.accounts.get(savings)
        found = (await tx.entries.load([entry.id]))[entry.id]
        waits = asyncio.ensure_future(then)
        await somebody_waits(database)
        revision = await tx.revisions.next()
        await tx.entries.put(found.noted("kept"), revision)
        await tx.accounts.save(account)
        await tx.commit()
    await waits
    (after,) = (one for one in await world.shown() if one.id == entry.id)
    assert after.note == "kept"


async def test_join_waits_for_who_changes_the_other_side_of_a_transfer(
    postgres: LedgerWorld, database: Database
) -> None:
    world = postgres
    await three(world)

    await while_savings_are_changed(world, database, join(world))

    await Moves(world).ensure_whole()


async def test_separate_waits_for_who_changes_the_other_side_of_a_transfer(
    postgres: LedgerWorld, database: Database
) -> None:
    world = postgres
    await three(world)
    await join(world)
    account = (await accounts_by_feed(world))[OTHER]
    separating = SeparateFeed(world.begin, world.clock, world.ids)
    command = SeparateFeedCommand(ANNA, account, OTHER)

    await while_savings_are_changed(world, database, separating(command))

    await Moves(world).ensure_whole()


@pytest.mark.parametrize("parted", [False, True])
async def test_an_edit_that_waited_finds_the_entry_on_its_new_account(
    postgres: LedgerWorld, *, parted: bool
) -> None:
    world = postgres
    await two(world)
    await world.hears(there(COFFEE, bought("3", -70_00, 4, "Zara")), feed=OTHER)
    if parted:
        await join(world)
    account = (await accounts_by_feed(world))[OTHER]
    separating = SeparateFeed(world.begin, world.clock, world.ids)
    (entry,) = (one for one in await world.shown() if one.text == "Zara")
    edit = EditEntry(world.begin)

    for turn in range(8):
        words = f"turn {turn}"
        if parted:
            change: Awaitable[object] = separating(SeparateFeedCommand(ANNA, account, OTHER))
        else:
            change = join(world)
        await asyncio.gather(change, edit(EditEntryCommand(ANNA, entry.id, note=words)))
        (after,) = (one for one in await world.shown() if one.id == entry.id)
        assert after.note == words
        await world.ensure_sums_are_right()
        parted = not parted
        account = (await accounts_by_feed(world))[OTHER]


async def test_who_only_looks_waits_for_nobody(postgres: LedgerWorld) -> None:
    world = postgres
    await two(world)
    await join(world)
    account_id = (await accounts_by_feed(world))[FEED]
    query = AccountQuery(ANNA, account_id)

    async with world.begin(ANNA) as tx:
        await tx.accounts.get(account_id)
        feeds = await ListFeedsOfAccount(world.begin)(query)
        disagreements = await ListDisagreements(world.begin)(
            DisagreementsQuery(ANNA, account_id, None, 50)
        )

    assert {one.feed_id for one in feeds} == {FEED, OTHER}
    assert disagreements == []
