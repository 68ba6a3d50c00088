"""Real signatures of a software authenticator, and every lie it can be told to tell."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.passkeys.verifier import WebauthnVerifier
from domain.identity.errors_passkeys import PasskeyRefusedError, PasskeyUnacceptableError
from domain.identity.passkey import Algorithm, Attested, Passkey, PasskeyId, PasskeyName
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from tests.support import authenticator as software
from tests.support.authenticator import HONEST, MODEL, PARTY, Authenticator, Lies, lying
from tests.support.clock import NOON
from tests.unit.identity.passkey_lies import (
    ASKED,
    CLIENT_LIES,
    DATA_LIES,
    GOOD_KEY,
    HANDLE,
    MAKING_LIES,
    OTHER,
    SIGNING_LIES,
)

VERIFIER = WebauthnVerifier(PARTY)
CHALLENGE = Secret("c" * 43)


def registered(
    algorithm: Algorithm = Algorithm.ES256, *, synced: bool = False
) -> tuple[Authenticator, software.Passkey, Passkey]:
    device = Authenticator(synced=synced)
    key, presented = device.makes(ASKED, HANDLE, algorithm)
    attested = VERIFIER.attested(presented, CHALLENGE)
    return device, key, kept(attested)


def kept(attested: Attested) -> Passkey:
    return Passkey.register(
        passkey_id=PasskeyId(UUID(int=7)),
        user_id=UserId(UUID(int=1)),
        name=PasskeyName("Phone"),
        attested=attested,
        transports=(),
        now=NOON,
    )


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_passkey_of_every_algorithm_is_made_and_signs(algorithm: Algorithm) -> None:
    device, key, passkey = registered(algorithm)

    asserted = VERIFIER.asserted(device.signs(key, ASKED), CHALLENGE, passkey, verified=True)

    assert (passkey.algorithm, passkey.aaguid) == (algorithm, UUID(bytes=MODEL))
    assert (passkey.sign_count, asserted.sign_count) == (1, 2)
    assert not passkey.backup_eligible


def test_a_synced_passkey_says_that_it_is_one() -> None:
    device, key, passkey = registered(synced=True)

    asserted = VERIFIER.asserted(device.signs(key, ASKED), CHALLENGE, passkey, verified=True)

    assert (passkey.backup_eligible, passkey.backed_up, passkey.sign_count) == (True, True, 0)
    assert (asserted.backup_eligible, asserted.backed_up, asserted.sign_count) == (True, True, 0)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_passkey_may_attest_itself(algorithm: Algorithm) -> None:
    _, presented = Authenticator().makes(ASKED, HANDLE, algorithm, lying(format="packed"))
    assert VERIFIER.attested(presented, CHALLENGE).algorithm is algorithm


def test_an_authenticator_need_not_say_what_model_it_is() -> None:
    _, presented = Authenticator().makes(ASKED, HANDLE, lies=lying(aaguid=bytes(16)))
    assert VERIFIER.attested(presented, CHALLENGE).aaguid is None


def test_extensions_are_read_over() -> None:
    extensions = cbor2.dumps({"credProtect": 2, "hmac-secret": True})
    _, presented = Authenticator().makes(ASKED, HANDLE, lies=lying(extensions=extensions))
    VERIFIER.attested(presented, CHALLENGE)


def test_a_key_may_say_what_every_key_may() -> None:
    """Its name, what it is for, an initial vector: RFC 9052, 7.1."""
    told = GOOD_KEY | {2: b"name", 4: [2], 5: b"iv"}
    _, presented = Authenticator().makes(ASKED, HANDLE, lies=lying(key=told))
    assert VERIFIER.attested(presented, CHALLENGE).algorithm is Algorithm.ES256


def test_every_page_of_ours_will_do() -> None:
    for origin in PARTY.origins:
        _, presented = Authenticator(origin=origin).makes(ASKED, HANDLE)
        VERIFIER.attested(presented, CHALLENGE)


def test_the_challenge_that_is_answered_can_be_read() -> None:
    _, presented = Authenticator().makes(ASKED, HANDLE)
    assert VERIFIER.challenge_in(presented.client_data) == CHALLENGE


@pytest.mark.parametrize(
    "client_data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"type":"webauthn.get","challenge":"',
        b'{"type":1,"challenge":2,"origin":3}',
        b'{"type":"webauthn.get","challenge":"=","origin":""}',
        b'{"type":"webauthn.get","challenge":"a","origin":""}',
        b'{"type":"webauthn.get","challenge":"w6U","origin":""}',
        b'{"type":"webauthn.get","challenge":"\xc3\xa5","origin":""}',
        b'{"type":"webauthn.get","challenge":"\\ud800","origin":""}',
        b'{"a":' * 50_000,
        b'{"a":' * 800 + b"1" + b"}" * 800,
    ],
)
def test_a_challenge_that_cannot_be_read_is_none(client_data: bytes) -> None:
    assert VERIFIER.challenge_in(client_data) is None


def refused_when_made(lies: Lies, challenge: Secret = CHALLENGE) -> str:
    _, presented = Authenticator().makes(ASKED, HANDLE, lies=lies)
    with pytest.raises(PasskeyUnacceptableError) as refused:
        VERIFIER.attested(presented, challenge)
    assert refused.value.details[0].field == "credential"
    return refused.value.why


@pytest.mark.parametrize(("why", "lies"), CLIENT_LIES.values(), ids=CLIENT_LIES)
def test_a_passkey_made_elsewhere_is_refused(why: str, lies: Lies) -> None:
    assert refused_when_made(lies) == why


@pytest.mark.parametrize(("why", "lies"), DATA_LIES.values(), ids=DATA_LIES)
def test_a_passkey_made_by_nobody_is_refused(why: str, lies: Lies) -> None:
    assert refused_when_made(lies) == why


@pytest.mark.parametrize(("why", "lies"), MAKING_LIES.values(), ids=MAKING_LIES)
def test_what_is_no_passkey_is_refused(why: str, lies: Lies) -> None:
    assert refused_when_made(lies) == why


def test_a_signature_is_no_new_passkey() -> None:
    assert refused_when_made(lying(type="webauthn.get")) == "type"


def refused_when_shown(lies: Lies, *, verified: bool = True) -> str:
    device, key, passkey = registered()
    with pytest.raises(PasskeyRefusedError) as refused:
        VERIFIER.asserted(device.signs(key, ASKED, lies), CHALLENGE, passkey, verified=verified)
    return refused.value.why


@pytest.mark.parametrize(("why", "lies"), CLIENT_LIES.values(), ids=CLIENT_LIES)
def test_a_signature_made_elsewhere_is_refused(why: str, lies: Lies) -> None:
    assert refused_when_shown(lies) == why


@pytest.mark.parametrize(("why", "lies"), DATA_LIES.values(), ids=DATA_LIES)
def test_a_signature_made_by_nobody_is_refused(why: str, lies: Lies) -> None:
    assert refused_when_shown(lies) == why


@pytest.mark.parametrize(("why", "lies"), SIGNING_LIES.values(), ids=SIGNING_LIES)
def test_what_is_no_signature_is_refused(why: str, lies: Lies) -> None:
    assert refused_when_shown(lies) == why


def test_a_new_passkey_is_no_signature() -> None:
    assert refused_when_shown(lying(type="webauthn.create")) == "type"


def test_after_a_password_it_is_enough_that_somebody_has_it() -> None:
    device, key, passkey = registered()
    shown = device.signs(key, ASKED, lying(verified=False))

    VERIFIER.asserted(shown, CHALLENGE, passkey, verified=False)


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("part", ["client_data", "authenticator_data", "signature"])
def test_one_bit_changed_anywhere_is_refused(algorithm: Algorithm, part: str) -> None:
    device, key, passkey = registered(algorithm)
    shown = device.signs(key, ASKED, HONEST)
    whole: bytes = getattr(shown, part)
    for at in {0, len(whole) // 2, len(whole) - 1}:
        bent = bytearray(whole)
        bent[at] ^= 0x01
        changed: dict[str, Any] = {part: bytes(bent)}
        with pytest.raises(PasskeyRefusedError):
            VERIFIER.asserted(replace(shown, **changed), CHALLENGE, passkey, verified=True)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_what_is_cut_off_anywhere_is_refused(algorithm: Algorithm) -> None:
    device = Authenticator()
    key, made = device.makes(ASKED, HANDLE, algorithm)
    passkey = kept(VERIFIER.attested(made, CHALLENGE))
    shown = device.signs(key, ASKED)
    for at in range(0, len(made.attestation), 7):
        with pytest.raises(PasskeyUnacceptableError):
            VERIFIER.attested(replace(made, attestation=made.attestation[:at]), CHALLENGE)
    for at in range(len(shown.authenticator_data)):
        cut = replace(shown, authenticator_data=shown.authenticator_data[:at])
        with pytest.raises(PasskeyRefusedError):
            VERIFIER.asserted(cut, CHALLENGE, passkey, verified=True)


def test_anothers_signature_is_refused() -> None:
    device, _, passkey = registered()
    stranger = software.Passkey(
        passkey.credential_id, OTHER, HANDLE, Algorithm.ES256, synced=False, uses=9
    )

    with pytest.raises(PasskeyRefusedError) as refused:
        VERIFIER.asserted(device.signs(stranger, ASKED), CHALLENGE, passkey, verified=True)
    assert refused.value.why == "signature"


@pytest.mark.parametrize("others", Algorithm)
def test_a_signature_of_another_kind_is_refused(others: Algorithm) -> None:
    """The algorithm is the registered key's, whatever the signature looks like."""
    device, key, _ = registered(others)
    for algorithm in set(Algorithm) - {others}:
        _, _, passkey = registered(algorithm)
        with pytest.raises(PasskeyRefusedError):
            VERIFIER.asserted(device.signs(key, ASKED), CHALLENGE, passkey, verified=True)


def test_a_key_of_4096_bits_is_taken() -> None:
    numbers = rsa.generate_private_key(65_537, 4_096).public_key().public_numbers()
    key = {1: 3, 3: -257, -1: numbers.n.to_bytes(512, "big"), -2: b"\x01\x00\x01"}
    _, presented = Authenticator().makes(ASKED, HANDLE, Algorithm.RS256, lying(key=key))

    assert VERIFIER.attested(presented, CHALLENGE).algorithm is Algorithm.RS256


def test_client_data_may_grow() -> None:
    """Browsers add to it, and warn of comparing it with a template."""
    grown = {"new_keys_may_be_added_here": "do not compare clientDataJSON against a template"}
    device, key, passkey = registered()
    shown = device.signs(key, ASKED, lying(more_client_data=grown))

    assert json.loads(shown.client_data)["new_keys_may_be_added_here"]
    VERIFIER.asserted(shown, CHALLENGE, passkey, verified=True)
