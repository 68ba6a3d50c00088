"""Signing in with BankID over HTTP: the way there and back, and everything that can be wrong."""

from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.bankid import BANKID_ATTEMPTS
from adapters.memory.identity.tables import PEOPLE
from adapters.memory.tables import MemoryTables
from application.identity.bankid_ports import BankIdRules
from domain.identity.national_number import NumberKind
from entrypoints.composition.bankid import MemoryBankIdParts
from entrypoints.composition.identity import MemoryIdentity
from entrypoints.http.bankid import BROWSER
from tests.http.support import OverMemory, joins
from tests.providers.server import Answer, Asked, Server, told
from tests.support.bankid import Browser, a_house_with_bankid, bearer, token_in
from tests.support.bankid_issuer import (
    NUMBER,
    REALM,
    SUBSTANTIAL,
    Issuer,
    an_issuer,
    hs256_with_the_public_key,
    key,
    signed_by,
    unsigned,
)
from tests.support.clock import CountedIds, FixedClock

PASSWORD = "four quiet words here"  # noqa: S105 - of nobody


@dataclass(frozen=True, slots=True)
class Town:
    """BankID, us, and a browser between them."""

    issuer: Issuer
    server: Server
    http: httpx.AsyncClient
    browser: Browser
    database: MemoryDatabase
    clock: FixedClock

    async def signs_in(self) -> httpx.Response:
        return await self.browser.returns(self.issuer.visit(await self.browser.leaves()))

    async def links(self, token: str) -> httpx.Response:
        address = await self.browser.asks_to_link(token)
        return await self.browser.returns(self.issuer.visit(address))

    async def joins(self, name: str = "Bo") -> str:
        """Somebody who came by e-mail and password; their access token."""
        email = f"{name.lower()}@example.no"
        await joins(self.http, name, email, PASSWORD)
        login = {"email": email, "password": PASSWORD}
        return token_in(await self.http.post("/auth/login", json=login))

    def kept(self) -> MemoryTables:
        """Everything but attempts, which are used up whatever comes of them."""
        rows = {n: t for n, t in self.database.tables.rows.items() if n != BANKID_ATTEMPTS.name}
        return deepcopy(MemoryTables(rows))


@pytest.fixture
async def town(clock: FixedClock, ids: CountedIds) -> AsyncIterator[Town]:
    database = MemoryDatabase(clock, ids)
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(database))
    async with (
        an_issuer(clock) as (issuer, server),
        a_house_with_bankid(issuer.settings(), clock, ids, *over) as http,
    ):
        yield Town(issuer, server, http, Browser(http), database, clock)


def told_off(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


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


async def test_a_person_links_bankid_and_gets_in_with_it(town: Town) -> None:
    token = await town.joins()
    linked = await town.links(token)
    again = await town.links(token)
    came_in = await town.signs_in()

    assert linked.json()["data"]["linked"] is True
    assert again.status_code == 200
    me = (await town.http.get("/me", headers=bearer(came_in))).json()["data"]
    assert me["email"] == "bo@example.no"
    assert me["name"] == "Bo"


async def test_somebody_elses_bankid_cannot_be_linked(town: Town) -> None:
    await town.signs_in()
    token = await town.joins()
    before = town.kept()

    assert told_off(await town.links(token)) == (409, "bankid_taken")
    assert town.kept().of(PEOPLE) == before.of(PEOPLE)
    status = await town.http.get("/me/bankid", headers={"authorization": f"Bearer {token}"})
    assert status.json()["data"]["linked"] is False


async def test_a_second_bankid_does_not_take_the_place_of_the_first(town: Town) -> None:
    token = await town.joins()
    await town.links(token)
    town.issuer.person = another_person(town.issuer)

    assert told_off(await town.links(token)) == (409, "another_bankid_linked")


async def test_who_has_a_bankid_linked_cannot_take_somebody_elses_either(town: Town) -> None:
    await town.signs_in()
    token = await town.joins()
    anna, town.issuer.person = town.issuer.person, another_person(town.issuer)
    await town.links(token)
    town.issuer.person = anna

    assert told_off(await town.links(token)) == (409, "bankid_taken")


async def test_linking_needs_a_proof_of_the_last_five_minutes(town: Town) -> None:
    token = await town.joins()
    town.clock.forward(minutes=6)

    answer = await town.http.post("/me/bankid", headers={"authorization": f"Bearer {token}"})

    assert told_off(answer) == (403, "step_up_required")


async def test_who_signed_out_meanwhile_links_nothing(town: Town) -> None:
    token = await town.joins()
    address = await town.browser.asks_to_link(token)
    await town.http.post("/auth/logout", headers={"authorization": f"Bearer {token}"})

    answer = await town.browser.returns(town.issuer.visit(address))

    assert told_off(answer) == (401, "session_ended")
    came_in = await town.signs_in()
    assert (await town.http.get("/me", headers=bearer(came_in))).json()["data"]["email"] is None


async def test_an_address_that_another_was_talked_into_opening_links_nothing(town: Town) -> None:
    """The cookie stayed with whoever asked: nobody's BankID ends up on a stranger's account."""
    address = await town.browser.asks_to_link(await town.joins())
    victim = Browser(town.http)
    before = town.kept()

    answer = await victim.returns(town.issuer.visit(address))

    assert told_off(answer) == (400, "bankid_state_invalid")
    assert town.kept() == before


async def test_bankid_is_unlinked_when_a_password_remains(town: Town) -> None:
    token = await town.joins()
    await town.links(token)
    headers = {"authorization": f"Bearer {token}"}

    assert (await town.http.delete("/me/bankid", headers=headers)).status_code == 204
    assert told_off(await town.http.delete("/me/bankid", headers=headers)) == (
        404,
        "bankid_not_linked",
    )
    came_in = await town.signs_in()
    assert (await town.http.get("/me", headers=bearer(came_in))).json()["data"]["email"] is None


async def test_the_last_way_in_stays(town: Town) -> None:
    headers = bearer(await town.signs_in())

    answer = await town.http.delete("/me/bankid", headers=headers)

    assert told_off(answer) == (409, "last_way_in")
    assert (await town.signs_in()).status_code == 200


async def test_a_cookie_is_missing_or_anothers(town: Town) -> None:
    brought = town.issuer.visit(await town.browser.leaves())
    other = Browser(town.http)
    await other.leaves()
    before = town.kept()

    for browser in (Browser(town.http), other, Browser(town.http, cookie="made-up")):
        assert told_off(await browser.returns(brought)) == (400, "bankid_state_invalid")

    assert town.kept() == before
    assert "/token" not in [path.removeprefix(REALM) for path in town.server.paths()]
    assert (await town.browser.returns(brought)).status_code == 200, "nobody can use it up"


async def test_a_way_back_works_once(town: Town) -> None:
    brought = town.issuer.visit(await town.browser.leaves())
    assert (await town.browser.returns(brought)).status_code == 200

    assert told_off(await town.browser.returns(brought)) == (409, "bankid_state_used")


async def test_a_way_back_runs_out_after_ten_minutes(town: Town) -> None:
    brought = town.issuer.visit(await town.browser.leaves())
    town.clock.forward(minutes=10)

    assert told_off(await town.browser.returns(brought)) == (410, "bankid_state_expired")


async def test_states_of_two_browsers_cannot_be_mixed_up(town: Town) -> None:
    mine = town.issuer.visit(await town.browser.leaves())
    other = Browser(town.http)
    theirs = town.issuer.visit(await other.leaves())

    answer = await town.browser.returns(mine | {"code": theirs["code"]})

    assert told_off(answer) == (422, "bankid_refused"), "PKCE binds the code to its browser"


async def test_a_code_works_once(town: Town) -> None:
    brought = town.issuer.visit(await town.browser.leaves())
    await town.browser.returns(brought)
    again = town.issuer.visit(await town.browser.leaves())

    answer = await town.browser.returns(again | {"code": brought["code"]})

    assert told_off(answer) == (422, "bankid_refused")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("access_denied", (422, "bankid_cancelled")),
        ("login_required", (422, "bankid_refused")),
        ("<script>alert(1)</script>", (422, "bankid_refused")),
        ("server_error", (503, "bankid_unavailable")),
        ("temporarily_unavailable", (503, "bankid_unavailable")),
        ("invalid_scope", (503, "bankid_misconfigured")),
    ],
)
async def test_an_error_is_looked_at_before_anything_is_sent(
    town: Town, error: str, expected: tuple[int, str]
) -> None:
    brought = town.issuer.visit(await town.browser.leaves(), error=error)
    before = town.kept()

    answer = await town.browser.returns(brought | {"error_description": "Anna 01010150740"})

    assert told_off(answer) == expected
    assert "<script>" not in answer.text
    assert "Anna" not in answer.text
    assert town.kept() == before
    assert f"{REALM}/token" not in town.server.paths()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", (400, "invalid_request")),
        ("code=1", (400, "invalid_request")),
        ("state=", (400, "bankid_state_invalid")),
        ("state=%00", (400, "bankid_state_invalid")),
        ("state=%ff%fe", (400, "bankid_state_invalid")),
        ("state=" + "x" * 4_000, (400, "bankid_state_invalid")),
        ("state=a&state=b", (400, "invalid_request")),
        ("state=a&code=" + "x" * 4_097, (400, "invalid_request")),
        ("state=a&code=%0d%0a", (400, "invalid_request")),
        ("state=a&" + "b=c&" * 40, (400, "invalid_request")),
        ("state=a&code=b", (400, "bankid_state_invalid")),
        ("x=" + "y" * 9_000, (414, "query_too_long")),
    ],
)
async def test_what_no_issuer_sends_is_refused(
    town: Town, query: str, expected: tuple[int, str]
) -> None:
    await town.browser.leaves()
    before = town.kept()

    assert told_off(await town.browser.returns(query)) == expected
    assert town.kept() == before


async def test_another_issuers_answer_is_not_taken_for_this_ones(town: Town) -> None:
    brought = town.issuer.visit(await town.browser.leaves(), iss="https://evil.example.org")

    assert told_off(await town.browser.returns(brought)) == (401, "bankid_token_invalid")
    assert f"{REALM}/token" not in town.server.paths()


async def test_an_issuer_that_promised_to_name_itself_has_to(town: Town) -> None:
    town.issuer.metadata["authorization_response_iss_parameter_supported"] = True
    address = await town.browser.leaves()

    answer = await town.browser.returns(town.issuer.visit(address))

    assert told_off(answer) == (401, "bankid_token_invalid")
    named = town.issuer.visit(await town.browser.leaves(), iss=town.issuer.name)
    assert (await town.browser.returns(named)).status_code == 200


Wrong = Callable[[Issuer], None]


def token(**claims: object) -> Wrong:
    return lambda issuer: issuer.token.update(claims)


def header(**parts: object) -> Wrong:
    return lambda issuer: issuer.header.update(parts)


def userinfo(**claims: object) -> Wrong:
    return lambda issuer: issuer.userinfo.update(claims)


def signing(sign: Callable[..., str]) -> Wrong:
    def wrong(issuer: Issuer) -> None:
        issuer.sign = sign

    return wrong


def signing_userinfo(sign: Any) -> Wrong:  # noqa: ANN401 - a way to sign, or none
    def wrong(issuer: Issuer) -> None:
        issuer.sign_userinfo = sign

    return wrong


def answering(path: str, answer: Answer) -> Wrong:
    def respond(asked: Asked) -> Answer | None:
        return answer if asked.path == REALM + path else None

    def wrong(issuer: Issuer) -> None:
        issuer.instead = respond

    return wrong


def moved(name: str, **by: float) -> Wrong:
    def wrong(issuer: Issuer) -> None:
        at = issuer.clock.now() + timedelta(**by)
        issuer.token[name] = int(at.timestamp())

    return wrong


HUGE = Answer(body=b'{"access_token": "' + b"x" * 300_000 + b'"}')
SLOW = Answer(body=b"{}" * 400, drip_s=0.05)
AWAY = Answer(302, headers={"location": "http://127.0.0.1:9/elsewhere"})
NOT_JSON = Answer(body=b"<html>01010150740</html>")
TOKEN, DOWN = (401, "bankid_token_invalid"), (503, "bankid_unavailable")

WRONGS: dict[str, tuple[Wrong, tuple[int, str]]] = {
    "another issuer": (token(iss="https://evil.example.org"), TOKEN),
    "no issuer": (token(iss=None), TOKEN),
    "another nonce": (token(nonce="of another browser"), TOKEN),
    "no nonce": (token(nonce=None), TOKEN),
    "a nonce that is no text": (token(nonce=["x"]), TOKEN),
    "another audience": (token(aud="somebody-else"), TOKEN),
    "two audiences, and not for us": (token(aud=["daler", "other"], azp="other"), TOKEN),
    "two audiences, for nobody": (token(aud=["daler", "other"], azp=None), TOKEN),
    "one audience, for another": (token(azp="other"), TOKEN),
    "expired": (moved("exp", seconds=-61), TOKEN),
    "never expires": (token(exp=None), TOKEN),
    "an expiry that is no number": (token(exp="tomorrow"), TOKEN),
    "an expiry that is true": (token(exp=True), TOKEN),
    "of the future": (moved("iat", seconds=90), TOKEN),
    "not valid yet": (moved("nbf", seconds=90), TOKEN),
    "of nobody": (token(sub=None), TOKEN),
    "of an endless name": (token(sub="x" * 300), TOKEN),
    "another access token's": (token(at_hash="wfgvmE9VxjAudsl9lc6TqA"), TOKEN),
    "an at_hash that is no text": (token(at_hash=1), TOKEN),
    "an access token of Keycloak": (token(typ="Bearer"), TOKEN),
    "an access token by its header": (header(typ="at+jwt"), TOKEN),
    "signed this morning": (moved("auth_time", hours=-4), TOKEN),
    "signed in nobody knows when": (token(auth_time=None), TOKEN),
    "signed in tomorrow": (moved("auth_time", days=1), TOKEN),
    "a header that is critical": (header(crit=["exp"], exp=1), TOKEN),
    "no key named": (header(kid=None), TOKEN),
    "an unknown key": (header(kid="key-2"), TOKEN),
    "not signed": (signing(unsigned), TOKEN),
    "signed with the public key": (signing(hs256_with_the_public_key), TOKEN),
    "signed by another key": (signing(signed_by(key("key-9"))), TOKEN),
    "no token at all": (signing(lambda *_: "abc"), TOKEN),
    "an endless token": (signing(lambda *_: "a." * 40_000), TOKEN),
    "letters of another kind": (signing(lambda *_: "æ.ø.å"), TOKEN),
    "a deep claim": (token(deep=[[[[[[[]]]]]]] * 3, exp={}), TOKEN),
    "userinfo of another": (userinfo(sub="subject-of-berit"), TOKEN),
    "userinfo of nobody": (userinfo(sub=None), TOKEN),
    "userinfo for another": (userinfo(aud="somebody-else"), TOKEN),
    "userinfo from another": (userinfo(iss="https://evil.example.org"), TOKEN),
    "userinfo not signed": (signing_userinfo(unsigned), TOKEN),
    "userinfo in plain JSON": (signing_userinfo(None), TOKEN),
    "userinfo signed by another": (signing_userinfo(signed_by(key("key-9"))), TOKEN),
    "userinfo with another number": (userinfo(nnin="20036914700"), TOKEN),
    "a number that is a number": (token(nnin_altsub=1010150740), TOKEN),
    "no level": (token(acr=None), (403, "bankid_level_too_low")),
    "the substantial level": (token(acr=SUBSTANTIAL), (403, "bankid_level_too_low")),
    "nobody's number": (token(nnin_altsub="01010150741"), (422, "national_number_invalid")),
    "a test person": (token(nnin_altsub="15819010029"), (422, "national_number_not_allowed")),
    "another birth date": (token(birthdate="2001-01-02"), (422, "bankid_birth_date_conflict")),
    "a child": (token(nnin_altsub=None, birthdate="2008-03-03"), (403, "bankid_under_age")),
    "no age": (token(nnin_altsub=None, birthdate=None), (403, "bankid_age_unknown")),
    "a year for a birth date": (
        token(nnin_altsub=None, birthdate="0000-01-01"),
        (403, "bankid_age_unknown"),
    ),
    "a token endpoint that is down": (answering("/token", Answer(500)), DOWN),
    "a token endpoint that leads away": (answering("/token", AWAY), DOWN),
    "a token endpoint that babbles": (answering("/token", NOT_JSON), DOWN),
    "a token endpoint without end": (answering("/token", HUGE), DOWN),
    "a token endpoint that knows us not": (
        answering("/token", told({"error": "invalid_client"}, 401)),
        (503, "bankid_misconfigured"),
    ),
    "a token endpoint that refuses oddly": (
        answering("/token", Answer(418, b"\xff")),
        (422, "bankid_refused"),
    ),
    "tokens of another kind": (
        answering("/token", told({"access_token": "a", "id_token": "b", "token_type": "mac"})),
        TOKEN,
    ),
    "keys that are down": (answering("/certs", Answer(502)), DOWN),
    "keys that babble": (answering("/certs", NOT_JSON), DOWN),
    "keys that are gone": (answering("/certs", Answer(404)), (503, "bankid_misconfigured")),
    "no keys": (answering("/certs", told({"keys": [{"kty": "oct", "k": "AA"}, 1]})), TOKEN),
    "userinfo that is down": (answering("/userinfo", Answer(500)), DOWN),
    "userinfo that refuses": (answering("/userinfo", Answer(403)), TOKEN),
    "userinfo that leads away": (answering("/userinfo", AWAY), DOWN),
    "userinfo that babbles": (answering("/userinfo", NOT_JSON), TOKEN),
}


@pytest.mark.parametrize("name", WRONGS)
async def test_what_is_wrong_lets_nobody_in_and_changes_nothing(town: Town, name: str) -> None:
    wrong, expected = WRONGS[name]
    brought = town.issuer.visit(await town.browser.leaves())
    wrong(town.issuer)
    before = town.kept()

    answer = await town.browser.returns(brought)

    assert told_off(answer) == expected
    assert town.kept() == before
    for said in (NUMBER, "Anna", brought["code"], brought["state"], "subject-of"):
        assert said not in answer.text


async def test_an_issuer_that_drips_is_given_up(clock: FixedClock, ids: CountedIds) -> None:
    database = MemoryDatabase(clock, ids)
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(database))
    async with an_issuer(clock) as (issuer, server):
        settings = issuer.settings(deadline_s=6.0)
        async with a_house_with_bankid(settings, clock, ids, *over) as http:
            town = Town(issuer, server, http, Browser(http), database, clock)
            brought = issuer.visit(await town.browser.leaves())
            answering("/token", SLOW)(issuer)
            answer = await town.browser.returns(brought)

    assert told_off(answer) == DOWN
    assert not database.tables.of(PEOPLE)


async def test_what_is_wrong_on_the_way_to_a_link_leaves_its_trace_and_no_link(town: Town) -> None:
    headers = {"authorization": f"Bearer {await town.joins()}"}
    town.issuer.token["nonce"] = "of another browser"
    address = await town.browser.asks_to_link(headers["authorization"][7:])

    answer = await town.browser.returns(town.issuer.visit(address))

    assert told_off(answer) == (401, "bankid_token_invalid")
    chains = town.database.tables.rows["audit_chains"].values()
    noted = [entry for chain in chains for entry in chain if "link_refused" in entry.action]
    assert len(noted) == 1
    status = await town.http.get("/me/bankid", headers=headers)
    assert status.json()["data"]["linked"] is False


def another_person(issuer: Issuer) -> dict[str, Any]:
    return issuer.person | {
        "sub": "subject-of-berit",
        "bankid_altsub": "9578-6000-4-7654321",
        "nnin_altsub": "20036914700",
        "birthdate": "1969-03-20",
        "name": "Berit Dahl",
    }


async def test_two_people_are_two_people(town: Town) -> None:
    await town.signs_in()
    town.issuer.person = another_person(town.issuer)
    berit = await town.signs_in()

    assert (await town.http.get("/me", headers=bearer(berit))).json()["data"][
        "name"
    ] == "Berit Dahl"
    assert len(town.database.tables.of(PEOPLE)) == 2


async def test_nobody_is_offered_what_is_not_set_up(clock: FixedClock, ids: CountedIds) -> None:
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(MemoryDatabase(clock, ids)))
    async with a_house_with_bankid(None, clock, ids, *over) as http:
        assert told_off(await http.get("/auth/bankid")) == (404, "bankid_not_set_up")
        answer = await http.get("/auth/bankid/callback?state=a&code=b")
        assert told_off(answer) == (400, "bankid_state_invalid")


async def test_bankid_that_does_not_answer_is_said_to_be_unavailable(
    clock: FixedClock, ids: CountedIds
) -> None:
    issuer = Issuer(clock, url="http://127.0.0.1:9")
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(MemoryDatabase(clock, ids)))
    async with a_house_with_bankid(issuer.settings(), clock, ids, *over) as http:
        answer = await http.get("/auth/bankid")

    assert told_off(answer) == (503, "bankid_unavailable")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/auth/register"),
        ("POST", "/auth/register/confirm"),
        ("POST", "/auth/login"),
        ("POST", "/auth/password/forgot"),
        ("POST", "/auth/password/reset"),
        ("POST", "/me/password"),
        ("PUT", "/me/password"),
    ],
)
async def test_passwords_that_are_switched_off_are_gone_before_anything_is_read(
    clock: FixedClock, ids: CountedIds, method: str, path: str
) -> None:
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(MemoryDatabase(clock, ids)))
    off = BankIdRules(passwords=False)
    async with (
        an_issuer(clock) as (issuer, _),
        a_house_with_bankid(issuer.settings(), clock, ids, *over, rules=off) as http,
    ):
        for content in (b"", b"{", b"x" * 3_000_000):
            answer = await http.request(
                method, path, content=content, headers={"authorization": "Bearer no"}
            )
            assert told_off(answer) == (410, "password_login_off")
        assert (await http.get("/auth/bankid")).status_code == 302


async def test_a_password_that_cannot_be_used_is_no_way_in(
    clock: FixedClock, ids: CountedIds
) -> None:
    database = MemoryDatabase(clock, ids)
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(database))
    async with an_issuer(clock) as (issuer, server):
        async with a_house_with_bankid(issuer.settings(), clock, ids, *over) as http:
            town = Town(issuer, server, http, Browser(http), database, clock)
            await town.links(await town.joins())
        off = BankIdRules(passwords=False)
        async with a_house_with_bankid(issuer.settings(), clock, ids, *over, rules=off) as http:
            town = Town(issuer, server, http, Browser(http), database, clock)
            headers = bearer(await town.signs_in())
            answer = await http.delete("/me/bankid", headers=headers)

    assert told_off(answer) == (409, "last_way_in")


async def test_a_test_system_takes_test_people_and_refuses_real_ones(
    clock: FixedClock, ids: CountedIds
) -> None:
    database = MemoryDatabase(clock, ids)
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(database))
    rules = BankIdRules(numbers=frozenset({NumberKind.TENOR}))
    async with (
        an_issuer(clock) as (issuer, server),
        a_house_with_bankid(issuer.settings(), clock, ids, *over, rules=rules) as http,
    ):
        town = Town(issuer, server, http, Browser(http), database, clock)
        assert told_off(await town.signs_in()) == (422, "national_number_not_allowed")
        issuer.person |= {"nnin_altsub": "15819010029", "birthdate": "1990-01-15"}
        assert (await town.signs_in()).status_code == 200
