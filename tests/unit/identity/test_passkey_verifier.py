"""Real signatures of a software authenticator, and every lie it can be told to tell."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from adapters.passkeys.verifier import WebauthnVerifier
from domain.identity.errors_passkeys import PasskeyRefusedError, PasskeyUnacceptableError
from domain.identity.passkey import Algorithm, Attested, Passkey, PasskeyId, PasskeyName
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from tests.support import authenticator as software
from tests.support.authenticator import HONEST, MODEL, PARTY, Authenticator, Lies, lying
from tests.support.clock import NOON

VERIFIER = WebauthnVerifier(PARTY)
CHALLENGE = Secret("c" * 43)
ASKED = b"c" * 43
HANDLE = b"h" * 64
OTHER = ec.generate_private_key(ec.SECP256R1())
POINT = OTHER.public_key().public_numbers()
X, Y = POINT.x.to_bytes(32, "big"), POINT.y.to_bytes(32, "big")
DEEP = b"\x81" * 20_000 + b"\x00"
ENDLESS = b"\x9b" + b"\xff" * 8


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


CLIENT_LIES = {
    "made for signing in": ("type", lying(type="payment.get")),
    "another challenge": ("challenge", lying(challenge=b"d" * 43)),
    "no challenge": ("challenge", lying(challenge=b"")),
    "another site": ("origin", lying(origin="https://daler.example")),
    "another scheme": ("origin", lying(origin="http://app.daler.test")),
    "another port": ("origin", lying(origin="https://app.daler.test:444")),
    "a slash more": ("origin", lying(origin="https://app.daler.test/")),
    "case": ("origin", lying(origin="https://APP.daler.test")),
    "a site below ours": ("origin", lying(origin="https://evil.app.daler.test")),
    "a null origin": ("origin", lying(origin="null")),
    "inside another page": ("cross_origin", lying(more_client_data={"crossOrigin": True})),
    "below another page": ("cross_origin", lying(more_client_data={"topOrigin": "https://x.no"})),
    "no text": ("malformed", lying(client_data=b"\xff\xfe\x00")),
    "no JSON": ("malformed", lying(client_data=b"{")),
    "no object": ("malformed", lying(client_data=b'["webauthn.get"]')),
    "wrong types": ("malformed", lying(more_client_data={"origin": ["https://daler.test"]})),
    "a number": ("malformed", lying(more_client_data={"challenge": 7})),
    "deep": ("malformed", lying(client_data=b'{"a":' * 100_000)),
}
DATA_LIES = {
    "another party": ("rp_id", lying(rp_id="daler.example")),
    "nobody there": ("not_present", lying(present=False)),
    "nobody known": ("not_verified", lying(verified=False)),
    "a copy of what cannot be copied": ("malformed", lying(eligible=False, backed_up=True)),
    "something after it": ("malformed", lying(after=b"\x00")),
    "extensions that are none": ("malformed", lying(extensions=b"\xa1")),
    "extensions too deep": ("malformed", lying(extensions=DEEP)),
    "extensions without end": ("malformed", lying(extensions=ENDLESS)),
    "a tag": ("malformed", lying(extensions=b"\xc0\x60")),
    "an indefinite length": ("malformed", lying(extensions=b"\xbf\xff")),
    "a float": ("malformed", lying(extensions=cbor2.dumps({"a": 1.5}))),
}
SIGNING_LIES = {
    "too short": ("malformed", lying(authenticator_data=b"\x00" * 36)),
    "nothing": ("malformed", lying(authenticator_data=b"")),
    "no signature": ("signature", lying(signature=b"")),
    "zeros": ("signature", lying(signature=b"\x00" * 64)),
    "no DER": ("signature", lying(signature=b"\x30\x80" + b"\xff" * 70)),
}
MAKING_LIES = {
    "no attestation": ("malformed", lying(attestation=b"")),
    "a number": ("malformed", lying(attestation=b"\x01")),
    "a list": ("malformed", lying(attestation=cbor2.dumps(["none", {}, b""]))),
    "no map inside": ("malformed", lying(statement=[])),
    "two items": ("malformed", lying(attestation=cbor2.dumps({}) * 2)),
    "a bomb of lists": ("malformed", lying(attestation=DEEP)),
    "a bomb of maps": ("malformed", lying(attestation=b"\xa1\x00" * 8_000 + b"\x00")),
    "a huge list": ("malformed", lying(attestation=ENDLESS)),
    "a huge string": ("malformed", lying(attestation=b"\x5b" + b"\xff" * 8 + b"x")),
    "a huge map": ("malformed", lying(attestation=b"\xbb\x00\x00\x00\xff\xff\xff\xff\xff")),
    "a circle": ("malformed", lying(attestation=b"\xd8\x1c\x81\xd8\x1d\x00")),
    "twice the same key": (
        "malformed",
        lying(attestation=b"\xa2\x63fmt\x64none\x63fmt\x64none"),
    ),
    "no bytes of data": ("malformed", lying(attestation=cbor2.dumps(
        {"fmt": "none", "attStmt": {}, "authData": "text"}))),
    "no data": ("malformed", lying(attestation=cbor2.dumps({"fmt": "none", "attStmt": {}}))),
    "short data": ("malformed", lying(attestation=cbor2.dumps(
        {"fmt": "none", "attStmt": {}, "authData": b"\x00" * 36}))),
    "nothing attested": ("malformed", lying(attestation=cbor2.dumps(
        {"fmt": "none", "attStmt": {}, "authData": Authenticator().signs(
            software.Passkey(b"i", OTHER, HANDLE, Algorithm.ES256, synced=False, uses=0), ASKED
        ).authenticator_data}))),
    "a statement for none": ("attestation", lying(statement={"alg": -7})),
    "certificates": ("attestation", lying(format="packed", statement={
        "alg": -7, "sig": b"s", "x5c": [b"c"]})),
    "a U2F key": ("attestation", lying(format="fido-u2f")),
    "a TPM": ("attestation", lying(format="tpm")),
    "an unheard-of format": ("attestation", lying(format="x" * 1_000)),
    "another's signature": ("signature", lying(format="packed", statement={
        "alg": -7, "sig": b"\x30\x06\x02\x01\x01\x02\x01\x01"})),
    "another algorithm": ("signature", lying(format="packed", statement={"alg": -8, "sig": b"s"})),
    "a signature of text": ("signature", lying(format="packed", statement={
        "alg": -7, "sig": "s"})),
    "another id": ("malformed", lying(attested_id=b"another")),
    "no id": ("malformed", lying(attested_id=b"")),
    "an id too long": ("malformed", lying(attested_id=b"i" * 1_024, credential_id=b"i" * 1_024)),
    "a key that is no map": ("algorithm", lying(key=[1, 2])),
    "a key that is text": ("algorithm", lying(key="key")),
    "no key": ("algorithm", lying(key={})),
    "half a key": ("malformed", lying(key=b"\xa5\x01\x02")),
    "a key with a tag": ("malformed", lying(key=cbor2.dumps(cbor2.CBORTag(2, b"k")))),
    "a key with a float": ("malformed", lying(key={1: 2.0, 3: -7, -1: 1, -2: X, -3: Y})),
    "true for one": ("algorithm", lying(key={1: True, 3: -8, -1: 6, -2: X})),
    "off its curve": ("algorithm", lying(key={1: 2, 3: -7, -1: 1, -2: X, -3: X})),
    "nowhere": ("algorithm", lying(key={1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)})),
    "a short point": ("algorithm", lying(key={1: 2, 3: -7, -1: 1, -2: X[:31], -3: Y})),
    "a point as text": ("algorithm", lying(key={1: 2, 3: -7, -1: 1, -2: "x" * 32, -3: Y})),
    "another curve": ("algorithm", lying(key={1: 2, 3: -7, -1: 2, -2: X, -3: Y})),
    "ES384": ("algorithm", lying(key={1: 2, 3: -35, -1: 2, -2: X, -3: Y})),
    "EdDSA on P-256": ("algorithm", lying(key={1: 2, 3: -8, -1: 1, -2: X, -3: Y})),
    "Ed448": ("algorithm", lying(key={1: 1, 3: -8, -1: 7, -2: b"x" * 57})),
    "a short Ed25519 key": ("algorithm", lying(key={1: 1, 3: -8, -1: 6, -2: b"x" * 31})),
    "RS1": ("algorithm", lying(key={1: 3, 3: -65535, -1: b"\xff" * 256, -2: b"\x01\x00\x01"})),
    "a weak modulus": ("algorithm", lying(key={1: 3, 3: -257, -1: b"\xff" * 128, -2: b"\x03"})),
    "leading zeros": ("algorithm", lying(key={
        1: 3, 3: -257, -1: bytes(200) + b"\xff" * 56, -2: b"\x03"})),
    "a huge modulus": ("algorithm", lying(key={1: 3, 3: -257, -1: b"\xff" * 8_000, -2: b"\x03"})),
    "a huge exponent": ("algorithm", lying(key={
        1: 3, 3: -257, -1: b"\xff" * 256, -2: b"\xff" * 256})),
    "a large exponent": ("algorithm", lying(key={
        1: 3, 3: -257, -1: b"\xff" * 256, -2: b"\x01\x00\x00\x00\x01"})),
    "an exponent of one": ("algorithm", lying(key={1: 3, 3: -257, -1: b"\xff" * 256, -2: b"\x01"})),
    "an even modulus": ("algorithm", lying(key={
        1: 3, 3: -257, -1: b"\xff" * 255 + b"\xfe", -2: b"\x03"})),
    "HMAC": ("algorithm", lying(key={1: 4, 3: 5, -1: b"k" * 32})),
}  # fmt: skip


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
