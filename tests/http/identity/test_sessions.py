"""Sessions over HTTP: seen, and ended on one device from another."""

import httpx

from tests.http.house import House
from tests.http.person import PASSWORD, Person
from tests.support.clock import FixedClock

LAPTOP = {"user-agent": "Firefox on Anna's laptop"}
LOGIN = {"email": "anna@example.no", "password": PASSWORD}


async def on_laptop(http: httpx.AsyncClient) -> tuple[str, dict[str, str]]:
    answer = await http.post("/auth/login", json=LOGIN, headers=LAPTOP)
    tokens = answer.json()["data"]
    return tokens["session_id"], {"authorization": f"Bearer {tokens['access_token']}"}


async def test_a_person_sees_their_devices(house: House, anna: Person, clock: FixedClock) -> None:
    clock.forward(minutes=3)
    session_id, _ = await on_laptop(house.http)

    laptop, phone = await anna.data("/me/sessions")

    assert laptop == {
        "id": session_id,
        "device": "Firefox on Anna's laptop",
        "address": "127.0.0.1",
        "created_at": "2026-03-02T12:03:00Z",
        "last_used_at": "2026-03-02T12:03:00Z",
        "methods": ["password"],
        "current": False,
        "expires_at": "2026-03-09T12:03:00Z",
    }
    assert phone["current"] is True


async def test_a_device_signed_out_by_another_is_refused_at_once(
    house: House, anna: Person
) -> None:
    session_id, laptop = await on_laptop(house.http)
    assert (await house.http.get("/accounts", headers=laptop)).status_code == 200

    out = await anna.call("DELETE", f"/me/sessions/{session_id}")

    assert (out.status_code, out.content) == (204, b"")
    for path in ("/accounts", "/me", "/me/sessions"):
        refused = await house.http.get(path, headers=laptop)
        assert (refused.status_code, refused.json()["error"]) == (401, "session_ended")
    assert len(await anna.data("/me/sessions")) == 1


async def test_all_others_at_once(house: House, anna: Person) -> None:
    others = [await on_laptop(house.http) for _ in range(3)]

    out = await anna.call("DELETE", "/me/sessions")
    last = await anna.call("DELETE", "/me/sessions", params={"current": "true"})

    assert (out.json()["data"], last.json()["data"]) == ({"ended": 3}, {"ended": 1})
    for headers in (anna.headers, *(headers for _, headers in others)):
        assert (await house.http.get("/me", headers=headers)).status_code == 401


async def test_ending_another_session_takes_a_fresh_proof(
    house: House, anna: Person, clock: FixedClock
) -> None:
    session_id, laptop = await on_laptop(house.http)
    mine = next(one["id"] for one in await anna.data("/me/sessions") if one["current"])
    clock.forward(minutes=6)

    for path in (f"/me/sessions/{session_id}", "/me/sessions", "/me/sessions?current=true"):
        refused = await anna.call("DELETE", path)
        assert (refused.status_code, refused.json()["error"]) == (403, "step_up_required")
    assert (await house.http.get("/me", headers=laptop)).status_code == 200
    assert (await anna.call("DELETE", f"/me/sessions/{mine}")).status_code == 204
    assert (await anna.get("/me")).status_code == 401


async def test_anothers_session_is_not_there(anna: Person, bjorn: Person) -> None:
    hers = (await anna.data("/me/sessions"))[0]["id"]

    refused = await bjorn.call("DELETE", f"/me/sessions/{hers}")

    assert (refused.status_code, refused.json()["error"]) == (404, "session_not_found")
    assert len(await anna.data("/me/sessions")) == 1
    assert len(await bjorn.data("/me/sessions")) == 1
