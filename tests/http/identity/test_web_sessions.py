"""A page signs in, goes on and signs out with cookies that it never sees."""

from http.cookies import Morsel, SimpleCookie
from typing import Any, Final

import httpx
import pytest

from tests.http.house import House
from tests.http.person import PASSWORD, Person

HERE: Final = {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}
ACCESS, REFRESH = "__Host-daler_access", "__Host-daler_refresh"
ASKED: Final = {"email": "anna@example.no", "password": PASSWORD, "cookies": True}


def cookies_of(answer: httpx.Response) -> dict[str, "Morsel[str]"]:
    found: dict[str, Morsel[str]] = {}
    for header in answer.headers.get_list("set-cookie"):
        jar = SimpleCookie()
        jar.load(header)
        assert len(jar) == 1
        found |= jar
    return found


def sent(cookies: dict[str, "Morsel[str]"], **instead: str) -> dict[str, str]:
    """As a page of ours would send them back."""
    pairs = {name: morsel.value for name, morsel in cookies.items()}
    joined = "; ".join(f"{name}={value}" for name, value in {**pairs, **instead}.items())
    return {"cookie": joined, **HERE}


@pytest.fixture
async def signed_in(house: House, anna: Person) -> httpx.Response:
    assert anna.http is house.http
    answer = await house.http.post("/auth/login", json=ASKED, headers=HERE)
    assert answer.status_code == 200, answer.text
    return answer


async def test_the_body_holds_no_token(signed_in: httpx.Response) -> None:
    told = signed_in.json()["data"]

    assert set(told) == {"session_id", "expires_in", "refresh_expires_in"}
    for morsel in cookies_of(signed_in).values():
        assert morsel.value not in signed_in.text


async def test_cookies_are_for_this_host_alone_and_out_of_reach_of_scripts(
    signed_in: httpx.Response,
) -> None:
    cookies = cookies_of(signed_in)

    assert {ACCESS, REFRESH} <= set(cookies)
    for name, morsel in cookies.items():
        assert name.startswith("__Host-")
        assert morsel["secure"]
        assert morsel["httponly"]
        assert morsel["samesite"].lower() == "strict"
        assert (morsel["path"], morsel["domain"]) == ("/", "")
    told = signed_in.json()["data"]
    assert int(cookies[ACCESS]["max-age"]) == told["expires_in"] == 900
    assert int(cookies[REFRESH]["max-age"]) == told["refresh_expires_in"] == 7 * 24 * 3600


async def test_they_sign_in_and_refreshing_needs_no_body(
    house: House, signed_in: httpx.Response
) -> None:
    cookies = cookies_of(signed_in)
    me = await house.http.get("/me", headers=sent(cookies))

    answer = await house.http.post("/auth/refresh", headers=sent(cookies))

    assert me.json()["data"]["email"] == "anna@example.no"
    assert answer.status_code == 200, answer.text
    newer = cookies_of(answer)
    assert set(newer) == {ACCESS, REFRESH}
    assert newer[REFRESH].value != cookies[REFRESH].value
    assert "access_token" not in answer.json()["data"]
    assert (await house.http.get("/me", headers=sent(newer))).status_code == 200


async def test_signing_out_takes_them_back_and_ends_the_session(
    house: House, signed_in: httpx.Response
) -> None:
    cookies = cookies_of(signed_in)

    out = await house.http.post("/auth/logout", headers=sent(cookies))

    assert out.status_code == 204
    gone = cookies_of(out)
    assert {name: morsel.value for name, morsel in gone.items()} == {ACCESS: "", REFRESH: ""}
    for morsel in gone.values():
        assert (morsel["max-age"], morsel["path"]) == ("0", "/")
        assert morsel["secure"]
    for path in ("/me", "/accounts"):
        assert (await house.http.get(path, headers=sent(cookies))).status_code == 401
    assert (await house.http.post("/auth/refresh", headers=sent(cookies))).status_code == 401


@pytest.mark.parametrize("path", ["", "?current=true"])
async def test_a_page_that_ends_its_own_session_loses_its_cookies(
    house: House, signed_in: httpx.Response, path: str
) -> None:
    own = path or f"/{signed_in.json()['data']['session_id']}"

    headers = sent(cookies_of(signed_in))
    out = await house.http.delete(f"/me/sessions{own}", headers=headers)

    assert out.is_success
    assert set(cookies_of(out)) == {ACCESS, REFRESH}
    assert (await house.http.get("/me", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    "said", [{}, {"origin": "https://evil.example"}, {**HERE, "sec-fetch-site": "cross-site"}]
)
async def test_no_other_page_can_use_renew_or_end_the_session(
    house: House, signed_in: httpx.Response, said: dict[str, str]
) -> None:
    cookie = {"cookie": sent(cookies_of(signed_in))["cookie"]}
    for path in ("/auth/refresh", "/auth/logout", "/auth/login", "/me/api-keys"):
        answer = await house.http.post(path, headers={**cookie, **said})
        assert answer.status_code == 403
        assert answer.json()["error"] == "origin_refused"

    assert (await house.http.get("/me", headers=sent(cookies_of(signed_in)))).is_success


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("said", [{}, {"origin": "https://evil.example"}, {"origin": "null"}])
async def test_no_other_page_can_have_a_session_put_into_a_browser(
    house: House, said: dict[str, str]
) -> None:
    answer = await house.http.post("/auth/login", json=ASKED, headers=said)

    assert answer.status_code == 403
    assert answer.json()["error"] == "origin_refused"
    assert "set-cookie" not in answer.headers


async def test_a_program_gets_tokens_and_no_cookies(house: House, anna: Person) -> None:
    asked = {**ASKED, "cookies": False}
    answer = await anna.http.post("/auth/login", json=asked)
    tokens = answer.json()["data"]
    body = {"refresh_token": tokens["refresh_token"]}
    refreshed = await house.http.post("/auth/refresh", json=body)
    bearer = {"authorization": f"Bearer {refreshed.json()['data']['access_token']}"}
    out = await house.http.post("/auth/logout", headers=bearer)

    for one in (answer, refreshed, out):
        assert one.is_success
        assert "set-cookie" not in one.headers


async def test_a_refresh_needs_a_token_from_somewhere(
    house: House, signed_in: httpx.Response
) -> None:
    cookies = cookies_of(signed_in)
    access_only = {ACCESS: cookies[ACCESS]}
    for headers in ({}, HERE, sent(access_only)):
        answer = await house.http.post("/auth/refresh", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "body_missing")
    # A header says that this caller is a program: its browser's cookies are not looked at.
    both = {**sent(cookies), "authorization": "Bearer x.y.z"}
    assert (await house.http.post("/auth/refresh", headers=both)).status_code == 400


async def test_a_body_goes_before_the_cookie(house: House, signed_in: httpx.Response) -> None:
    other: Any = {"refresh_token": "nobodys"}
    answer = await house.http.post("/auth/refresh", json=other, headers=sent(cookies_of(signed_in)))
    assert (answer.status_code, answer.json()["error"]) == (401, "refresh_token_unknown")


async def test_a_cookie_that_was_altered_signs_nobody_in(
    house: House, signed_in: httpx.Response
) -> None:
    cookies = cookies_of(signed_in)
    token = cookies[ACCESS].value
    for wrong in (token[:-2], f"{token}A", cookies[REFRESH].value, "x" * 4_000):
        answer = await house.http.get("/me", headers=sent(cookies, **{ACCESS: wrong}))
        assert answer.status_code == 401, wrong[:20]
    swapped = sent(cookies, **{REFRESH: token})
    assert (await house.http.post("/auth/refresh", headers=swapped)).status_code == 401
