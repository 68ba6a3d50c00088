"""BankID's adapter on a socket of our own: what it publishes, and how we say who we are."""

import logging
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import unquote_plus

import pytest

from adapters.bankid.endpoints import Endpoints
from adapters.bankid.id_token import at_hash
from adapters.bankid.open import open_bankid
from adapters.bankid.provider import OpenIdBankId
from adapters.bankid.settings import BankIdSettings, ClaimNames, Userinfo
from adapters.bankid.shapes import Metadata
from adapters.outbound.call import GarbledAnswerError, OutboundObserver
from adapters.outbound.log import logging_observer
from application.identity.bankid_ports import BankIdReturn, Leaving
from domain.identity.bankid import Assurance, BankIdClaims
from domain.identity.bankid_attempt import challenge_of, digest, verifier_of
from domain.identity.errors_bankid import (
    BankIdMisconfiguredError,
    BankIdTokenInvalidError,
    BankIdUnavailableError,
)
from domain.shared.errors import DalerError
from domain.shared.secret import Secret
from tests.providers.server import Answer, Server, told
from tests.providers.support import Remembering
from tests.support.bankid_issuer import (
    CLIENT_ID,
    CLIENT_SECRET,
    REALM,
    Issuer,
    an_issuer,
    key,
    signed_by,
)
from tests.support.clock import CountedChance, FixedClock

BROWSER = Secret("the-browsers-own")


@dataclass(slots=True)
class Stand:
    bankid: OpenIdBankId
    issuer: Issuer
    server: Server
    monotonic: "Ticking"
    visits: "count[int]" = field(default_factory=count)

    async def goes_through(self) -> BankIdClaims:
        number = next(self.visits)
        state, nonce = Secret(f"state-{number}"), Secret(f"nonce-{number}")
        verifier = verifier_of(BROWSER)
        address = await self.bankid.address(Leaving(state, nonce, challenge_of(verifier)))
        brought = self.issuer.visit(address.reveal())
        code = Secret(brought["code"])
        back = BankIdReturn(code, verifier=verifier, nonce=digest(nonce))
        return await self.bankid.claims(back)

    def asked(self, path: str) -> int:
        return self.server.paths().count(REALM + path)


@dataclass(slots=True)
class Ticking:
    at: float = 1_000.0

    def __call__(self) -> float:
        return self.at


@asynccontextmanager
async def a_stand(
    observer: OutboundObserver | None = None,
    **changes: Any,  # noqa: ANN401 - any setting
) -> AsyncIterator[Stand]:
    clock, monotonic = FixedClock(), Ticking()
    async with an_issuer(clock) as (issuer, server):
        settings: BankIdSettings = issuer.settings(**changes)
        chance = CountedChance(share_is=0.01)
        async with open_bankid(
            settings, clock, chance, observer or Remembering(), monotonic
        ) as bankid:
            yield Stand(bankid, issuer, server, monotonic)


async def test_what_bankid_tells_comes_out_in_our_words() -> None:
    async with a_stand() as stand:
        told_us = await stand.goes_through()

        assert told_us == BankIdClaims(
            issuer=stand.issuer.name,
            subject="subject-of-anna",
            stable="9578-6000-4-1234567",
            number="01010150740",
            birth_date=told_us.birth_date,
            name="Anna Berg",
            assurance=Assurance.HIGH,
            method="BID",
        )
        assert str(told_us.birth_date) == "2001-01-01"
        assert "01010150740" not in repr(told_us)
        assert "Anna" not in repr(told_us)


async def test_discovery_and_keys_are_asked_for_once() -> None:
    async with a_stand() as stand:
        for _ in range(5):
            await stand.goes_through()

        assert stand.asked("/.well-known/openid-configuration") == 1
        assert stand.asked("/certs") == 1


async def test_a_new_key_is_found_at_once() -> None:
    async with a_stand() as stand:
        await stand.goes_through()
        stand.monotonic.at += 31
        stand.issuer.keys.append(dict(key("key-2").as_dict(private=False)))
        stand.issuer.header["kid"] = "key-2"
        stand.issuer.sign = signed_by(key("key-2"))

        await stand.goes_through()

        assert stand.asked("/certs") == 2


async def test_a_flood_of_unknown_keys_does_not_make_us_ask_for_each() -> None:
    async with a_stand() as stand:
        await stand.goes_through()
        stand.monotonic.at += 31
        for number in range(20):
            stand.issuer.header["kid"] = f"made-up-{number}"
            with pytest.raises(BankIdTokenInvalidError):
                await stand.goes_through()

        assert stand.asked("/certs") == 2


async def test_the_last_good_keys_serve_while_the_issuer_publishes_none() -> None:
    async with a_stand() as stand:
        await stand.goes_through()
        stand.monotonic.at += 601
        stand.issuer.instead = lambda asked: Answer(500) if "certs" in asked.path else None

        await stand.goes_through()

        stand.monotonic.at += 24 * 3600
        with pytest.raises(BankIdUnavailableError):
            await stand.goes_through()


async def test_a_key_that_was_withdrawn_is_not_believed_for_long() -> None:
    async with a_stand() as stand:
        await stand.goes_through()
        stand.issuer.keys[:] = [dict(key("key-2").as_dict(private=False))]
        stand.monotonic.at += 601

        with pytest.raises(BankIdTokenInvalidError):
            await stand.goes_through()


@pytest.mark.parametrize(
    "published",
    [
        {"use": "enc"},
        {"kty": "oct", "k": "AAAA"},
        {"kid": None},
        {"n": "AQAB", "e": "AQAB"},
        {"n": 5},
        {"kty": None},
        {"kty": ["RSA"]},
    ],
)
async def test_a_key_that_is_not_for_signatures_verifies_none(published: dict[str, object]) -> None:
    async with a_stand() as stand:
        stand.issuer.keys[0] |= published

        with pytest.raises(BankIdTokenInvalidError):
            await stand.goes_through()


async def test_the_secret_goes_in_a_header_where_that_is_wanted() -> None:
    async with a_stand() as stand:
        stand.issuer.metadata["token_endpoint_auth_methods_supported"] = None

        with pytest.raises(BankIdMisconfiguredError):  # this issuer looks for it in the form
            await stand.goes_through()

        [asked] = [one for one in stand.server.asked if one.path == f"{REALM}/token"]
        scheme, _, named = asked.headers["authorization"].partition(" ")
        client, _, secret = b64decode(named).decode().partition(":")
        assert scheme == "Basic"
        assert (unquote_plus(client), unquote_plus(secret)) == (CLIENT_ID, CLIENT_SECRET)
        assert "client_secret" not in asked.form


async def test_a_code_is_sent_once_even_when_the_answer_gets_lost() -> None:
    async with a_stand() as stand:
        stand.issuer.instead = lambda asked: Answer(503) if "token" in asked.path else None

        with pytest.raises(BankIdUnavailableError):
            await stand.goes_through()

        assert stand.asked("/token") == 1


async def test_an_issuer_that_is_down_is_spared() -> None:
    async with a_stand() as stand:
        stand.issuer.instead = lambda _: Answer(500)
        for _ in range(9):
            with pytest.raises(BankIdUnavailableError):
                await stand.goes_through()

        assert len(stand.server.asked) <= 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://evil.example.org"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"jwks_uri": "http://evil.example.org/certs"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": 5},
        {"userinfo_endpoint": "http://user:word@127.0.0.1/"},
        {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
    ],
)
async def test_a_discovery_document_that_is_not_its_own_sends_nobody_away(
    wrong: dict[str, object],
) -> None:
    async with a_stand() as stand:
        stand.issuer.metadata |= wrong

        with pytest.raises(BankIdUnavailableError):
            await stand.goes_through()

        assert stand.asked("/token") == 0


@pytest.mark.parametrize(
    "address",
    [
        "http://bank.example.org/token",
        "https://127.0.0.1/token",
        "https://localhost/token",
        "http://169.254.169.254/latest",
        "https://bank.example.org/token#part",
        "https://bank.example.org/to ken",
        "//bank.example.org/token",
        "https://[",
        "",
    ],
)
def test_an_issuer_over_tls_cannot_point_to_anywhere_else(address: str) -> None:
    issuer = "https://bank.example.org"
    metadata = Metadata(issuer, f"{issuer}/auth", address, f"{issuer}/certs")

    with pytest.raises(GarbledAnswerError):
        Endpoints.of(metadata, issuer)


async def test_plain_userinfo_is_taken_where_the_settings_say_so() -> None:
    async with a_stand(userinfo=Userinfo.PLAIN) as stand:
        stand.issuer.person.pop("nnin_altsub")
        stand.issuer.userinfo["nnin"] = "01010150740"
        stand.issuer.sign_userinfo = None
        assert (await stand.goes_through()).number == "01010150740"

        stand.issuer.userinfo["sub"] = "subject-of-berit"
        with pytest.raises(BankIdTokenInvalidError):
            await stand.goes_through()


async def test_userinfo_that_is_switched_off_is_not_asked_for() -> None:
    async with a_stand(userinfo=Userinfo.OFF) as stand:
        await stand.goes_through()

        assert stand.asked("/userinfo") == 0


async def test_other_issuers_claims_have_other_names() -> None:
    names = ClaimNames(
        number=("pid",), birth_date=("date_of_birth",), name=("none",), stable=("x",)
    )
    async with a_stand(claims=names) as stand:
        stand.issuer.person |= {
            "pid": "20036914700",
            "date_of_birth": "1969-03-20",
            "given_name": "Anna",
            "family_name": "Berg",
            "amr": ["bid-otp", "bid"],
        }
        found = await stand.goes_through()

    assert (found.number, found.name, found.stable) == ("20036914700", "Anna Berg", None)
    assert str(found.birth_date) == "1969-03-20"
    assert found.method == "bid-otp"


def test_at_hash_is_the_left_half_of_the_hash() -> None:
    assert at_hash(Secret("dNZX1hEZ9wBCzNL40Upu646bdzQA"), "RS256") == "wfgvmE9VxjAudsl9lc6TqA"


CANARY = "kanarifugl"
SPOILT: dict[str, dict[str, object]] = {
    "/token": {"error": CANARY, "error_description": CANARY},
    "/certs": {"keys": CANARY},
    "/userinfo": {"sub": CANARY},
    "/openid-configuration": {"issuer": CANARY},
}


@pytest.mark.parametrize("path", SPOILT)
@pytest.mark.parametrize("status", [200, 400, 401, 500])
async def test_nothing_of_anybody_and_no_secret_is_logged(
    path: str,
    status: int,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name in ("", "httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
        caplog.set_level(logging.DEBUG, logger=name or None)
    async with a_stand(logging_observer()) as stand:
        stand.issuer.person |= {"name": CANARY, "sub": CANARY, "nnin_altsub": CANARY}
        stand.issuer.instead = lambda asked: (
            told(SPOILT[path], status) if asked.path.endswith(path) else None
        )
        with pytest.raises(DalerError) as refused:
            await stand.goes_through()
        shown = [repr(stand.bankid.settings), str(refused.value), repr(refused.value.__dict__)]
    out, err = capfd.readouterr()
    lines = [out, err, *(record.getMessage() for record in caplog.records)]

    assert "provider_called" in out + err
    for said in [*shown, *lines]:
        for secret in (CANARY, CLIENT_SECRET, "access-code", "state-0", "nonce-0"):
            assert secret not in said
