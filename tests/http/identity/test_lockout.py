"""Being locked out, and being known, as a client sees them."""

from typing import Any

import httpx
import pytest

from tests.http.identity.test_identity import ANNA, LOGIN, signed_in
from tests.support.clock import FixedClock

OURS = {"origin": "http://127.0.0.1:8000"}
COOKIE = "__Host-daler_device"
WRONG = LOGIN | {"password": "five wrong words are here"}


async def guesses(http: httpx.AsyncClient, times: int, **more: Any) -> list[int]:  # noqa: ANN401 - JSON
    answers = [await http.post("/auth/login", json=WRONG | more) for _ in range(times)]
    return [answer.status_code for answer in answers]


async def test_who_guesses_is_told_how_long_to_wait(http: httpx.AsyncClient) -> None:
    await signed_in(http)
    assert await guesses(http, 5) == [401] * 5

    locked = await http.post("/auth/login", json=LOGIN)

    assert locked.status_code == 429
    assert locked.json()["error"] == "sign_in_locked"
    assert locked.headers["retry-after"] == "1800"


async def test_a_known_and_an_unknown_address_are_answered_alike(
    http: httpx.AsyncClient,
) -> None:
    await signed_in(http)

    async def told(email: str) -> list[tuple[int, Any, str | None]]:
        answers = [await http.post("/auth/login", json=WRONG | {"email": email}) for _ in range(7)]
        return [
            (a.status_code, a.json() | {"request_id": ""}, a.headers.get("retry-after"))
            for a in answers
        ]

    assert await told("nobody@example.no") == await told(LOGIN["email"])


async def test_a_device_that_sends_its_token_gets_in_all_the_same(
    http: httpx.AsyncClient,
) -> None:
    tokens = await signed_in(http)
    await guesses(http, 6)

    answer = await http.post("/auth/login", json=LOGIN | {"device_token": tokens["device_token"]})

    assert answer.status_code == 200
    assert answer.json()["data"]["device_token"] == tokens["device_token"]


async def test_a_browser_is_known_by_a_cookie_that_no_page_can_read(
    http: httpx.AsyncClient, clock: FixedClock
) -> None:
    await signed_in(http)
    clock.forward(seconds=1)
    web = await http.post("/auth/login", json=LOGIN | {"cookies": True}, headers=OURS)
    assert "device_token" not in web.json()["data"]
    (cookie,) = (c for c in web.headers.get_list("set-cookie") if c.startswith(f"{COOKIE}="))
    assert {"HttpOnly", "Secure", "Path=/", "Max-Age=7776000"} <= set(cookie.split("; "))
    http.cookies.clear()
    await guesses(http, 6)
    assert (await http.post("/auth/login", json=LOGIN)).status_code == 429

    known = await http.post("/auth/login", json=LOGIN, headers={"cookie": cookie.split(";")[0]})

    assert known.status_code == 200


@pytest.mark.parametrize("token", ["", "x" * 129, 7, "made-up"])
async def test_a_token_that_is_none_opens_nothing(http: httpx.AsyncClient, token: object) -> None:
    await signed_in(http)
    await guesses(http, 5)

    answer = await http.post("/auth/login", json=LOGIN | {"device_token": token})

    assert answer.status_code == (429 if token == "made-up" else 400)  # noqa: S105 - of nobody


async def test_refreshing_gives_no_device_token(http: httpx.AsyncClient) -> None:
    tokens = await signed_in(http)
    body = {"refresh_token": tokens["refresh_token"]}

    assert "device_token" not in (await http.post("/auth/refresh", json=body)).json()["data"]


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Anna.Berg-Anna.Berg", "own_words"),
        ("password12345678", "common"),
        ("aaaaaaaaaaaaaaaa", "too_simple"),
        ("qk7 vm2 xz9 hw", "too_short"),
    ],
)
async def test_a_weak_password_is_refused_with_the_reason(
    http: httpx.AsyncClient, password: str, reason: str
) -> None:
    answer = await http.post("/auth/register", json=ANNA | {"password": password})

    assert answer.status_code == 422
    (detail,) = answer.json()["details"]
    assert (detail["field"], detail["error"]) == ("password", reason)
    assert password not in answer.text
