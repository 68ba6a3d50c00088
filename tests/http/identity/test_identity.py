"""Getting in and out over HTTP: what callers send, and what they are told."""

import json
from typing import Any

import httpx
import msgspec
import pytest

from tests.http.support import joins
from tests.support.clock import FixedClock

ANNA = {"name": "Anna Berg", "email": "Anna@Example.no", "password": "four quiet words here"}
LOGIN = {"email": "anna@example.no", "password": "four quiet words here"}
Json = dict[str, Any]


async def registered(http: httpx.AsyncClient) -> Json:
    person = await joins(http, ANNA["name"], ANNA["email"], ANNA["password"])
    found: Json = json.loads(msgspec.json.encode(person))
    return found


async def signed_in(http: httpx.AsyncClient) -> Json:
    await registered(http)
    answer = await http.post("/auth/login", json=LOGIN)
    assert answer.status_code == 200, answer.text
    tokens: Json = answer.json()["data"]
    return tokens


def bearer(tokens: Json) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens['access_token']}"}


async def test_a_person_registers_signs_in_and_sees_themselves(http: httpx.AsyncClient) -> None:
    person = await registered(http)
    tokens = (await http.post("/auth/login", json=LOGIN)).json()["data"]

    answer = await http.get("/me", headers=bearer(tokens))

    assert answer.json()["data"] == person
    assert person == {
        "id": person["id"],
        "name": "Anna Berg",
        "email": "anna@example.no",
        "locale": "nb-NO",
        "time_zone": "Europe/Oslo",
        "currency": "NOK",
        "role": "user",
        "sign_in": {"password": True, "second_factor": False, "passkeys": 0, "bankid": False},
        "kyc": {"status": "none", "level": None, "verified_at": None},
        "created_at": "2026-03-02T12:00:00Z",
    }


async def test_tokens_say_how_long_they_last(http: httpx.AsyncClient) -> None:
    tokens = await signed_in(http)

    assert set(tokens) == {
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "refresh_expires_in",
        "session_id",
        "device_token",
    }
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    assert tokens["refresh_expires_in"] == 7 * 24 * 3600


async def test_answers_with_tokens_are_kept_by_no_cache(http: httpx.AsyncClient) -> None:
    await registered(http)

    answer = await http.post("/auth/login", json=LOGIN)

    assert answer.headers["cache-control"] == "no-store"


async def test_everything_that_is_wrong_with_a_form_is_said_at_once(
    http: httpx.AsyncClient,
) -> None:
    answer = await http.post(
        "/auth/register", json={"name": " ", "email": "nowhere", "password": "short"}
    )

    assert answer.status_code == 422
    assert [(d["field"], d["error"]) for d in answer.json()["details"]] == [
        ("name", "missing"),
        ("email", "not_an_email"),
        ("password", "too_short"),
    ]
    assert "short" not in answer.text.replace("too_short", "")


@pytest.mark.parametrize(
    "login", [LOGIN | {"password": "a wrong password here"}, LOGIN | {"email": "bo@example.no"}]
)
async def test_who_cannot_sign_in_is_not_told_why(http: httpx.AsyncClient, login: Json) -> None:
    await registered(http)

    answer = await http.post("/auth/login", json=login)
    problem = answer.json()

    assert (answer.status_code, problem["error"]) == (401, "bad_credentials")
    assert problem["message"] == "e-mail address or password is wrong; check both and try again"


@pytest.mark.parametrize("path", ["/auth/register", "/auth/login", "/auth/refresh"])
@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"email":1,"password":[],"refresh_token":{},"name":null}',
        '{"email":"a@b.no","password":"x","name":"x","refresh_token":"x","admin":true}',
        '{"email":"' + "x" * 300 + '","password":"x","name":"x","refresh_token":"x"}',
        '{"email":"a@b.no","password":"' + "x" * 600 + '"}',
        '{"email":"a@b.no","password":"\\ud800","name":"x"}',
    ],
    ids=lambda body: body[:30],
)
async def test_bad_input_is_the_callers_problem(
    http: httpx.AsyncClient, path: str, body: str
) -> None:
    answer = await http.post(path, content=body, headers={"content-type": "application/json"})

    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_session_is_refreshed(http: httpx.AsyncClient, clock: FixedClock) -> None:
    tokens = await signed_in(http)
    clock.forward(minutes=15)
    stale = await http.get("/me", headers=bearer(tokens))

    answer = await http.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    fresh = answer.json()["data"]

    assert (stale.status_code, stale.json()["error"]) == (401, "access_token_expired")
    assert answer.status_code == 200
    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert (await http.get("/me", headers=bearer(fresh))).status_code == 200


async def test_a_reused_refresh_token_ends_the_session(
    http: httpx.AsyncClient, clock: FixedClock
) -> None:
    tokens = await signed_in(http)
    old = {"refresh_token": tokens["refresh_token"]}
    fresh = (await http.post("/auth/refresh", json=old)).json()["data"]
    clock.forward(seconds=11)

    answer = await http.post("/auth/refresh", json=old)

    assert (answer.status_code, answer.json()["error"]) == (401, "refresh_token_reused")
    dead = await http.get("/me", headers=bearer(fresh))
    assert (dead.status_code, dead.json()["error"]) == (401, "session_ended")


async def test_a_signed_out_session_is_dead_on_the_next_request(http: httpx.AsyncClient) -> None:
    tokens = await signed_in(http)

    answer = await http.post("/auth/logout", headers=bearer(tokens))

    assert (answer.status_code, answer.content) == (204, b"")
    for request in (
        http.get("/me", headers=bearer(tokens)),
        http.post("/auth/logout", headers=bearer(tokens)),
        http.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]}),
    ):
        dead = await request
        assert (dead.status_code, dead.json()["error"]) == (401, "session_ended")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer x.y.z",
        "Bearer " + "x" * 9000,
        "Bearer eyJhbGciOiJub25lIn0.e30.",
    ],
)
async def test_without_a_token_of_ours_nobody_is_anybody(
    http: httpx.AsyncClient, header: str | None
) -> None:
    headers = {} if header is None else {"authorization": header}

    for answer in (
        await http.get("/me", headers=headers),
        await http.post("/auth/logout", headers=headers),
    ):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_the_document_describes_every_call_and_holds_no_secret(
    http: httpx.AsyncClient,
) -> None:
    document = (await http.get("http://daler.test/openapi.json")).json()

    assert {path for path in document["paths"] if "/api/v1" in path} == {
        "/api/v1/auth/register",
        "/api/v1/auth/register/confirm",
        "/api/v1/auth/password/forgot",
        "/api/v1/auth/password/reset",
        "/api/v1/me/password",
        "/api/v1/me/email",
        "/api/v1/me/email/confirm",
        "/api/v1/auth/login",
        "/api/v1/auth/login/totp",
        "/api/v1/auth/login/recovery-code",
        "/api/v1/auth/step-up",
        "/api/v1/me/second-factors",
        "/api/v1/me/totp",
        "/api/v1/me/totp/confirm",
        "/api/v1/me/recovery-codes",
        "/api/v1/auth/refresh",
        "/api/v1/auth/logout",
        "/api/v1/me",
    }
    assert "Secret" not in document["components"]["schemas"]
