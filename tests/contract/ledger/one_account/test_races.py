"""Joining while feeds apply, twice at once, and while one is erased: in any order, one account."""

import asyncio
from collections.abc import Coroutine, Sequence

import pytest

from application.ledger.apply_feed import ApplyFeed, ApplyReport
from application.ledger.erase_feed import EraseFeed
from application.ledger.jobs import ApplyFeedJob, EraseFeedJob
from application.ledger.one_account.join import JoinAccounts, JoinAccountsCommand
from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from domain.ledger.errors import AccountNotFoundError
from domain.ledger.errors_one_account import AccountJoinedError
from domain.shared.ids import ConnectionId
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


async def test_join_and_erase_end_in_what_the_other_feed_told(postgres: LedgerWorld) -> None:
    world = postgres
    await two(world)
    job = EraseFeedJob(user_id=ANNA, feed_id=OTHER, connection_id=ConnectionId(OTHER), erase=True)
    async with world.begin(ANNA) as tx:
        job_id = await tx.jobs.enqueue(job)
        await tx.commit()
    (lease,) = (one.lease for one in await world.board.claim(100) if one.lease.job_id == job_id)

    joined, _ = await asyncio.gather(
        join(world), EraseFeed(world.begin)(job, lease), return_exceptions=True
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
