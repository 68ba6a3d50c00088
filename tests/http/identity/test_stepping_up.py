"""Signing in again over HTTP: other tokens, and those before are refused."""

from dataclasses import replace

import httpx
import pytest

from tests.http.identity.passkeys.owner import an_app, in_memory
from tests.http.identity.test_identity import LOGIN, bearer, signed_in
from tests.http.identity.test_second_factor import Owner
from tests.http.identity.test_web_sessions import ACCESS, HERE, REFRESH, cookies_of, sent
from tests.http.support import OPTIONS
from tests.support.clock import CountedIds, FixedClock


@pytest.fixture
async def anna(http: httpx.AsyncClient, clock: FixedClock) -> Owner:
    return Owner(http, clock, await signed_in(http))


async def test_stepping_up_answers_as_a_sign_in_does(anna: Owner) -> None:
    before = anna.tokens
    answer = await anna.steps_up(password=LOGIN["password"])

    assert answer.status_code == 200, answer.text
    told = answer.json()["data"]
    assert set(told) == set(before) - {"device_token"} | {"fresh_until"}
    assert not {told[name] for name in told} & {before["access_token"], before["refresh_token"]}
    assert (await anna.http.get("/me", headers=bearer(told))).status_code == 200


async def test_what_stood_for_the_session_before_is_refused(anna: Owner) -> None:
    before = anna.tokens
    await anna.steps_up(password=LOGIN["password"])

    old = await anna.http.get("/me", headers=bearer(before))
    token = {"refresh_token": before["refresh_token"]}
    refreshed = await anna.http.post("/auth/refresh", json=token)
    for refused in (old, refreshed):
        assert (refused.status_code, refused.json()["error"]) == (401, "session_ended")


async def test_a_session_in_cookies_goes_on_in_cookies(http: httpx.AsyncClient) -> None:
    await signed_in(http)
    begun = await http.post("/auth/login", json=LOGIN | {"cookies": True}, headers=HERE)
    cookies = cookies_of(begun)

    proof = {"password": LOGIN["password"]}
    answer = await http.post("/auth/step-up", json=proof, headers=sent(cookies))

    assert answer.status_code == 200, answer.text
    assert set(answer.json()["data"]) == {
        "session_id",
        "expires_in",
        "refresh_expires_in",
        "fresh_until",
    }
    newer = cookies_of(answer)
    assert {ACCESS, REFRESH} <= set(newer)
    assert (await http.get("/me", headers=sent(newer))).status_code == 200
    assert (await http.get("/me", headers=sent(cookies))).status_code == 401


async def test_a_wrong_proof_leaves_the_session_as_it_was(anna: Owner) -> None:
    answer = await anna.steps_up(password="some other words here")  # noqa: S106 - of nobody

    assert (answer.status_code, answer.json()["error"]) == (401, "bad_credentials")
    assert (await anna.http.get("/me", headers=bearer(anna.tokens))).status_code == 200


async def test_a_browser_that_signs_in_again_ends_the_session_it_had(
    http: httpx.AsyncClient,
) -> None:
    await signed_in(http)
    wanted = LOGIN | {"cookies": True}
    first = cookies_of(await http.post("/auth/login", json=wanted, headers=HERE))

    again = await http.post("/auth/login", json=wanted, headers=sent(first))

    assert again.status_code == 200, again.text
    assert (await http.get("/me", headers=sent(first))).status_code == 401
    assert (await http.get("/me", headers=sent(cookies_of(again)))).status_code == 200


async def test_a_password_that_is_switched_off_proves_nothing(
    clock: FixedClock, ids: CountedIds
) -> None:
    parts, off = in_memory(clock, ids), replace(OPTIONS, password_login=False)
    async with an_app(*parts, clock=clock, ids=ids) as http:
        tokens = await signed_in(http)
    async with an_app(*parts, clock=clock, ids=ids, options=off) as http:
        proof, headers = {"password": LOGIN["password"]}, bearer(tokens)
        answer = await http.post("/auth/step-up", json=proof, headers=headers)
        by_code = await http.post("/auth/step-up", json={"code": "000000"}, headers=headers)
        still = await http.get("/me", headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (410, "password_login_off")
    assert by_code.json()["error"] != "password_login_off"
    assert still.status_code == 200
