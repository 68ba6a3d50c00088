from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from entrypoints.sandbox.server import sandbox_process
from tests.sandbox.clients import Clients, Json, World, clients_of


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World()
    world.options = replace(world.options, state_file=tmp_path / "bank.json")
    return world


async def test_everything_issued_still_works_after_a_restart(world: World) -> None:
    async with clients_of(world.app()) as bank:
        token = await bank.tink.link("anna")
        plaid = (await bank.plaid.link("anna"))["access_token"]
        await bank.control("POST", "/advance", days=3)
        await bank.control("POST", "/person/anna/transactions", amount_minor=-7, text="OWN")
        before = await bank.tink.transactions(token)
        sync = await bank.plaid.sync(plaid)
        page = await bank.plaid.ok("/transactions/sync", access_token=plaid)

    async with clients_of(world.app()) as bank:
        assert await bank.tink.transactions(token) == before
        nothing = await bank.plaid.sync(plaid, sync["cursor"])
        assert nothing["added"] == nothing["modified"] == nothing["removed"] == []
        rest = await bank.plaid.sync(plaid, page["next_cursor"])
        assert page["added"] + rest["added"] == sync["added"]


async def test_what_is_spent_stays_spent(world: World) -> None:
    async with clients_of(world.app()) as bank:
        back = await bank.plaid.visit(await bank.plaid.link_token(), "anna")
        await bank.plaid.ok("/item/public_token/exchange", public_token=back["public_token"])
        await bank.tink.create_user()
        code = (await bank.tink.delegate()).json()["code"]
        await bank.tink.visit(code, "anna")

    async with clients_of(world.app()) as bank:
        exchange = "/item/public_token/exchange"
        again = await bank.plaid.refused(exchange, public_token=back["public_token"])
        assert again == "INVALID_PUBLIC_TOKEN"
        assert (await bank.tink.visit(code, "anna"))["error"] == "BAD_REQUEST"


async def test_the_past_does_not_move_when_the_bank_opens_later(world: World) -> None:
    async with clients_of(world.app()) as bank:
        before = await bank.truth("kari", "tink")
    world.wait(days=100)

    async with clients_of(world.app()) as bank:
        after = await bank.truth("kari", "tink")

    count = len(before["transactions"])
    assert after["transactions"][:count] == before["transactions"]
    assert len(after["transactions"]) > count


async def test_two_banks_of_one_seed_tell_the_same_story() -> None:
    stories: list[Json] = []
    for _ in range(2):
        async with clients_of(World().app()) as bank:
            stories.append(await bank.truth("anna", "plaid"))

    assert stories[0] == stories[1]


async def test_the_state_file_is_for_its_owner_only(world: World) -> None:
    async with clients_of(world.app()) as bank:
        await bank.tink.create_user()

    assert world.options.state_file is not None
    assert world.options.state_file.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in world.options.state_file.parent.iterdir()] == ["bank.json"]


@pytest.mark.slow
async def test_a_killed_process_has_kept_what_it_answered(tmp_path: Path) -> None:
    state = tmp_path / "bank.json"
    with sandbox_process(state) as sandbox:
        async with httpx.AsyncClient(base_url=sandbox.url) as http:
            token = await Clients(http).tink.link("kari")
            item = await Clients(http).plaid.link("kari")
            before = await Clients(http).tink.transactions(token, statusIn="BOOKED")
        sandbox.kill()

    with sandbox_process(state) as sandbox:
        async with httpx.AsyncClient(base_url=sandbox.url) as http:
            after = await Clients(http).tink.transactions(token, statusIn="BOOKED")
            await Clients(http).plaid.sync(item["access_token"])

    assert after[-len(before) :] == before
