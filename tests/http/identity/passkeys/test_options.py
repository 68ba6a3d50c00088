"""What browsers parse: the field names of WebAuthn Level 3."""

from typing import Final

from tests.http.identity.passkeys.owner import Owner, refusal
from tests.http.identity.test_identity import LOGIN
from tests.support.authenticator import (
    plain,
)

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
