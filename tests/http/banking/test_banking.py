from typing import Any
from uuid import uuid4

import httpx
import pytest

from application.connections.gateway import (
    LinkRefusedError,
    ProviderUnavailableError,
    RenewalRequiredError,
)
from tests.http.banking.conftest import House
from tests.support.observations import pages

BJORN = {"authorization": "Bearer bjorn"}


def data_of(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def problem_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["error"]


async def linked(house: House) -> dict[str, Any]:
    started = data_of(await house.http.post("/tink/connect"), 201)
    back = {"state": started["state"], "credentials_id": "c-1"}
    return data_of(await house.http.post("/tink/callback", json=back), 201)


async def test_linking_from_the_button_to_the_first_sync(house: House) -> None:
    house.bank.says(*pages(2))

    started = data_of(await house.http.post("/tink/connect"), 201)
    assert started["state"] in started["url"]
    assert started["link_token"] is None
    assert started["expires_at"] == "2026-03-02T12:10:00Z"

    back = {"state": started["state"], "credentials_id": "c-1", "brand-new": "x"}
    link = data_of(await house.http.post("/tink/callback", json=back), 201)
    assert (link["outcome"], link["institution"]) == ("linked", "Fjordbank")

    before = data_of(await house.http.get(f"/connections/{link['connection_id']}"))
    assert before["job_id"] == link["job_id"]
    assert before["synced_at"] is None
    await house.work()
    after = data_of(await house.http.get(f"/connections/{link['connection_id']}"))
    assert before["health"]["waits_for"] == "queue"
    assert after.pop("health") == {
        "last_good_sync_at": "2026-03-02T12:00:00Z",
        "failing_since": None,
        "tries": 0,
        "next_sync_at": "2026-03-02T18:00:00Z",
        "waits_for": "rhythm",
        "message": "everything is up to date; this is when the bank is read again by itself",
    }
    del before["health"]
    assert after == before | {"job_id": None, "synced_at": "2026-03-02T12:00:00Z"}
    assert "cursor" not in after
    assert "external_id" not in after


async def test_connections_are_listed_as_a_whole_and_by_provider(house: House) -> None:
    link = await linked(house)

    for address in ("/connections", "/connections?provider=tink", "/tink/connections"):
        answer = await house.http.get(address)
        assert [one["id"] for one in answer.json()["data"]] == [link["connection_id"]], address
    for address in ("/connections?provider=plaid", "/plaid/connections"):
        assert (await house.http.get(address)).json()["data"] == [], address


async def test_connections_say_whether_there_are_more(house: House) -> None:
    await linked(house)

    for address in ("/connections", "/tink/connections"):
        page = (await house.http.get(address, params={"limit": 1})).json()
        assert page["pagination"] == {"next_cursor": None, "has_more": False, "limit": 1}
        odd = await house.http.get(address, params={"cursor": "nonsense"})
        assert (odd.status_code, odd.json()["error"]) == (400, "bad_cursor")


async def test_what_is_wrong_in_what_came_back_is_named(house: House) -> None:
    back = {"state": "s", "credentials_id": 7, "error": "none"}
    answer = await house.http.post("/tink/callback", json=back)

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["details"]] == ["credentials_id"]


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/nordea/connect"),
        ("POST", "/nordea/callback"),
        ("GET", "/nordea/connections"),
    ],
)
async def test_an_unknown_provider_is_not_found(house: House, method: str, address: str) -> None:
    body = {"state": "x"} if address.endswith("callback") else None
    answer = await house.http.request(method, address, json=body)

    assert problem_of(answer) == (404, "provider_unknown")


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        ({"credentials_id": "c"}, (400, "invalid_request")),
        ({}, (400, "invalid_request")),
        ({"state": 1}, (400, "invalid_request")),
        ({"state": None}, (400, "invalid_request")),
        ({"state": {"a": "b"}}, (400, "invalid_request")),
        ({"state": "s", "x" * 65: "y"}, (400, "invalid_request")),
        ({"state": "s", "x": "y" * 4097}, (400, "invalid_request")),
        ({f"p{number}": "y" for number in range(25)}, (400, "invalid_request")),
        ([], (400, "invalid_request")),
        ({"state": "forged.signature"}, (400, "state_invalid")),
        ({"state": ""}, (400, "state_invalid")),
    ],
)
async def test_a_return_that_nobody_should_send_is_the_callers_problem(
    house: House, back: object, expected: tuple[int, str]
) -> None:
    assert problem_of(await house.http.post("/tink/callback", json=back)) == expected


async def test_what_may_go_wrong_on_the_way_back(house: House) -> None:
    async def back(**parameters: str) -> httpx.Response:
        started = data_of(await house.http.post("/tink/connect"), 201)
        return await house.http.post(
            "/tink/callback", json={"state": started["state"], **parameters}
        )

    assert problem_of(await back(error="USER_CANCELLED")) == (422, "link_cancelled")
    house.bank.exchange_troubles = [LinkRefusedError("no accounts", "NO_ACCOUNTS")]
    assert problem_of(await back()) == (422, "link_refused")
    house.bank.exchange_troubles = [ProviderUnavailableError("tink", "500")]
    down = await back()
    assert problem_of(down) == (503, "provider_unavailable")
    assert "retry-after" in down.headers


async def test_a_state_is_used_once_and_runs_out(house: House) -> None:
    started = data_of(await house.http.post("/tink/connect"), 201)
    back = {"state": started["state"], "credentials_id": "c"}
    data_of(await house.http.post("/tink/callback", json=back), 201)
    again = await house.http.post("/tink/callback", json=back)
    assert problem_of(again) == (409, "state_used")

    late = data_of(await house.http.post("/tink/connect"), 201)
    house.clock.forward(minutes=11)
    answer = await house.http.post("/tink/callback", json={"state": late["state"]})
    assert problem_of(answer) == (410, "state_expired")


async def test_a_lost_answer_can_be_asked_for_again_with_the_same_key(house: House) -> None:
    started = data_of(await house.http.post("/tink/connect"), 201)
    back = {"state": started["state"], "credentials_id": "c"}
    key = {"idempotency-key": "k-1"}

    first = await house.http.post("/tink/callback", json=back, headers=key)
    again = await house.http.post("/tink/callback", json=back, headers=key)
    other = await house.http.post("/tink/callback", json=back | {"more": "x"}, headers=key)

    assert data_of(again, 201) == data_of(first, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert problem_of(other) == (422, "idempotency_key_reused")


async def test_a_state_belongs_to_its_person_and_its_provider(house: House) -> None:
    started = data_of(await house.http.post("/tink/connect"), 201)
    back = {"state": started["state"], "credentials_id": "c"}

    his = await house.http.post("/tink/callback", json=back, headers=BJORN)
    elsewhere = await house.http.post("/plaid/callback", json=back)

    assert problem_of(his) == problem_of(elsewhere) == (400, "state_invalid")


async def test_a_sync_on_demand_is_accepted_with_its_job(house: House) -> None:
    link = await linked(house)
    address = f"/connections/{link['connection_id']}/sync"

    first = data_of(await house.http.post(address), 202)
    assert first == {"job_id": link["job_id"]}
    await house.work()
    second = data_of(await house.http.post(address), 202)
    assert second["job_id"] in [str(job.id) for job in await house.jobs()]


async def test_a_lapsed_consent_must_be_renewed_before_it_is_read(house: House) -> None:
    link = await linked(house)
    house.bank.fetch_troubles = [RenewalRequiredError("tink", "SESSION_EXPIRED")]
    await house.work()
    address = f"/connections/{link['connection_id']}"

    seen = data_of(await house.http.get(address))
    assert (seen["status"], seen["needs_action"]) == ("requires_renewal", "renew")
    assert problem_of(await house.http.post(f"{address}/sync")) == (409, "renewal_required")

    started = data_of(await house.http.post(f"{address}/renew"), 201)
    back = {"state": started["state"], "credentials_id": "c"}
    renewed = data_of(await house.http.post("/tink/callback", json=back), 201)
    assert (renewed["outcome"], renewed["connection_id"]) == ("renewed", link["connection_id"])
    assert data_of(await house.http.get(address))["status"] == "active"


async def test_disconnecting_is_accepted_and_harmless_to_repeat(house: House) -> None:
    link = await linked(house)
    await house.work()
    address = f"/connections/{link['connection_id']}"

    first = data_of(await house.http.delete(address), 202)
    second = data_of(await house.http.delete(f"{address}?data=erase"), 202)
    assert first == second
    assert first["status"] == "disconnecting"
    await house.work()

    assert data_of(await house.http.get(address))["status"] == "disconnected"
    third = data_of(await house.http.delete(f"{address}?data=keep"), 202)
    assert third == {"id": link["connection_id"], "status": "disconnected", "job_id": None}
    for step in ("sync", "renew"):
        answer = await house.http.post(f"{address}/{step}")
        assert problem_of(answer) == (409, "connection_ended")


@pytest.mark.parametrize("query", ["data=burn", "data=", "date=erase", "data=keep&data=erase"])
async def test_a_query_that_is_not_understood_disconnects_nothing(house: House, query: str) -> None:
    link = await linked(house)
    address = f"/connections/{link['connection_id']}"

    answer = await house.http.delete(f"{address}?{query}")

    assert answer.status_code == 400, answer.text
    assert data_of(await house.http.get(address))["status"] == "active"


async def test_another_persons_connection_is_not_found(house: House) -> None:
    link = await linked(house)
    for connection_id in (link["connection_id"], str(uuid4())):
        address = f"/connections/{connection_id}"
        for method, path in (
            ("GET", address),
            ("DELETE", address),
            ("POST", f"{address}/sync"),
            ("POST", f"{address}/renew"),
        ):
            answer = await house.http.request(method, path, headers=BJORN)
            assert problem_of(answer) == (404, "connection_not_found"), (method, path)
    assert (await house.http.get("/connections", headers=BJORN)).json()["data"] == []


async def test_strangers_get_nothing(house: House) -> None:
    nobody = {"authorization": ""}
    for method, path in (
        ("POST", "/tink/connect"),
        ("POST", "/tink/callback"),
        ("GET", "/connections"),
        ("GET", "/tink/connections"),
        ("DELETE", f"/connections/{uuid4()}"),
    ):
        answer = await house.http.request(method, path, headers=nobody, json={"state": "x"})
        assert answer.status_code == 401, (method, path)


async def test_nothing_secret_is_in_jobs_or_answers_afterwards(house: House) -> None:
    link = await linked(house)
    await house.work()
    shown = (await house.http.get(f"/connections/{link['connection_id']}")).text

    assert "access-login" not in shown
    assert "access-login" not in repr(await house.jobs())
