"""The receipt of a withdrawal, from the wish to the last row, over the real application."""

import asyncpg
import pytest

from tests.http.consents.town import ANNA, Json, Town
from tests.support.postgres import CleanDatabase, connect

pytestmark = pytest.mark.postgres

EMPTY_AFTERWARDS = (
    "connection_secrets",
    "provider_objects",
    "consent_terms",
    "feeds",
    "feed_updates",
    "feed_pages",
    "page_bodies",
    "accounts",
    "account_sources",
    "entries",
    "entry_parts",
    "entry_sources",
    "entry_suggestions",
    "month_sums",
    "day_sums",
    "transfers",
)


def lines(receipt: Json, fate: str) -> dict[str, int]:
    return {one["thing"]: one["count"] for one in receipt["lines"] if one["fate"] == fate}


async def count(db: asyncpg.Connection, what: str) -> int:
    found: int = await db.fetchval(f"select count(*) from {what}")  # noqa: S608 - of this file
    return found


@pytest.mark.parametrize("provider", ["tink", "plaid"])
async def test_what_the_receipt_says_was_deleted_is_what_there_was(
    town: Town, clean_database: CleanDatabase, provider: str
) -> None:
    connection_id = await town.links(provider)
    db = await connect(clean_database.admin_url)
    try:
        there = {
            "access": await count(db, "connection_secrets"),
            "raw_pages": await count(db, "page_bodies where raw is not null"),
            "observations": await db.fetchval("select sum(observations) from feed_updates"),
            "webhooks": 0,
            "accounts": await count(db, "accounts"),
            "entries": await count(db, "entries"),
            "suggestions": await count(db, "entry_suggestions"),
            "links": await count(db, "entry_sources"),
            "transfers": await count(db, "transfers where state = 'paired'"),
        }
        assert there["transfers"] > 0
        await town.lets_go(connection_id, "erase")
        left = {table: await count(db, table) for table in EMPTY_AFTERWARDS}
    finally:
        await db.close()

    receipt = await town.told(f"/connections/{connection_id}/receipt")
    assert receipt["state"] == "done"
    assert (receipt["erase"], receipt["tries"], receipt["revocation"]) == (True, 1, "confirmed")
    assert receipt["asked_at"] <= receipt["revoked_at"] <= receipt["done_at"]
    assert lines(receipt, "deleted") == there
    assert lines(receipt, "kept") == {}
    assert left == dict.fromkeys(EMPTY_AFTERWARDS, 0)


async def test_what_is_kept_has_its_reason(town: Town) -> None:
    connection_id = await town.links("tink")
    entries = len(await town.books.entries(ANNA))

    await town.lets_go(connection_id)

    receipt = await town.told(f"/connections/{connection_id}/receipt")
    assert receipt["state"] == "done"
    assert lines(receipt, "deleted") == {"access": 1}
    assert lines(receipt, "kept")["entries"] == entries
    assert {one["thing"]: one["why"] for one in receipt["lines"] if one["fate"] == "kept"} == {
        "accounts": "not_asked",
        "entries": "not_asked",
        "observations": "not_asked",
        "raw_pages": "goes_by_itself",
    }


async def test_what_is_said_again_leaves_the_receipt_as_it_is(town: Town) -> None:
    connection_id = await town.links("tink")
    await town.lets_go(connection_id, "erase")
    once = await town.told(f"/connections/{connection_id}/receipt")
    assert once["state"] == "done"

    for data in ("erase", "keep", "erase"):
        await town.lets_go(connection_id, data)
        assert await town.told(f"/connections/{connection_id}/receipt") == once, data


async def test_kept_first_and_erased_later_ends_with_a_receipt_that_is_done(town: Town) -> None:
    connection_id = await town.links("tink")
    entries = len(await town.books.entries(ANNA))
    await town.lets_go(connection_id, "keep")

    for _ in range(2):
        await town.lets_go(connection_id, "erase")
        receipt = await town.told(f"/connections/{connection_id}/receipt")
        assert (receipt["state"], receipt["erase"]) == ("done", True)
        assert lines(receipt, "deleted")["entries"] == entries
        assert lines(receipt, "kept") == {}


async def test_what_another_link_told_of_too_is_kept_and_said_so(town: Town) -> None:
    """Let go with its data kept, linked again, and then one of the two is erased."""
    first = await town.links("tink")
    await town.lets_go(first)
    await town.links("tink")
    entries, accounts = await town.books.entries(ANNA), await town.books.accounts(ANNA)

    await town.lets_go(first, "erase")

    receipt = await town.told(f"/connections/{first}/receipt")
    assert receipt["state"] == "done"
    assert lines(receipt, "kept")["accounts"] == len(accounts)
    assert lines(receipt, "deleted")["accounts"] == 0
    now = await town.books.entries(ANNA)
    assert lines(receipt, "deleted")["entries"] == len(entries) - len(now)
    whys = {one["why"] for one in receipt["lines"] if one["fate"] == "kept"}
    assert whys == {"of_others_too"}


async def test_a_provider_out_of_reach_is_waited_for_in_sight(town: Town) -> None:
    connection_id = await town.links("plaid")
    await town.street.control("faults", provider="plaid", path="item/remove", kind="server_error")
    await town.http.delete(f"/connections/{connection_id}?data=erase")
    before = await town.told(f"/connections/{connection_id}/receipt")
    assert (before["state"], before["tries"], before["lines"]) == ("revoking", 0, [])

    # Once: the adapter itself asks again, and after a few refusals in a row it leaves Plaid alone.
    await town.fails()
    receipt = await town.told(f"/connections/{connection_id}/receipt")
    assert (receipt["state"], receipt["tries"]) == ("revoking", 1)
    assert receipt["last_error"] == "provider_unavailable"
    assert (receipt["revoked_at"], receipt["lines"]) == (None, [])
    assert (await town.told(f"/connections/{connection_id}"))["status"] == "disconnecting"
    await town.street.browser.delete(f"{town.street.sandbox.control_url}/faults")
    await town.works()

    receipt = await town.told(f"/connections/{connection_id}/receipt")
    assert (receipt["state"], receipt["tries"], receipt["last_error"]) == ("done", 2, None)


async def test_an_access_that_does_not_open_any_more_holds_nobody_up(
    town: Town, clean_database: CleanDatabase
) -> None:
    connection_id = await town.links("plaid")
    db = await connect(clean_database.admin_url)
    try:
        torn = "update connection_secrets set access = substring(access, 1, length(access) - 1)"
        assert await db.execute(torn) == "UPDATE 1"
        await town.lets_go(connection_id, "erase")
        left = {table: await count(db, table) for table in EMPTY_AFTERWARDS}
    finally:
        await db.close()

    receipt = await town.told(f"/connections/{connection_id}/receipt")
    assert (receipt["state"], receipt["revocation"]) == ("done", "not_confirmed")
    assert (receipt["revoked_at"], receipt["last_error"]) == (None, "seal_broken")
    assert receipt["done_at"] is not None
    assert left == dict.fromkeys(EMPTY_AFTERWARDS, 0)
    assert (await town.told(f"/connections/{connection_id}"))["status"] == "disconnected"


async def test_there_is_no_receipt_before_the_wish_and_none_of_anybody_else(town: Town) -> None:
    connection_id = await town.links("tink")
    path = f"/connections/{connection_id}/receipt"
    answer = await town.http.get(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "receipt_not_found")

    await town.http.delete(f"/connections/{connection_id}")
    other = await town.http.get(path, headers={"authorization": "Bearer bjorn"})
    assert (other.status_code, other.json()["error"]) == (404, "receipt_not_found")
