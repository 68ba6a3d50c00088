"""BankID's adapter on a socket of our own: what is told, and how we say who we are."""

import logging
from base64 import b64decode
from urllib.parse import unquote_plus

import pytest

from adapters.bankid.id_token import at_hash
from adapters.bankid.settings import ClaimNames, Userinfo
from adapters.outbound.log import logging_observer
from domain.identity.bankid import Assurance, BankIdClaims
from domain.identity.errors_bankid import (
    BankIdMisconfiguredError,
    BankIdTokenInvalidError,
    BankIdUnavailableError,
)
from domain.shared.errors import DalerError
from domain.shared.secret import Secret
from tests.providers.bankid import a_stand
from tests.providers.server import Answer, told
from tests.support.bankid_issuer import (
    CLIENT_ID,
    CLIENT_SECRET,
    REALM,
)


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
