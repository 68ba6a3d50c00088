"""Passkeys over HTTP: from making one to removing it, and how often strangers may ask."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from application.shared.limits import LimitClass, Limits, Rate
from domain.identity.passkey import Algorithm
from tests.http.identity.passkeys.owner import Owner, an_app, in_memory, refusal
from tests.http.identity.test_identity import bearer, signed_in
from tests.http.support import OPTIONS
from tests.support.authenticator import Authenticator, cose, lying, new_key
from tests.support.clock import CountedIds, FixedClock


async def walk_the_whole_way(http: httpx.AsyncClient) -> None:
    anna = Owner(http, await signed_in(http), Authenticator())
    view = await anna.adds("Anna's phone")
    listed = await anna.calls("GET", "/me/passkeys")
    one = f"/me/passkeys/{view['id']}"
    renamed = await anna.calls("PATCH", one, {"name": "Old phone"})
    entered = await http.post("/auth/passkey", json=await anna.body_for("/auth/passkey"))
    body = await anna.body_for("/auth/login/passkey")
    finished = await http.post("/auth/login/passkey", json=body)
    body = await anna.body_for("/auth/step-up/passkey")
    before = anna.tokens
    stepped_up = await anna.calls("POST", "/auth/step-up/passkey", body)
    removed = await anna.calls("DELETE", one)
    left = await anna.calls("GET", "/me/passkeys")

    assert listed.json()["data"] == [view]
    assert (view["name"], view["synced"], view["last_used_at"]) == ("Anna's phone", False, None)
    assert (renamed.status_code, renamed.json()["data"]["name"]) == (200, "Old phone")
    assert (entered.status_code, finished.status_code) == (200, 200)
    assert {"access_token", "refresh_token"} <= set(entered.json()["data"])
    assert stepped_up.status_code == 200
    assert {"access_token", "refresh_token", "fresh_until"} <= set(stepped_up.json()["data"])
    assert (await http.get("/me", headers=bearer(before))).status_code == 401
    assert (removed.status_code, left.json()["data"]) == (204, [])
    gone = await http.get("/me", headers=bearer(entered.json()["data"]))
    assert gone.status_code == 401


async def test_the_whole_way_of_a_passkey(http: httpx.AsyncClient) -> None:
    await walk_the_whole_way(http)


@pytest.mark.postgres
async def test_the_whole_way_of_a_passkey_on_postgres(on_postgres: httpx.AsyncClient) -> None:
    await walk_the_whole_way(on_postgres)


@pytest.mark.postgres
async def test_of_twenty_answers_to_one_challenge_one_signs_in(
    on_postgres: httpx.AsyncClient,
) -> None:
    anna = Owner(on_postgres, await signed_in(on_postgres), Authenticator())
    await anna.adds()
    body = await anna.body_for("/auth/passkey")

    answers = await asyncio.gather(
        *(on_postgres.post("/auth/passkey", json=body) for _ in range(20))
    )

    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [422] * 19
    assert {refusal(a)[1] for a in answers if a.status_code == 422} == {"passkey_challenge_invalid"}


@pytest.mark.parametrize(
    "path", ["/auth/passkey/options", "/auth/passkey", "/auth/login/passkey/options"]
)
async def test_strangers_ask_seldom(clock: FixedClock, ids: CountedIds, path: str) -> None:
    rates = Limits({LimitClass.SIGN_IN: Rate(3, 60)})
    options = replace(OPTIONS, limits=rates)
    async with an_app(*in_memory(clock, ids), clock=clock, ids=ids, options=options) as http:
        answers = [await http.post(path, json={}) for _ in range(4)]

    assert 429 not in [answer.status_code for answer in answers[:3]]
    assert refusal(answers[3]) == (429, "too_many_requests")


@pytest.mark.postgres
async def test_a_key_with_thousands_of_bytes_of_something_else_is_refused_on_postgres(
    on_postgres: httpx.AsyncClient,
) -> None:
    await refuses_a_stuffed_key(on_postgres)


async def test_a_key_with_thousands_of_bytes_of_something_else_is_refused(
    http: httpx.AsyncClient,
) -> None:
    await refuses_a_stuffed_key(http)


async def refuses_a_stuffed_key(http: httpx.AsyncClient) -> None:
    anna = Owner(http, await signed_in(http), Authenticator())
    stuffed = cose(new_key(Algorithm.ES256)) | {99: b"x" * 3_000}
    body = await anna.body_for("/me/passkeys", lying(key=stuffed))

    assert refusal(await anna.calls("POST", "/me/passkeys", body)) == (422, "passkey_unacceptable")

    assert (await anna.calls("GET", "/me/passkeys")).json()["data"] == []
