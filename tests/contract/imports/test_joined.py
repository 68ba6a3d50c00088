"""Files of accounts that were joined since: they go where they always went."""

from application.ledger.imports import ImportReport
from application.ledger.one_account.join import JoinAccounts, JoinAccountsCommand
from application.ledger.one_account.separate import SeparateFeed, SeparateFeedCommand
from domain.ledger.one_account.told import Teller
from domain.shared.ids import AccountId
from tests.support.imports import ImportWorld
from tests.support.ledger import ANNA

ROWS = b"date,amount,text\n2026-01-05,-40.00,Coffee\n2026-01-20,1000.00,Wages\n"
MORE = ROWS + b"2026-01-28,-7.00,Bus\n"


async def imports(world: ImportWorld, name: str, file: bytes = ROWS) -> ImportReport:
    report = (await world.imports(file, account_name=name)).report
    assert report is not None
    return report


async def names(world: ImportWorld) -> list[str]:
    return sorted(one.name for one in await world.books.accounts(ANNA))


async def joined(world: ImportWorld) -> AccountId:
    await imports(world, "One")
    await imports(world, "Two")
    one, two = sorted(await world.books.accounts(ANNA), key=lambda account: account.name)
    command = JoinAccountsCommand(ANNA, one.id, two.id)
    return AccountId(
        (await JoinAccounts(world.begin_ledger, world.clock, world.ids)(command)).account_id
    )


async def tellers(world: ImportWorld, account_id: AccountId) -> list[Teller]:
    async with world.begin_ledger(ANNA) as tx:
        found = (await tx.joined.joined())[account_id].values()
    return sorted(found, key=lambda one: one.name)


async def test_the_same_file_under_its_own_name_changes_nothing(world: ImportWorld) -> None:
    await joined(world)

    for name in ("Two", "One"):
        again = await imports(world, name)
        assert (again.new, again.known) == (0, 2)
    assert len(await names(world)) == 1


async def test_what_is_new_in_it_is_new_once(world: ImportWorld) -> None:
    account_id = await joined(world)

    later = await imports(world, "Two", MORE)
    other = await imports(world, "One", MORE)

    assert (later.new, later.known) == (1, 2)
    assert (other.new, other.known) == (0, 3)
    shown = [one for one in await world.books.entries(ANNA) if one.removed is None]
    assert len(shown) == 3
    assert [one.name for one in await tellers(world, account_id)] == ["One", "Two"]


async def test_after_separating_each_name_finds_its_own(world: ImportWorld) -> None:
    account_id = await joined(world)
    await imports(world, "Two", MORE)
    _, two = await tellers(world, account_id)
    separate = SeparateFeed(world.begin_ledger, world.clock, world.ids)
    await separate(SeparateFeedCommand(ANNA, account_id, two.feed_id))

    assert await names(world) == ["One", "Two"]
    for name, file, known in (("One", ROWS, 2), ("Two", MORE, 3)):
        again = await imports(world, name, file)
        assert (again.new, again.known) == (0, known)
    assert await names(world) == ["One", "Two"]
