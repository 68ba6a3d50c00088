"""What an issuer publishes: its endpoints, and keys that come and go."""

import pytest

from adapters.bankid.endpoints import Endpoints
from adapters.bankid.shapes import Metadata
from adapters.outbound.call import GarbledAnswerError
from domain.identity.errors_bankid import (
    BankIdTokenInvalidError,
    BankIdUnavailableError,
)
from tests.providers.bankid import a_stand
from tests.providers.server import Answer
from tests.support.bankid_issuer import (
    key,
    signed_by,
)


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
