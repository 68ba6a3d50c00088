"""What the person sees of how their bank was read, over HTTP."""

from tests.http.banking.conftest import House
from tests.http.banking.test_banking import data_of, linked
from tests.support.observations import pages


async def a_link(house: House) -> str:
    return f"/connections/{(await linked(house))['connection_id']}"


async def test_every_run_has_a_line(house: House) -> None:
    house.bank.says(*pages(2))
    path = await a_link(house)
    await house.work()

    answer = (await house.http.get(f"{path}/syncs")).json()

    (run,) = answer["data"]
    assert run["reason"] == "link"
    assert run["attended"] is True
    assert run["outcome"] == "synced"
    assert run["message"] == "the bank was read to the end"
    assert run["told"] == {"pages": 2, "accounts": 0, "transactions": 2, "gone": 0}
    assert run["effect"]["update"] == 1
    assert answer["pagination"]["has_more"] is False


async def test_the_history_is_paged_by_a_cursor_of_its_own(house: House) -> None:
    path = await a_link(house)
    for _ in range(3):
        await house.work()
        await house.http.post(f"{path}/sync")

    first = (await house.http.get(f"{path}/syncs", params={"limit": 2})).json()
    cursor = first["pagination"]["next_cursor"]
    rest = (await house.http.get(f"{path}/syncs", params={"limit": 2, "cursor": cursor})).json()

    ids = [run["id"] for run in (*first["data"], *rest["data"])]
    assert ids == sorted(set(ids), reverse=True)
    assert len(ids) == 3
    other = await house.http.get(f"{path}/syncs", params={"cursor": "bm90IG91cnM"})
    assert (other.status_code, other.json()["error"]) == (400, "bad_cursor")


async def test_somebody_elses_history_is_not_found(house: House) -> None:
    path = await a_link(house)
    theirs = await house.http.get(f"{path}/syncs", headers={"authorization": "Bearer bjorn"})

    assert (theirs.status_code, theirs.json()["error"]) == (404, "connection_not_found")


async def test_a_connection_says_since_when_it_fails_and_when_it_is_read_next(
    house: House,
) -> None:
    path = await a_link(house)
    await house.work()

    health = data_of(await house.http.get(path))["health"]

    assert health["failing_since"] is None
    assert health["waits_for"] == "rhythm"
    assert health["next_sync_at"] == "2026-03-02T18:00:00Z"
