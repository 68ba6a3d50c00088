"""Sessions in cookies: whose pages may act with them, and how strictly they are read."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import httpx
import pytest

from tests.http.shell.support import ANNA, OPTIONS, SIGNED_IN, client, shell

HERE = "http://127.0.0.1:8000"
APP = "https://app.example.org"
COOKIE = {"cookie": "__Host-daler_access=anna"}
ORDER = f"/api/v1/orders/{ANNA}"


@pytest.fixture
async def with_app() -> AsyncIterator[httpx.AsyncClient]:
    async with client(shell(replace(OPTIONS, web_origins=(APP,)))) as it:
        yield it


async def test_a_cookie_signs_in_like_a_header(http: httpx.AsyncClient) -> None:
    assert (await http.get(ORDER, headers=COOKIE)).status_code == 200
    mixed = {"cookie": "theme=dark; __Host-daler_access=anna;other=1"}
    assert (await http.get(ORDER, headers=mixed)).status_code == 200


async def test_what_changes_something_must_come_from_a_page_of_ours(
    http: httpx.AsyncClient,
) -> None:
    ours = {**COOKIE, "origin": HERE, "sec-fetch-site": "same-origin"}
    assert (await http.delete(ORDER, headers=ours)).status_code == 204


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:8001"},
        {"origin": "https://127.0.0.1:8000"},
        {"origin": "http://127.0.0.1:8000.evil.example"},
        {"origin": "http://127.0.0.1:8000/"},
        {"origin": APP},
        {"origin": HERE, "sec-fetch-site": "cross-site"},
        {"referer": f"{HERE}/page"},
    ],
)
@pytest.mark.parametrize("name", ["__Host-daler_access", "__Host-daler_refresh"])
async def test_from_anywhere_else_it_is_refused_before_the_body_is_read(
    http: httpx.AsyncClient, name: str, said: Mapping[str, str]
) -> None:
    headers = {"cookie": f"{name}=anna", "content-type": "application/json", **said}
    answer = await http.post("/api/v1/orders", headers=headers, content="{")

    assert answer.status_code == 403
    assert answer.json()["error"] == "origin_refused"


async def test_reading_for_another_site_is_refused_too(http: httpx.AsyncClient) -> None:
    for path in (ORDER, "/api/v1/orders"):
        answer = await http.get(path, headers={**COOKIE, "sec-fetch-site": "cross-site"})
        assert answer.status_code == 403
    assert (await http.get(ORDER, headers={**COOKIE, "sec-fetch-site": "none"})).is_success


async def test_what_strangers_may_read_is_read_whatever_comes_along(
    http: httpx.AsyncClient,
) -> None:
    answer = await http.get("/api/v1/where", headers={**COOKIE, "sec-fetch-site": "cross-site"})
    assert answer.status_code == 200


async def test_a_header_goes_before_a_cookie(http: httpx.AsyncClient) -> None:
    signed_out = {"cookie": "__Host-daler_access=signed-out"}
    assert (await http.delete(ORDER, headers={**SIGNED_IN, **signed_out})).status_code == 204
    wrong = {**COOKIE, "authorization": "Bearer mallory"}
    assert (await http.get(ORDER, headers=wrong)).status_code == 401


@pytest.mark.parametrize(
    ("cookie", "status"),
    [
        ("__Host-daler_access", 400),
        ("__Host-daler_access=", 400),
        ("__Host-daler_access=a b", 400),
        ('__Host-daler_access="anna"', 400),
        ("__Host-daler_access=ann\u00e5", 400),
        ("__Host-daler_access=anna%00", 400),
        ("__Host-daler_access=anna; __Host-daler_access=anna", 400),
        ("__Host-daler_refresh=a; __Host-daler_access=anna; __Host-daler_refresh=b", 400),
        ("__Host-daler_access=" + "x" * 4_097, 400),
        ("__Host-daler_access=anna; x=" + "y" * 9_000, 400),
        ("__Host-daler_access=mallory", 401),
        ("__Host-daler_access=" + "x" * 4_000, 401),
        ("daler_access=anna", 401),
        ("__host-daler_access=anna", 401),
        ("__Host-daler_accessx=anna", 401),
        ("__Host-daler_refresh=anna", 401),
        (";;;=;==;\u00ff", 401),
        ("x" * 9_000, 401),
    ],
)
async def test_cookies_that_we_did_not_set_are_refused_and_never_a_fault(
    http: httpx.AsyncClient, cookie: str, status: int
) -> None:
    answer = await http.get(ORDER, headers=[(b"cookie", cookie.encode("latin-1"))])
    assert answer.status_code == status, answer.text


async def test_cookies_in_two_headers_are_one_list(http: httpx.AsyncClient) -> None:
    apart = [("cookie", "a=1"), ("cookie", "__Host-daler_access=anna")]
    twice = [*apart, ("cookie", "__Host-daler_access=anna")]
    assert (await http.get(ORDER, headers=apart)).status_code == 200
    assert (await http.get(ORDER, headers=twice)).status_code == 400


async def test_without_pages_elsewhere_there_is_no_cors(http: httpx.AsyncClient) -> None:
    ask = {"origin": APP, "access-control-request-method": "GET"}
    for answer in (
        await http.options(ORDER, headers=ask),
        await http.get(ORDER, headers={**SIGNED_IN, "origin": APP}),
    ):
        assert answer.is_success
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert "vary" not in answer.headers


async def test_a_page_elsewhere_that_is_named_may_act_and_read(with_app: httpx.AsyncClient) -> None:
    from_app = {**COOKIE, "origin": APP, "sec-fetch-site": "same-site"}
    ask = {"origin": APP, "access-control-request-method": "DELETE"}
    asked = await with_app.options(ORDER, headers=ask)
    done = await with_app.delete(ORDER, headers=from_app)
    refused = await with_app.post("/api/v1/orders", headers={**from_app, "cookie": "a=1"})

    assert (asked.status_code, done.status_code, refused.status_code) == (204, 204, 401)
    assert "DELETE" in asked.headers["access-control-allow-methods"]
    assert "authorization" in asked.headers["access-control-allow-headers"]
    for answer in (asked, done, refused):
        assert answer.headers["access-control-allow-origin"] == APP
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://app.example.org.evil.example", f"{APP}:443"]
)
async def test_no_other_page_is_told_that_it_may(with_app: httpx.AsyncClient, origin: str) -> None:
    ask = {"origin": origin, "access-control-request-method": "DELETE"}
    for answer in (
        await with_app.options(ORDER, headers=ask),
        await with_app.get(ORDER, headers={**SIGNED_IN, "origin": origin}),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["vary"] == "Origin"
    acting = {**COOKIE, "origin": origin}
    assert (await with_app.delete(ORDER, headers=acting)).status_code == 403
