"""Signing in with BankID over HTTP."""

import httpx

from adapters.memory.identity.tables import PEOPLE
from entrypoints.http.bankid import BROWSER
from tests.http.identity.bankid.town import Town, another_person
from tests.support.bankid import bearer


async def test_the_browser_is_sent_away_with_a_cookie_for_this_host_alone(town: Town) -> None:
    answer = await town.http.get("/auth/bankid")
    asked = httpx.URL(answer.headers["location"]).params

    assert answer.headers["location"].startswith(f"{town.issuer.name}/precheck/auth?kind=odd&")
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == "openid profile"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    [cookie] = answer.headers.get_list("set-cookie")
    assert cookie.startswith(f"{BROWSER}=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/", "max-age=600"} <= parts
    assert not any(part.startswith("domain") for part in parts)


async def test_the_first_sign_in_makes_a_person_and_the_next_one_finds_them(town: Town) -> None:
    first = await town.signs_in()
    again = await town.signs_in()

    me = [
        (await town.http.get("/me", headers=bearer(one))).json()["data"] for one in (first, again)
    ]
    assert me[0] == me[1]
    assert (me[0]["name"], me[0]["email"]) == ("Anna Berg", None)
    assert len(town.database.tables.of(PEOPLE)) == 1
    assert first.json()["data"]["session_id"] != again.json()["data"]["session_id"]
    assert first.headers["cache-control"] == "no-store"


async def test_who_came_by_bankid_is_known_to_be_who_they_are(town: Town) -> None:
    me = await town.http.get("/me", headers=bearer(await town.signs_in()))

    assert me.json()["data"]["kyc"] == {
        "status": "approved",
        "level": "high",
        "verified_at": "2026-03-02T12:00:00Z",
    }


async def test_the_answer_is_that_of_any_sign_in_and_takes_the_cookie_back(town: Town) -> None:
    answer = await town.signs_in()

    assert {"access_token", "refresh_token", "token_type", "session_id"} <= set(
        answer.json()["data"]
    )
    [cookie] = answer.headers.get_list("set-cookie")
    assert cookie.startswith(f"{BROWSER}=")
    assert "Max-Age=0" in cookie


async def test_a_session_in_cookies_shows_no_token(town: Town) -> None:
    address = await town.browser.leaves(in_cookies=True)
    answer = await town.browser.returns(town.issuer.visit(address))

    assert "access_token" not in answer.json()["data"]
    names = [one.partition("=")[0] for one in answer.headers.get_list("set-cookie")]
    assert {"__Host-daler_access", "__Host-daler_refresh"} <= set(names)


async def test_whoever_signed_in_sees_that_bankid_opens_the_account(town: Town) -> None:
    answer = await town.signs_in()

    status = await town.http.get("/me/bankid", headers=bearer(answer))

    assert status.json()["data"] == {
        "linked": True,
        "level": "high",
        "method": "BID",
        "linked_at": "2026-03-02T12:00:00Z",
        "verified_at": "2026-03-02T12:00:00Z",
    }


async def test_without_a_number_the_issuers_own_name_finds_the_person(town: Town) -> None:
    del town.issuer.person["nnin_altsub"]
    first = await town.signs_in()
    town.issuer.person["sub"] = "another subject, since the client changed"
    again = await town.signs_in()

    assert (first.status_code, again.status_code) == (200, 200)
    assert len(town.database.tables.of(PEOPLE)) == 1


async def test_two_people_are_two_people(town: Town) -> None:
    await town.signs_in()
    town.issuer.person = another_person(town.issuer)
    berit = await town.signs_in()

    assert (await town.http.get("/me", headers=bearer(berit))).json()["data"][
        "name"
    ] == "Berit Dahl"
    assert len(town.database.tables.of(PEOPLE)) == 2
