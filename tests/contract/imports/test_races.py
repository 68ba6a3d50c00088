"""What happens at once, on PostgreSQL: nobody waits in a circle, and nothing is half done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from application.ledger.close_account import CloseAccount, CloseAccountCommand
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.imports import ImportState
from application.ledger.jobs import ApplyFeedJob, ImportStatementJob
from domain.ledger.errors import AccountNotFoundError, EntryNotFoundError
from tests.contract.imports.test_samples import amounts, the_report
from tests.support.imports import ImportWorld
from tests.support.ledger import ANNA

pytestmark = pytest.mark.postgres


@pytest.fixture
def world(postgres: ImportWorld) -> ImportWorld:
    return postgres


def a_list(category: str, rows: int = 200) -> bytes:
    """The same rows, said to be of another category: every entry has to be changed."""
    lines = [f"2026-01-{1 + n % 28:02},-{n + 1}.00,{category},Shop {n}\n" for n in range(rows)]
    return ("date,amount,category,merchant\n" + "".join(lines)).encode()


async def run(world: ImportWorld, name: str) -> None:
    handler = world.handlers()[name]
    for job in await world.board.claim(10):
        if job.name == name:
            await handler(job.payload, job.lease)


async def test_edits_while_a_file_is_applied_neither_wait_in_a_circle_nor_get_lost(
    world: ImportWorld,
) -> None:
    await world.imports(a_list("Groceries"))
    entries = [one.id for one in await world.books.entries(ANNA)]
    edit = EditEntry(world.begin_ledger)

    async def edits() -> AsyncIterator[None]:
        for entry_id in entries[::-8]:
            await edit(EditEntryCommand(ANNA, entry_id, note="mine", category="travel.other"))
            yield

    async def edit_all() -> None:
        async for _ in edits():
            await asyncio.sleep(0)

    for category in ("Restaurants", "Transport", "Rent"):
        await world.sends(a_list(category))
        await run(world, ImportStatementJob.name)
        await asyncio.gather(run(world, ApplyFeedJob.name), edit_all())

    found = await world.books.entries(ANNA)
    assert len(found) == len(entries)
    mine = {one.id for one in found if one.note == "mine" and one.category == "travel.other"}
    assert mine == set(entries[::-8])
    assert {one.category for one in found if one.id not in mine} == {"housing.rent"}


async def test_an_account_closed_while_its_file_is_applied_leaves_nothing_or_is_made_anew(
    world: ImportWorld,
) -> None:
    for _ in range(5):
        first = await world.imports(a_list("Groceries"))
        account_id = the_report(first).statements[0].account_id
        assert account_id is not None
        await world.sends(a_list("Restaurants"))
        await run(world, ImportStatementJob.name)

        close = CloseAccount(world.begin_ledger)
        await asyncio.gather(
            run(world, ApplyFeedJob.name), close(CloseAccountCommand(ANNA, account_id))
        )
        await world.works()

        assert await amounts(world) == []
        assert await world.accounts() == {}


async def test_an_account_closed_while_a_file_is_read_leaves_no_half(world: ImportWorld) -> None:
    for _ in range(5):
        first = await world.imports(a_list("Groceries"))
        account_id = the_report(first).statements[0].account_id
        assert account_id is not None
        ticket = await world.sends(a_list("Groceries"))

        close = CloseAccount(world.begin_ledger)
        await asyncio.gather(
            run(world, ImportStatementJob.name), close(CloseAccountCommand(ANNA, account_id))
        )
        await world.works()

        one = await world.reader.get(ANNA, ticket.import_id)
        assert one.state in (ImportState.APPLIED, ImportState.REFUSED)
        assert len(await amounts(world)) in (0, 200)
        for account, _ in (await world.accounts()).values():
            with suppress(AccountNotFoundError, EntryNotFoundError):
                await close(CloseAccountCommand(ANNA, account.id))
