"""Two persons sign in at the same bank as the same customer, and still never meet."""

from typing import Final

import pytest

from tests.security.town import MARK, Days, Json, Someone

pytestmark = pytest.mark.postgres

OF_THE_BANK: Final = ("feeds", "feed_updates", "feed_pages", "page_bodies", "connection_secrets")


async def everything(days: Days, who: Someone) -> list[Json]:
    """Every transaction, page by page."""
    found: list[Json] = []
    cursor: str | None = None
    while True:
        params = {"limit": 200} | ({"cursor": cursor} if cursor else {})
        page = await days.town.ok("GET", "/api/v1/transactions", who, params=params)
        found += page["data"]
        cursor = page["pagination"]["next_cursor"]
        if cursor is None:
            return found


async def ids_at(days: Days, path: str, who: Someone) -> set[str]:
    answer = await days.town.ok("GET", path, who, params={})
    return {one["id"] for one in answer["data"]}


def without_ids(rows: list[Json]) -> list[tuple[str, str, str]]:
    return sorted((one["booked_on"], one["text"], one["amount"]["amount"]) for one in rows)


def test_each_has_the_whole_of_their_own(days: Days) -> None:
    hers, his = (days.run(everything(days, who)) for who in (days.anna, days.bjorn))

    assert len(hers) == len(his) > 1_000
    assert {one["id"] for one in hers}.isdisjoint(one["id"] for one in his)
    assert {one["account_id"] for one in hers}.isdisjoint(one["account_id"] for one in his)
    same = [without_ids([one for one in rows if MARK not in one["text"]]) for rows in (hers, his)]
    assert same[0] == same[1], "the bank told both of them the same"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/banking/connections",
        "/api/v1/banking/tink/connections",
        "/api/v1/banking/plaid/connections",
        "/api/v1/accounts",
        "/api/v1/banking/accounts",
        "/api/v1/imports",
    ],
)
def test_lists_never_overlap(days: Days, path: str) -> None:
    hers, his = (days.run(ids_at(days, path, who)) for who in (days.anna, days.bjorn))

    assert hers
    assert his
    assert hers.isdisjoint(his)


def test_what_one_searches_is_found_among_their_own_only(days: Days) -> None:
    for me, other in ((days.anna, days.bjorn), (days.bjorn, days.anna)):
        path = "/api/v1/transactions"
        mine = days.run(days.town.ok("GET", path, me, params={"q": me.word}))
        theirs = days.run(days.town.ok("GET", path, me, params={"q": other.word}))
        assert len(mine["data"]) == 13
        assert theirs["data"] == []


def test_when_one_leaves_the_other_stays_whole(days: Days) -> None:
    async def part() -> None:
        town = days.town
        stays, leaves = await town.welcome(f"siri-{MARK}"), await town.welcome(f"dag-{MARK}")
        for who in (stays, leaves):
            for provider in ("tink", "plaid"):
                await town.link(who, provider, "sofie")
        await town.work()
        before = await everything(days, stays)
        assert len(before) > 100
        gone = (await town.ok("GET", "/api/v1/me", leaves))["data"]["id"]

        for connection in leaves.ids["connection_id"]:
            path = f"/api/v1/banking/connections/{connection}?data=erase"
            await town.ok("DELETE", path, leaves)
        await town.work()

        assert await everything(days, leaves) == []
        assert await everything(days, stays) == before
        for table in OF_THE_BANK:
            left = await town.admin.fetchval(
                f"select count(*) from {table} where user_id = $1",  # noqa: S608 - listed above
                gone,
            )
            assert left == 0, table
        for connection in stays.ids["connection_id"]:
            path = f"/api/v1/banking/connections/{connection}"
            assert (await town.ok("GET", path, stays))["data"]["status"] == "active"

    days.run(part())
