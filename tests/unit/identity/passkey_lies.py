"""What an authenticator or a browser may get wrong, with the word that refuses it."""

from typing import Final

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec

from domain.identity.passkey import Algorithm
from tests.support import authenticator as software
from tests.support.authenticator import Authenticator, lying

ASKED = b"c" * 43
HANDLE = b"h" * 64
OTHER = ec.generate_private_key(ec.SECP256R1())
POINT = OTHER.public_key().public_numbers()
X, Y = POINT.x.to_bytes(32, "big"), POINT.y.to_bytes(32, "big")
GOOD_KEY: Final[dict[object, object]] = {1: 2, 3: -7, -1: 1, -2: X, -3: Y}
DEEP = b"\x81" * 20_000 + b"\x00"
ENDLESS = b"\x9b" + b"\xff" * 8


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
    "a key that is long": ("algorithm", lying(key=GOOD_KEY | {99: b"x" * 3_000})),
    "a key with more in it": ("algorithm", lying(key=GOOD_KEY | {99: b"x"})),
    "a key with text in it": ("algorithm", lying(key=GOOD_KEY | {"note": b"x"})),
    "a private key": ("algorithm", lying(key=GOOD_KEY | {-4: b"d" * 32})),
    "a long name of a key": ("algorithm", lying(key=GOOD_KEY | {2: b"x" * 2_000})),
    "true for a label": ("algorithm", lying(key={True: 2, 3: -7, -1: 1, -2: X, -3: Y})),
    "HMAC": ("algorithm", lying(key={1: 4, 3: 5, -1: b"k" * 32})),
}  # fmt: skip
