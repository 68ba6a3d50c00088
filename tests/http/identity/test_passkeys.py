"""Passkeys over HTTP: what browsers send, and what they are told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx
import pytest
from dishka import STRICT_VALIDATION, Provider, Scope, make_async_container, provide

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.memory.database import MemoryDatabase
from adapters.postgres.database import Database
from application.identity.bankid_ports import BankIdRules
from application.identity.ports_passkeys import RelyingParty
from application.shared.limits import LimitClass, Limits, Rate
from entrypoints.composition.identity import (
    IdentityHandlers,
    IdentitySecrets,
    MemoryIdentity,
    PostgresIdentity,
)
from entrypoints.composition.passkeys import (
    MemoryPasskeyParts,
    PasskeyHandlers,
    PostgresPasskeyParts,
)
from entrypoints.http.app import create_app
from entrypoints.http.callers import CallerProvider
from entrypoints.http.identity import OriginProvider, identity_router
from entrypoints.http.options import HttpOptions
from entrypoints.http.passkeys import passkeys_router
from entrypoints.http.passwords import passwords_router
from entrypoints.http.second_factor import second_factor_router
from tests.http.identity.test_identity import LOGIN, Json, bearer, signed_in
from tests.http.support import OPTIONS, RING, Common, OverMemory, OverPostgres, calling
from tests.support.authenticator import (
    HONEST,
    PARTY,
    Authenticator,
    Lies,
    Passkey,
    assertion_json,
    changed,
    lying,
    plain,
    registration_json,
)
from tests.support.clock import CountedIds, FixedClock

CREATION: Final = {
    "rp",
    "user",
    "challenge",
    "pubKeyCredParams",
    "timeout",
    "excludeCredentials",
    "authenticatorSelection",
    "hints",
    "attestation",
    "attestationFormats",
    "extensions",
}
"""PublicKeyCredentialCreationOptionsJSON: what parseCreationOptionsFromJSON reads."""
REQUEST: Final = {
    "challenge",
    "timeout",
    "rpId",
    "allowCredentials",
    "userVerification",
    "hints",
    "extensions",
}
"""PublicKeyCredentialRequestOptionsJSON: what parseRequestOptionsFromJSON reads."""
ROUTES: Final = (
    "/me/passkeys",
    "/auth/passkey",
    "/auth/login/passkey",
    "/auth/step-up/passkey",
)
"""Where credentials are sent to."""


class Ours(Provider):
    scope = Scope.APP

    @provide
    def party(self) -> RelyingParty:
        return PARTY

    @provide
    def rules(self) -> BankIdRules:
        return BankIdRules()


def an_app(
    *over: Provider, clock: FixedClock, ids: CountedIds, options: HttpOptions = OPTIONS
) -> Any:  # noqa: ANN401 - an asynchronous context manager of a client
    container = make_async_container(
        CallerProvider(),
        OriginProvider(),
        IdentityHandlers(),
        IdentitySecrets(),
        PasskeyHandlers(),
        Ours(),
        Common(clock, ids),
        *over,
        validation_settings=STRICT_VALIDATION,
    )
    routers = [identity_router(), passwords_router(), second_factor_router(), passkeys_router()]
    return calling(create_app(container, routers, options))


def in_memory(clock: FixedClock, ids: CountedIds) -> tuple[Provider, ...]:
    return OverMemory(MemoryDatabase(clock, ids)), MemoryIdentity(), MemoryPasskeyParts()


@pytest.fixture
async def http(clock: FixedClock, ids: CountedIds) -> AsyncIterator[httpx.AsyncClient]:
    async with an_app(*in_memory(clock, ids), clock=clock, ids=ids) as http:
        yield http


@pytest.fixture
async def on_postgres(
    database: Database, clock: FixedClock, ids: CountedIds
) -> AsyncIterator[httpx.AsyncClient]:
    over = OverPostgres(database, aes_gcm_cipher(RING, b"l" * 32))
    parts = (over, PostgresIdentity(), PostgresPasskeyParts())
    async with an_app(*parts, clock=clock, ids=ids) as http:
        yield http


@dataclass(slots=True)
class Owner:
    """Somebody with a phone that makes passkeys."""

    http: httpx.AsyncClient
    tokens: Json
    phone: Authenticator
    key: Passkey | None = None

    async def calls(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = bearer(self.tokens)
        content = None
        if body is not None:
            # Escaped, so that what is no text can be sent, too.
            headers["content-type"], content = "application/json", json.dumps(body)
        return await self.http.request(method, path, headers=headers, content=content)

    async def options(self) -> Json:
        answer = await self.calls("POST", "/me/passkeys/options")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()["data"]
        return found

    async def made(self, lies: Lies = HONEST) -> tuple[Passkey, Json]:
        """A new key pair and what the browser says of it."""
        told = (await self.options())["public_key"]
        key, presented = self.phone.makes(
            plain(told["challenge"]), plain(told["user"]["id"]), lies=lies
        )
        return key, registration_json(presented)

    async def adds(self, name: str = "Phone") -> Json:
        self.key, credential = await self.made()
        answer = await self.calls("POST", "/me/passkeys", {"name": name, "credential": credential})
        assert answer.status_code == 201, answer.text
        view: Json = answer.json()["data"]
        return view

    def signs(self, told: Json, lies: Lies = HONEST) -> Json:
        assert self.key is not None
        challenge = plain(told["public_key"]["challenge"])
        return assertion_json(self.phone.signs(self.key, challenge, lies))

    async def asked(self, path: str, body: object = None) -> Json:
        answer = await self.calls("POST", f"{path}/options", body)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()["data"]
        return told

    async def begins(self) -> str:
        """Signs in with the password; the challenge of what is missing."""
        answer = await self.http.post("/auth/login", json=LOGIN)
        challenge: str = answer.json()["data"]["second_factor"]["challenge"]
        return challenge

    async def body_for(self, path: str, lies: Lies = HONEST) -> Json:
        """What a good browser would send there now, lies aside."""
        if path == "/me/passkeys":
            _, credential = await self.made(lies)
            return {"name": "Phone", "credential": credential}
        if path == "/auth/login/passkey":
            challenge = await self.begins()
            told = await self.asked(path, {"challenge": challenge})
            return {"challenge": challenge, "credential": self.signs(told, lies)}
        told = await self.asked(path)
        body = {"credential": self.signs(told, lies)}
        return body if "step-up" in path else body | {"challenge": told["challenge"]}


@pytest.fixture
async def anna(http: httpx.AsyncClient) -> Owner:
    owner = Owner(http, await signed_in(http), Authenticator())
    await owner.adds()
    return owner


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


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
    stepped_up = await anna.calls("POST", "/auth/step-up/passkey", body)
    removed = await anna.calls("DELETE", one)
    left = await anna.calls("GET", "/me/passkeys")

    assert listed.json()["data"] == [view]
    assert (view["name"], view["synced"], view["last_used_at"]) == ("Anna's phone", False, None)
    assert (renamed.status_code, renamed.json()["data"]["name"]) == (200, "Old phone")
    assert (entered.status_code, finished.status_code) == (200, 200)
    assert {"access_token", "refresh_token"} <= set(entered.json()["data"])
    assert (stepped_up.status_code, set(stepped_up.json()["data"])) == (200, {"fresh_until"})
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


# What browsers read


async def test_creation_options_are_what_browsers_parse(anna: Owner) -> None:
    told = await anna.options()
    options = told["public_key"]

    assert set(options) <= CREATION
    assert set(told) == {"public_key", "expires_in"}
    assert told["expires_in"] * 1_000 == options["timeout"] == 300_000
    assert options["rp"] == {"id": "daler.test", "name": "Daler"}
    assert set(options["user"]) == {"id", "name", "displayName"}
    assert options["user"]["name"] == "anna@example.no"
    assert len(plain(options["user"]["id"])) == 64
    assert len(plain(options["challenge"])) >= 32
    assert options["pubKeyCredParams"] == [
        {"alg": -7, "type": "public-key"},
        {"alg": -8, "type": "public-key"},
        {"alg": -257, "type": "public-key"},
    ]
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert options["attestation"] == "none"
    [known] = options["excludeCredentials"]
    assert anna.key is not None
    assert (plain(known["id"]), known["type"]) == (anna.key.credential_id, "public-key")
    assert known["transports"] == ["hybrid", "internal"]


async def test_request_options_are_what_browsers_parse(anna: Owner) -> None:
    alone = await anna.asked("/auth/passkey")
    challenge = await anna.begins()
    second = await anna.asked("/auth/login/passkey", {"challenge": challenge})
    again = await anna.asked("/auth/step-up/passkey")

    for told in (alone, second, again):
        assert set(told["public_key"]) <= REQUEST
        assert told["public_key"]["rpId"] == "daler.test"
        assert told["public_key"]["timeout"] == 300_000
    assert [t["public_key"]["userVerification"] for t in (alone, second, again)] == [
        "required",
        "preferred",
        "required",
    ]
    assert alone["public_key"]["allowCredentials"] == []
    assert len(second["public_key"]["allowCredentials"]) == 1
    assert len(again["public_key"]["allowCredentials"]) == 1


async def test_options_for_signing_in_are_alike_for_everybody(anna: Owner) -> None:
    """Nobody says who they are, so nobody can learn who is here."""
    first, second = await anna.asked("/auth/passkey"), await anna.asked("/auth/passkey")
    for told in (first, second):
        del told["challenge"], told["public_key"]["challenge"]
    assert first == second

    named = await anna.http.post("/auth/passkey/options", json={"email": "anna@example.no"})
    assert refusal(named) == (400, "body_unexpected")


async def test_a_page_of_ours_gets_its_session_in_cookies(anna: Owner) -> None:
    body = await anna.body_for("/auth/passkey") | {"cookies": True}
    headers = {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}

    answer = await anna.http.post("/auth/passkey", json=body, headers=headers)

    assert answer.status_code == 200, answer.text
    assert "access_token" not in answer.json()["data"]
    assert any("__Host-daler_access" in one for one in answer.headers.get_list("set-cookie"))


async def test_a_passkey_is_offered_after_the_password(anna: Owner) -> None:
    answer = await anna.http.post("/auth/login", json=LOGIN)
    assert answer.json()["data"]["second_factor"]["methods"] == ["passkey"]


# What is refused


@pytest.mark.parametrize("path", ROUTES)
async def test_an_answer_works_once(anna: Owner, path: str) -> None:
    body = await anna.body_for(path)
    first, second = await anna.calls("POST", path, body), await anna.calls("POST", path, body)

    assert first.status_code in {200, 201}, first.text
    assert refusal(second) in {
        (422, "passkey_challenge_invalid"),
        (401, "challenge_over"),
    }


@pytest.mark.parametrize("path", ROUTES[1:])
@pytest.mark.parametrize(
    "lies",
    [
        lying(origin="https://daler.example"),
        lying(rp_id="daler.example"),
        lying(present=False),
        lying(signature=b"\x30\x06\x02\x01\x01\x02\x01\x01"),
        lying(authenticator_data=b"\xff"),
        lying(user_handle=b"x" * 64),
        lying(eligible=True),
    ],
)
async def test_every_lie_gets_the_same_answer(anna: Owner, path: str, lies: Lies) -> None:
    answer = await anna.calls("POST", path, await anna.body_for(path, lies))

    assert refusal(answer) == (401, "passkey_refused")
    body = answer.json()
    assert body["details"] == []
    assert body["message"] == ("this passkey was not accepted; try again, or sign in another way")


async def test_an_unknown_passkey_is_refused_like_a_wrong_signature(anna: Owner) -> None:
    body = await anna.body_for("/auth/passkey", lying(credential_id=b"unknown"))
    unknown = (await anna.http.post("/auth/passkey", json=body)).json()
    body = await anna.body_for("/auth/passkey", lying(signature=b"wrong"))
    wrong = (await anna.http.post("/auth/passkey", json=body)).json()

    del unknown["request_id"], wrong["request_id"]
    assert unknown == wrong


@pytest.mark.parametrize("path", ROUTES[1:])
async def test_a_copy_is_refused(anna: Owner, path: str) -> None:
    answer = await anna.calls("POST", path, await anna.body_for(path, lying(sign_count=1)))
    assert refusal(answer) == (401, "passkey_cloned")


@pytest.mark.parametrize(
    ("why", "lies"),
    [
        ("origin", lying(origin="https://daler.example")),
        ("not_verified", lying(verified=False)),
        ("algorithm", lying(key={1: 2, 3: -35})),
        ("attestation", lying(format="android-safetynet")),
        ("malformed", lying(attestation=b"\x9b" + b"\xff" * 8)),
        ("malformed", lying(attestation=b"\x81" * 12_000 + b"\x00")),
    ],
)
async def test_what_is_wrong_with_a_new_passkey_is_said(anna: Owner, why: str, lies: Lies) -> None:
    answer = await anna.calls("POST", "/me/passkeys", await anna.body_for("/me/passkeys", lies))

    assert refusal(answer) == (422, "passkey_unacceptable")
    assert [(d["field"], d["error"]) for d in answer.json()["details"]] == [("credential", why)]


async def test_a_known_passkey_is_a_conflict(anna: Owner) -> None:
    assert anna.key is not None
    mine = anna.key.credential_id
    lies = lying(credential_id=mine, attested_id=mine)
    answer = await anna.calls("POST", "/me/passkeys", await anna.body_for("/me/passkeys", lies))

    assert refusal(answer) == (409, "passkey_known")


async def test_nobodys_passkey_is_not_found(anna: Owner) -> None:
    nobodys = "/me/passkeys/01990000-0000-7000-8000-0000deadbeef"
    renamed = await anna.calls("PATCH", nobodys, {"name": "Mine"})
    removed = await anna.calls("DELETE", nobodys)

    assert refusal(renamed) == refusal(removed) == (404, "passkey_not_found")


async def test_after_five_minutes_another_proof_is_wanted(anna: Owner, clock: FixedClock) -> None:
    [view] = (await anna.calls("GET", "/me/passkeys")).json()["data"]
    clock.forward(minutes=6)
    for method, path in (
        ("POST", "/me/passkeys/options"),
        ("DELETE", f"/me/passkeys/{view['id']}"),
    ):
        assert refusal(await anna.calls(method, path)) == (403, "step_up_required")

    body = await anna.body_for("/auth/step-up/passkey")
    await anna.calls("POST", "/auth/step-up/passkey", body)

    assert (await anna.calls("POST", "/me/passkeys/options")).status_code == 200


async def test_a_sign_in_that_nobody_began_has_no_options(anna: Owner) -> None:
    for challenge in ("n" * 43, "x" * 4_096, "tøken"):
        answer = await anna.http.post("/auth/login/passkey/options", json={"challenge": challenge})
        assert refusal(answer) == (401, "challenge_over")


def parts_of(body: Json, path: str = "") -> Iterator[str]:
    for name, value in body.items():
        here = f"{path}.{name}".lstrip(".")
        yield here
        if isinstance(value, dict):
            yield from parts_of(value, here)


NONSENSE: Final[tuple[object, ...]] = (
    None,
    True,
    0,
    -1.5,
    "",
    "!",
    "=",
    "A",
    "AA==",
    "tøken",
    "\x00",
    "\ud800",
    "A" * 60_000,
    [],
    ["AAAA"],
    {},
    {"id": "AAAA"},
)
IGNORED: Final = {
    "credential.authenticatorAttachment",
    "credential.clientExtensionResults",
    "credential.clientExtensionResults.credProps",
    "credential.clientExtensionResults.credProps.rk",
    "credential.response.publicKeyAlgorithm",
}
"""What browsers add, and we do not read."""
REFUSALS: Final = {
    (400, "invalid_request"),
    (400, "bad_json"),
    (401, "passkey_refused"),
    (401, "challenge_over"),
    (413, "body_too_large"),
    (422, "invalid_fields"),
    (422, "passkey_challenge_invalid"),
    (422, "passkey_unacceptable"),
}


def taken_all_the_same(part: str, wrong: object) -> bool:
    """Names, transports that we do not know, and handles that need not be told."""
    return (
        (part == "name" and isinstance(wrong, str))
        or (part.endswith("userHandle") and wrong is None)
        or (part.endswith("transports") and wrong in ([], ["AAAA"]))
    )


@pytest.mark.parametrize("path", ROUTES)
async def test_nonsense_anywhere_is_the_callers_fault(anna: Owner, path: str) -> None:
    template = await anna.body_for(path)
    for part in parts_of(template):
        if part in IGNORED:
            continue
        for wrong in NONSENSE:
            body = changed(deepcopy(template), part, lambda _, wrong=wrong: wrong)  # type: ignore[misc] # bound now
            answer = await anna.calls("POST", path, body)
            fine = answer.is_success and taken_all_the_same(part, wrong)
            assert fine or refusal(answer) in REFUSALS, (part, wrong, answer.text)


@pytest.mark.parametrize("path", ROUTES)
async def test_what_is_left_out_is_missed(anna: Owner, path: str) -> None:
    template = await anna.body_for(path)
    needed = [p for p in parts_of(template) if p not in IGNORED and "transports" not in p]
    for part in needed:
        body = without(template, part)
        answer = await anna.calls("POST", path, body)
        if not part.endswith("userHandle"):
            assert refusal(answer) == (400, "invalid_request"), part
            assert answer.json()["details"][0] == {
                "field": part,
                "error": "missing",
                "message": "this field is required",
            }


def without(body: Json, part: str) -> Json:
    head, _, rest = part.partition(".")
    if rest:
        return body | {head: without(body[head], rest)}
    return {name: value for name, value in body.items() if name != head}


@pytest.mark.parametrize("path", ROUTES)
async def test_a_body_is_64_kilobytes_at_most(anna: Owner, path: str) -> None:
    body = await anna.body_for(path)
    body["credential"]["clientExtensionResults"] = {"largeBlob": "A" * 66_000}

    assert refusal(await anna.calls("POST", path, body)) == (413, "body_too_large")


@pytest.mark.parametrize("path", ROUTES)
async def test_each_part_has_a_longest_length(anna: Owner, path: str) -> None:
    body = await anna.body_for(path)
    for name in body["credential"]["response"]:
        if name in {"transports", "publicKeyAlgorithm"}:
            continue
        grown = deepcopy(body)
        grown["credential"]["response"][name] = "A" * 30_000
        assert refusal(await anna.calls("POST", path, grown)) == (400, "invalid_request")


async def test_id_and_raw_id_are_one(anna: Owner) -> None:
    body = await anna.body_for("/auth/passkey")
    body["credential"]["id"] = "AAAA"

    answer = await anna.http.post("/auth/passkey", json=body)

    assert refusal(answer) == (400, "invalid_request")
    assert answer.json()["details"][0]["field"] == "credential.id"


async def test_what_browsers_learn_to_say_keeps_nobody_out(anna: Owner) -> None:
    """`toJSON()` grows with the standard; what we do not know we do not read."""
    body = await anna.body_for("/auth/passkey")
    body["credential"]["somethingNew"] = {"of": ["next", "year"]}
    body["credential"]["response"]["attestationObject"] = "AAAA"

    assert (await anna.http.post("/auth/passkey", json=body)).status_code == 200


async def test_refusals_repeat_nothing_that_was_sent(anna: Owner) -> None:
    marked = "bWFya2VkLW1hcmtlZC1tYXJrZWQ"
    for path in ROUTES:
        template = await anna.body_for(path)
        for part in parts_of(template):
            mark: Callable[[Any], object] = lambda _: marked  # noqa: E731 - one word for it
            answer = await anna.calls("POST", path, changed(deepcopy(template), part, mark))
            if answer.status_code >= 400:
                assert marked not in answer.text, part


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
