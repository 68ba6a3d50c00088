"""Second factors over HTTP: what callers send, and what they are told."""

from base64 import b32decode
from xml.etree import ElementTree as ET

import httpx
import pyotp
import pytest

from domain.identity.totp import code_at, step_of
from tests.http.identity.test_identity import LOGIN, Json, bearer, signed_in
from tests.support.clock import FixedClock

WRONG_PASSWORD = "a wrong password here"  # noqa: S105 - of nobody


def code_of(secret: str, clock: FixedClock) -> str:
    return code_at(b32decode(secret), step_of(clock.now()))


class Owner:
    """Somebody with an authenticator app."""

    def __init__(self, http: httpx.AsyncClient, clock: FixedClock, tokens: Json) -> None:
        self.http, self.clock, self.tokens = http, clock, tokens
        self.secret = ""
        self.codes: list[str] = []

    @property
    def code(self) -> str:
        return code_of(self.secret, self.clock)

    async def calls(self, method: str, path: str, body: Json | None = None) -> httpx.Response:
        return await self.http.request(method, path, headers=bearer(self.tokens), json=body)

    async def steps_up(self, **proof: str) -> httpx.Response:
        """And goes on with the tokens of the session that follows."""
        answer = await self.calls("POST", "/auth/step-up", proof)
        if answer.is_success:
            self.tokens = answer.json()["data"]
        return answer

    async def sets_up(self) -> None:
        setup = await self.calls("POST", "/me/totp")
        assert setup.status_code == 201, setup.text
        self.secret = setup.json()["data"]["secret"]
        confirmed = await self.calls("POST", "/me/totp/confirm", {"code": self.code})
        assert confirmed.status_code == 200, confirmed.text
        self.codes = confirmed.json()["data"]["recovery_codes"]
        self.clock.forward(seconds=30)

    async def is_asked(self) -> Json:
        answer = await self.http.post("/auth/login", json=LOGIN)
        assert answer.status_code == 200, answer.text
        asked: Json = answer.json()["data"]["second_factor"]
        return asked

    async def finishes(self, path: str, code: object, **more: object) -> httpx.Response:
        challenge = more.pop("challenge", None) or (await self.is_asked())["challenge"]
        body = {"challenge": challenge, "code": code} | more
        return await self.http.post(f"/auth/login/{path}", json=body)


@pytest.fixture
async def anna(http: httpx.AsyncClient, clock: FixedClock) -> Owner:
    return Owner(http, clock, await signed_in(http))


@pytest.fixture
async def guarded(anna: Owner) -> Owner:
    await anna.sets_up()
    return anna


async def test_an_app_is_set_up_with_a_picture(anna: Owner) -> None:
    answer = await anna.calls("POST", "/me/totp")
    given = answer.json()["data"]

    assert (answer.status_code, set(given)) == (201, {"secret", "otpauth_uri", "qr_svg"})
    assert answer.headers["cache-control"] == "no-store"
    theirs = pyotp.parse_uri(given["otpauth_uri"])
    assert (theirs.secret, theirs.issuer, theirs.name) == (
        given["secret"],
        "Daler",
        "anna@example.no",
    )
    picture = ET.fromstring(given["qr_svg"])  # noqa: S314 - our own
    assert picture.tag.endswith("svg")
    assert "script" not in given["qr_svg"]


async def test_a_password_alone_gets_no_token(guarded: Owner) -> None:
    answer = await guarded.http.post("/auth/login", json=LOGIN)

    assert answer.status_code == 200
    assert set(answer.json()["data"]) == {"second_factor"}
    asked = answer.json()["data"]["second_factor"]
    assert asked["methods"] == ["totp", "recovery_code"]
    assert asked["expires_in"] == 300
    assert "access_token" not in answer.text
    assert "refresh_token" not in answer.text
    assert "set-cookie" not in answer.headers
    as_token = {"authorization": f"Bearer {asked['challenge']}"}
    assert (await guarded.http.get("/me", headers=as_token)).status_code == 401
    refreshed = {"refresh_token": asked["challenge"]}
    assert (await guarded.http.post("/auth/refresh", json=refreshed)).status_code == 401


@pytest.mark.parametrize("spelling", ["{}", " {} ", "{:.3} {}"])
async def test_a_code_finishes_the_sign_in(guarded: Owner, spelling: str) -> None:
    code = guarded.code
    typed = f"{code[:3]} {code[3:]}" if ":" in spelling else spelling.format(code)
    answer = await guarded.finishes("totp", typed)

    tokens = answer.json()["data"]
    assert answer.status_code == 200, answer.text
    assert (await guarded.http.get("/me", headers=bearer(tokens))).status_code == 200


async def test_a_recovery_code_finishes_it_once(guarded: Owner) -> None:
    first = await guarded.finishes("recovery-code", guarded.codes[0])
    again = await guarded.finishes("recovery-code", guarded.codes[0])

    assert (first.status_code, again.status_code) == (200, 401)
    assert again.json()["error"] == "code_wrong"
    left = (await guarded.calls("GET", "/me/second-factors")).json()["data"]
    assert left == {"on": True, "totp": True, "passkeys": 0, "recovery_codes_left": 9}


async def test_a_page_may_have_it_in_cookies(guarded: Owner) -> None:
    asked = await guarded.is_asked()
    body = {"challenge": asked["challenge"], "code": guarded.code, "cookies": True}
    origin = {"origin": "http://127.0.0.1:8000"}
    answer = await guarded.http.post("/auth/login/totp", json=body, headers=origin)

    assert answer.status_code == 200, answer.text
    assert "access_token" not in answer.json()["data"]
    assert "__Host-daler_access=" in answer.headers["set-cookie"]


async def test_wrong_codes_are_refused_and_then_not_looked_at(guarded: Owner) -> None:
    challenge = (await guarded.is_asked())["challenge"]
    wrong = f"{(int(guarded.code) + 1) % 1_000_000:06d}"
    answers = [await guarded.finishes("totp", wrong, challenge=challenge) for _ in range(6)]

    assert [a.status_code for a in answers] == [401] * 5 + [429]
    assert {a.json()["error"] for a in answers[:5]} == {"code_wrong"}
    assert answers[5].json()["error"] == "sign_in_locked"
    assert int(answers[5].headers["retry-after"]) > 0
    guarded.clock.forward(minutes=31)
    dead = await guarded.finishes("totp", guarded.code, challenge=challenge)
    assert (dead.status_code, dead.json()["error"]) == (401, "challenge_over")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("12345", 422),
        ("1234567", 422),
        ("", 422),
        ("abcdef", 422),
        ("١٢٣٤٥٦", 422),
        ("１２３４５６", 422),  # noqa: RUF001 - full-width digits are the point
        ("12345\u0000", 400),
        ("12345\n", 422),
        ("1" * 65, 400),
        ("1" * 100_000, 400),
        (123456, 400),
        (None, 400),
        (["123456"], 400),
        ({"code": "123456"}, 400),
    ],
    ids=lambda value: ascii(value)[:20],
)
@pytest.mark.parametrize("path", ["totp", "recovery-code"])
async def test_what_is_no_code_is_no_try(
    guarded: Owner, path: str, code: object, status: int
) -> None:
    challenge = (await guarded.is_asked())["challenge"]
    for _ in range(6):
        answer = await guarded.finishes(path, code, challenge=challenge)
        assert (answer.status_code, answer.headers["content-type"]) == (
            status,
            "application/problem+json",
        ), answer.text

    assert (await guarded.finishes("totp", guarded.code, challenge=challenge)).status_code == 200


@pytest.mark.parametrize("challenge", ["x", "x" * 43, "\u00e9" * 43, "../../etc", "a b"])
async def test_a_made_up_challenge_is_over(guarded: Owner, challenge: str) -> None:
    for path, code in (("totp", guarded.code), ("recovery-code", guarded.codes[0])):
        answer = await guarded.finishes(path, code, challenge=challenge)
        assert (answer.status_code, answer.json()["error"]) == (401, "challenge_over")


@pytest.mark.parametrize(
    "path", ["/auth/login/totp", "/auth/login/recovery-code", "/auth/step-up", "/me/totp/confirm"]
)
@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"challenge":1,"code":[]}',
        '{"challenge":"c","code":"123456","admin":true}',
        '{"challenge":"' + "x" * 5000 + '","code":"123456"}',
        '{"challenge":"\\ud800","code":"123456"}',
        '{"challenge":"c","code":"\\ud800"}',
        '{"password":"' + "x" * 600 + '"}',
        '{"password":null,"code":null,"recovery_code":null}',
    ],
    ids=lambda body: body[:30],
)
async def test_bad_input_is_the_callers_problem(anna: Owner, path: str, body: str) -> None:
    headers = bearer(anna.tokens) | {"content-type": "application/json"}
    answer = await anna.http.post(path, content=body, headers=headers)

    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/me/totp"), ("DELETE", "/me/totp"), ("POST", "/me/recovery-codes")],
)
async def test_changing_factors_takes_a_fresh_proof(guarded: Owner, method: str, path: str) -> None:
    guarded.clock.forward(minutes=6)
    stale = await guarded.calls(method, path)
    assert (stale.status_code, stale.json()["error"]) == (403, "step_up_required")

    stepped_up = await guarded.steps_up(code=guarded.code)
    assert stepped_up.status_code == 200, stepped_up.text
    assert stepped_up.json()["data"]["fresh_until"] == "2026-03-02T12:11:30Z"
    assert (await guarded.calls(method, path)).status_code != 403


async def test_a_password_steps_up_until_there_is_something_better(anna: Owner) -> None:
    wrong = await anna.steps_up(password=WRONG_PASSWORD)
    right = await anna.steps_up(password=LOGIN["password"])
    await anna.sets_up()
    late = await anna.steps_up(password=LOGIN["password"])

    assert (wrong.status_code, wrong.json()["error"]) == (401, "bad_credentials")
    assert right.status_code == 200
    assert (late.status_code, late.json()["error"]) == (403, "password_not_enough")


async def test_stepping_up_takes_one_proof(guarded: Owner) -> None:
    both = {"code": guarded.code, "password": LOGIN["password"]}
    answer = await guarded.calls("POST", "/auth/step-up", both)

    assert (answer.status_code, answer.json()["error"]) == (422, "invalid_fields")


async def test_an_app_is_turned_off_and_the_codes_with_it(guarded: Owner) -> None:
    answer = await guarded.calls("DELETE", "/me/totp")
    again = await guarded.calls("DELETE", "/me/totp")
    codes = await guarded.calls("POST", "/me/recovery-codes")

    assert answer.status_code == 204
    assert (again.status_code, again.json()["error"]) == (409, "second_factor_off")
    assert (codes.status_code, codes.json()["error"]) == (409, "second_factor_off")
    plain = await guarded.http.post("/auth/login", json=LOGIN)
    assert "access_token" in plain.json()["data"]


async def test_new_recovery_codes_are_ten_others(guarded: Owner) -> None:
    answer = await guarded.calls("POST", "/me/recovery-codes")

    new = answer.json()["data"]["recovery_codes"]
    assert (answer.status_code, len(set(new))) == (201, 10)
    assert not set(new) & set(guarded.codes)


async def test_strangers_have_no_factors(http: httpx.AsyncClient) -> None:
    for method, path in [
        ("POST", "/me/totp"),
        ("DELETE", "/me/totp"),
        ("POST", "/me/recovery-codes"),
        ("GET", "/me/second-factors"),
    ]:
        assert (await http.request(method, path)).status_code == 401
