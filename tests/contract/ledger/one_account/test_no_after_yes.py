"""Two accounts that the person said are one: a "no" comes too late, however near it comes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from typing_extensions import override

from adapters.postgres.database import Database
from application.ledger.one_account.in_background import JoinInBackground, RefusedInBackground
from application.ledger.one_account.jobs import JoinAccountsJob
from application.ledger.one_account.join import JoinAccounts, JoinAccountsCommand
from application.ledger.one_account.outcome import Outcome
from application.ledger.one_account.request_join import RequestJoin
from application.ledger.one_account.same_accounts import (
    ConfirmSameAccount,
    DismissSameAccount,
    ListSameAccounts,
    SameAccountCommand,
)
from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.shared.idempotency import IdempotencyKey
from application.shared.jobs import JobState
from domain.ledger.errors_one_account import SameAccountAnsweredError
from domain.ledger.one_account.same import SameAccountId
from domain.shared.ids import UserId
from tests.contract.ledger.one_account.feeds import OTHER, accounts_by_feed, bought, here, on, there
from tests.contract.ledger.one_account.test_large import closes, large, request, seen, worked_off
from tests.contract.ledger.one_account.test_races import somebody_waits
from tests.support.ledger import ANNA, FEED, LedgerWorld

COFFEE = bought("1", -40_00, text="Kaffebrenneriet")


async def two(world: LedgerWorld) -> JoinAccountsCommand:
    await world.hears(here(COFFEE))
    on(world, 4)
    await world.hears(there(COFFEE), feed=OTHER)
    ids = await accounts_by_feed(world)
    return JoinAccountsCommand(ANNA, ids[FEED], ids[OTHER])


async def proposed(world: LedgerWorld) -> SameAccountCommand:
    (proposal,) = await ListSameAccounts(world.begin)(ANNA)
    return SameAccountCommand(ANNA, SameAccountId(proposal.id))


def confirming(world: LedgerWorld) -> ConfirmSameAccount:
    joining = JoinAccounts(world.begin, world.clock, world.ids)
    return ConfirmSameAccount(world.begin, RequestJoin(world.begin, joining))


async def dismissed(world: LedgerWorld) -> bool:
    async with world.begin(ANNA) as tx:
        return bool(await tx.joined.dismissed())


async def test_no_is_refused_while_a_job_makes_them_one(world: LedgerWorld) -> None:
    accounts = await large(world)
    command = await proposed(world)
    asked = await confirming(world)(command)
    assert asked.job_id is not None

    with pytest.raises(SameAccountAnsweredError):
        await DismissSameAccount(world.begin)(command)

    assert not await dismissed(world)
    await worked_off(world, accounts)
    with pytest.raises(SameAccountAnsweredError):
        await DismissSameAccount(world.begin)(command)


async def test_a_yes_that_finds_them_one_is_kept_under_its_key(world: LedgerWorld) -> None:
    await two(world)
    command, confirm = await proposed(world), confirming(world)
    await confirm(command)
    key = IdempotencyKey("k-9", "accounts.same.confirm", b"hash")

    first = await confirm(command, key)

    assert await confirm(command, key) == replace(first, replayed=True)


async def test_one_account_is_never_two_by_a_word_that_is_left_over(world: LedgerWorld) -> None:
    accounts = await two(world)
    command = await proposed(world)
    await JoinAccounts(world.begin, world.clock, world.ids)(accounts)
    async with world.begin(ANNA) as tx:
        await tx.joined.dismiss(command.proposal_id)
        await tx.commit()

    answer = await confirming(world)(command)

    assert isinstance(answer, Outcome)
    assert answer.done is not None
    assert answer.done.account_id == accounts.account_id


@pytest.mark.postgres
async def test_no_waits_for_a_yes_that_is_being_done_and_is_refused(
    postgres: LedgerWorld, database: Database
) -> None:
    world = postgres
    accounts = await two(world)
    command = await proposed(world)
    joining = JoinAccounts(world.begin, world.clock, world.ids)

    async with world.begin(ANNA) as tx:
        await joining.within(tx, accounts)
        no = asyncio.create_task(DismissSameAccount(world.begin)(command))
        await somebody_waits(database)
        await tx.commit()
    with pytest.raises(SameAccountAnsweredError):
        await no

    assert not await dismissed(world)


@pytest.mark.postgres
async def test_a_yes_waits_for_a_no_that_is_being_written(
    postgres: LedgerWorld, database: Database
) -> None:
    """And holds, since it came last: the job is there, and makes them one."""
    world = postgres
    accounts = await large(world)
    command = await proposed(world)

    async with world.begin(ANNA) as tx:
        await tx.accounts.lock_all()
        yes = asyncio.create_task(request(world, accounts))
        await somebody_waits(database)
        await tx.joined.dismiss(command.proposal_id)
        await tx.commit()
    await yes
    await worked_off(world, accounts)

    assert not await dismissed(world)
    assert len(await world.books.accounts(ANNA)) == 1


@dataclass(frozen=True, slots=True)
class Swept(BeginLedgerTx):
    """After each transaction so much time goes by that a sweep takes the jobs back."""

    world: LedgerWorld

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[LedgerTx]:
        try:
            async with self.world.begin(acting_for) as tx:
                yield tx
        finally:
            self.world.clock.forward(seconds=60)
            await self.world.board.sweep()


async def test_a_job_that_is_refused_is_over_before_anybody_can_take_it_again(
    memory: LedgerWorld,
) -> None:
    world = memory
    accounts = await large(world)
    asked = await request(world, accounts)
    await closes(world, accounts.account_id)
    (leased,) = [one for one in await world.board.claim(100) if one.name == JoinAccountsJob.name]
    job = JoinAccountsJob(user_id=ANNA, account_id=accounts.account_id, other_id=accounts.other_id)
    joining = JoinAccounts(world.begin, world.clock, world.ids)

    refused = await JoinInBackground(Swept(world), joining)(job, leased.lease)

    assert refused == RefusedInBackground("month_closed")
    view = await seen(world, asked.job_id)
    assert (view.state, view.error) == (JobState.DONE, "MonthClosedError:month_closed")
    async with world.begin(ANNA) as tx:
        assert await tx.joined.joined() == {}
