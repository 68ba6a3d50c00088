"""Webhooks over real sockets: from a bank that sends them, through a house that may die."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import pytest

from adapters.system.clock import SystemClock
from domain.shared.secret import Secret
from tests.embedded.world import a_home
from tests.faults.exact import ensure_exact, until_idle
from tests.faults.moments import seen
from tests.faults.street import (
    SEVERAL,
    TINK_SECRET,
    Bank,
    Installation,
    Street,
    a_free_port,
    a_street,
    until,
)
from tests.support.webhooks import Senders, refreshed

pytestmark = pytest.mark.slow

_STATES: Final = "select state, count(*) from webhook_deliveries group by 1"
_LEFT: Final = """
    select count(*) from jobs
    where name = 'connections.work_off_webhook' and state in ('ready', 'leased')
"""
"""One that was faster than its link is looked at again some seconds later."""
_ENTRIES: Final = "select count(*) from entries where text like $1 and removed is null"
_LINK: Final = "select external_id from connections where id = $1"


async def states(db: asyncpg.Connection) -> dict[str, int]:
    return {row["state"]: row["count"] for row in await db.fetch(_STATES)}


async def all_worked_off(daler: Installation) -> dict[str, int]:
    """Wait until none waits, and say what became of them."""

    async def over(db: asyncpg.Connection) -> bool:
        return not await db.fetchval(_LEFT) and "waiting" not in await states(db)

    await seen(daler, over)
    await until_idle(daler)
    async with daler.database() as db:
        return await states(db)


async def ordered(bank: Bank, login: str, text: str, times: int) -> list[Any]:
    """Have somebody spend, and say what became of the webhooks about it."""
    order = {"amount_minor": -1000, "text": text, "times": times}
    answer = await bank.control.post(f"/person/{login}/transactions", json=order, timeout=60)
    found: list[Any] = answer.raise_for_status().json()["webhooks"]
    return found


async def fired(bank: Bank, link: str, times: int, **more: object) -> list[int | None]:
    order = {"provider": "plaid", "link": link, "event": "SYNC_UPDATES_AVAILABLE", "times": times}
    answer = await bank.control.post("/webhooks/fire", json=order | more, timeout=60)
    return [one["status"] for one in answer.raise_for_status().json()["webhooks"]]


async def external_id(street: Street, connection: object) -> str:
    async with street.daler.database() as db:
        found: str = await db.fetchval(_LINK, connection)
        return found


async def test_what_was_kept_before_everybody_died_is_worked_off(tmp_path: Path) -> None:
    async with a_street(tmp_path, SEVERAL, hooks=True) as street:
        await street.start()
        anna = await street.person()
        connection = await anna.link("plaid", "anna")
        await all_worked_off(street.daler)
        link = await external_id(street, connection)

        street.daler.kill("worker")
        told = await ordered(street.bank, "anna", "After the kill", 3)
        assert [one["status"] for one in told] == [200]
        assert await fired(street.bank, link, 40) == [200] * 40
        assert set(await fired(street.bank, link, 10, tamper=True)) == {401}
        async with street.daler.database() as db:
            assert (await states(db))["waiting"] == 41
        street.daler.kill()

        await street.start()
        found = await all_worked_off(street.daler)

        assert set(found) == {"done"}
        async with street.daler.database() as db:
            assert await db.fetchval(_ENTRIES, "%After the kill%") == 3, "nobody asked but the bank"
        await ensure_exact(street, anna, connection, "plaid", "anna")


async def test_workers_that_die_over_and_over_lose_no_webhook(tmp_path: Path) -> None:
    async with a_street(tmp_path, SEVERAL, hooks=True) as street:
        await street.start()
        anna = await street.person()
        connection = await anna.link("plaid", "anna")
        link = await external_id(street, connection)

        for number in range(5):
            await ordered(street.bank, "anna", f"Purchase {number}", 2)
            assert set(await fired(street.bank, link, 20)) == {200}
            street.daler.kill("worker")
            street.daler.start()
        found = await all_worked_off(street.daler)

        assert set(found) == {"done"}
        async with street.daler.database() as db:
            assert await db.fetchval(_ENTRIES, "%Purchase%") == 10
        await ensure_exact(street, anna, connection, "plaid", "anna")


async def test_plaid_comes_again_when_its_keys_were_out_of_reach(tmp_path: Path) -> None:
    async with a_street(tmp_path, hooks=True) as street:
        await street.start()
        anna, link = await street.person(), ""
        for kind in ("server_error", "hang"):
            await street.bank.fault(provider="plaid", path="/webhook_verification_key", kind=kind)
            connection = await anna.link("plaid", "anna")
            link = await external_id(street, connection)
            # A hanging key costs three seconds, which is less than Plaid's ten.
            assert await fired(street.bank, link, 1) == [503]
            await street.bank.peace()
            street.daler.kill()
            await street.start()
        assert await fired(street.bank, link, 1) == [200]


async def test_tinks_webhooks_are_taken_from_who_knows_the_secret(tmp_path: Path) -> None:
    async with a_street(tmp_path, hooks=True) as street:
        await street.start()
        anna = await street.person()
        connection = await anna.link("tink", "anna")
        await until_idle(street.daler)
        link = await external_id(street, connection)
        await ordered(street.bank, "anna", "Told by Tink", 2)
        senders = Senders(SystemClock())
        right = senders.tink_sends(refreshed(link), Secret(TINK_SECRET))
        wrong = senders.tink_sends(refreshed(link), Secret("guessed"))

        answers = []
        for letter in (right, wrong):
            answer = await anna.http.post(
                f"{street.daler.url}/webhooks/tink", content=letter.body, headers=letter.headers
            )
            answers.append(answer.status_code)
        assert answers == [200, 401]
        assert await all_worked_off(street.daler) == {"done": 1}
        async with street.daler.database() as db:
            assert await db.fetchval(_ENTRIES, "%Told by Tink%") == 2


async def test_the_sandbox_bank_of_a_newcomer_tells_what_happens(tmp_path: Path) -> None:
    """`daler run` and nothing else: the demo's links, and a day that passes at the bank."""
    port = a_free_port()
    with a_home(tmp_path / "h") as home:
        home.path.mkdir(exist_ok=True)
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(home.path),
            "DALER_HOME": str(home.path),
            "DALER_PORT": str(port),
        }
        daler = Installation(home, environment, f"http://127.0.0.1:{port}")
        try:
            daler.start()
            await _sandbox_tells(daler)
            daler.stop()
        except BaseException:
            daler.tell()
            raise
        finally:
            daler.kill()


async def _sandbox_tells(daler: Installation) -> None:
    async def linked(db: asyncpg.Connection) -> bool:
        with suppress(asyncpg.UndefinedTableError):
            found = await db.fetch("select provider from connections where synced_at is not null")
            return {row["provider"] for row in found} >= {"tink", "plaid"}
        return False

    await seen(daler, linked)
    bank = (daler.home.path / "sandbox" / "port").read_text()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bank}", trust_env=False) as http:

        async def endpoint_is_there() -> bool:
            log = (daler.home.path / "daler.log").read_text()
            return "/events/v2/webhook-endpoints" in log or (await _told(http)) > 2

        await until(endpoint_is_there, "Tink's endpoint is made")
        assert await _told(http) > 2
    found = await all_worked_off(daler)
    assert found.pop("done") > 2
    assert not found


async def _told(http: httpx.AsyncClient) -> int:
    """A day passes at the bank: how many webhooks were taken. None is refused."""
    answer = await http.post("/control/advance", json={"days": 1}, timeout=60)
    statuses = [one["status"] for one in answer.raise_for_status().json()["webhooks"]]
    assert set(statuses) <= {200}, statuses
    return len(statuses)
