"""An authenticator and its browser in software. What they sign is real; they can be told to lie.

Every lie is a field of `Lies`; without any, what comes out is what a good browser sends.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from application.identity.passkeys.ports import (
    PresentedAssertion,
    PresentedAttestation,
    RelyingParty,
)
from domain.identity.passkey import Algorithm, RawCredentialId, UserHandle

ORIGIN: Final = "https://app.daler.test"
PARTY: Final = RelyingParty("daler.test", "Daler", ("https://daler.test", ORIGIN))
MODEL: Final = bytes(range(16))
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Lies:
    """What is not as it should be. None: as it should be."""

    type: str | None = None
    challenge: bytes | None = None
    origin: str | None = None
    more_client_data: Mapping[str, object] = field(default_factory=dict)
    client_data: bytes | None = None
    rp_id: str | None = None
    present: bool = True
    verified: bool = True
    eligible: bool | None = None
    backed_up: bool | None = None
    sign_count: int | None = None
    aaguid: bytes = MODEL
    attested_id: bytes | None = None
    key: object = None
    """The COSE key that is told instead of the own one: a map, or bytes as they are."""
    extensions: bytes = b""
    after: bytes = b""
    """What follows the authenticator data without any reason."""
    format: str = "none"
    statement: Mapping[str, object] | None = None
    attestation: bytes | None = None
    authenticator_data: bytes | None = None
    signature: bytes | None = None
    user_handle: bytes | None = None
    nameless: bool = False
    """Leaves the user handle out, as authenticators may that were asked for one credential."""
    credential_id: bytes | None = None


HONEST: Final = Lies()


@dataclass(slots=True)
class Passkey:
    """One key pair on one authenticator."""

    credential_id: bytes
    key: PrivateKey
    user_handle: bytes
    algorithm: Algorithm
    synced: bool
    uses: int


@dataclass(slots=True)
class Authenticator:
    """It counts its uses, unless it syncs: then it always says nought, as those do."""

    party: RelyingParty = PARTY
    origin: str = ORIGIN
    synced: bool = False

    def makes(
        self,
        challenge: bytes,
        user_handle: bytes,
        algorithm: Algorithm = Algorithm.ES256,
        lies: Lies = HONEST,
    ) -> tuple[Passkey, PresentedAttestation]:
        """A new passkey, and what is presented of it."""
        key = new_key(algorithm)
        passkey = Passkey(
            credential_id=sha256(cbor2.dumps(cose(key))).digest(),
            key=key,
            user_handle=user_handle,
            algorithm=algorithm,
            synced=self.synced,
            uses=0 if self.synced else 1,
        )
        client_data = self._client_data("webauthn.create", challenge, lies)
        data = self._data(passkey, lies, attested=True)
        statement = lies.statement
        if statement is None:
            statement = {} if lies.format == "none" else self_attested(passkey, data, client_data)
        attestation = lies.attestation
        if attestation is None:
            whole = {"fmt": lies.format, "attStmt": statement, "authData": data}
            attestation = cbor2.dumps(whole)
        presented = PresentedAttestation(
            RawCredentialId(lies.credential_id or passkey.credential_id),
            client_data,
            attestation,
            ("internal", "hybrid"),
        )
        return passkey, presented

    def signs(self, passkey: Passkey, challenge: bytes, lies: Lies = HONEST) -> PresentedAssertion:
        if not passkey.synced:
            passkey.uses += 1
        client_data = self._client_data("webauthn.get", challenge, lies)
        data = lies.authenticator_data
        if data is None:
            data = self._data(passkey, lies, attested=False)
        signature = lies.signature
        if signature is None:
            signature = sign(passkey, data + sha256(client_data).digest())
        handle = None if lies.nameless else UserHandle(lies.user_handle or passkey.user_handle)
        return PresentedAssertion(
            RawCredentialId(lies.credential_id or passkey.credential_id),
            client_data,
            data,
            signature,
            handle,
        )

    def _client_data(self, kind: str, challenge: bytes, lies: Lies) -> bytes:
        if lies.client_data is not None:
            return lies.client_data
        said: Json = {
            "type": lies.type or kind,
            "challenge": coded(challenge if lies.challenge is None else lies.challenge),
            "origin": lies.origin or self.origin,
            "crossOrigin": False,
        }
        return json.dumps(said | dict(lies.more_client_data)).encode()

    def _data(self, passkey: Passkey, lies: Lies, *, attested: bool) -> bytes:
        eligible = passkey.synced if lies.eligible is None else lies.eligible
        backed_up = passkey.synced if lies.backed_up is None else lies.backed_up
        flags = (
            0x01 * lies.present
            | 0x04 * lies.verified
            | 0x08 * eligible
            | 0x10 * backed_up
            | 0x40 * attested
            | 0x80 * bool(lies.extensions)
        )
        counter = passkey.uses if lies.sign_count is None else lies.sign_count
        head = sha256((lies.rp_id or self.party.id).encode()).digest()
        head += bytes([flags]) + counter.to_bytes(4, "big")
        if attested:
            name = passkey.credential_id if lies.attested_id is None else lies.attested_id
            told = cose(passkey.key) if lies.key is None else lies.key
            key = told if isinstance(told, bytes) else cbor2.dumps(told)
            head += lies.aaguid + len(name).to_bytes(2, "big") + name + key
        return head + lies.extensions + lies.after


def new_key(algorithm: Algorithm) -> PrivateKey:
    match algorithm:
        case Algorithm.ES256:
            return ec.generate_private_key(ec.SECP256R1())
        case Algorithm.EDDSA:
            return ed25519.Ed25519PrivateKey.generate()
        case Algorithm.RS256:
            return rsa.generate_private_key(65_537, 2_048)


def cose(private: PrivateKey) -> dict[int, object]:
    """The public half, as RFC 9053 writes it."""
    match private:
        case ec.EllipticCurvePrivateKey() as key:
            point = key.public_key().public_numbers()
            x, y = (one.to_bytes(32, "big") for one in (point.x, point.y))
            return {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        case ed25519.Ed25519PrivateKey() as key:
            return {1: 1, 3: -8, -1: 6, -2: key.public_key().public_bytes_raw()}
        case rsa.RSAPrivateKey() as key:
            numbers = key.public_key().public_numbers()
            return {1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: b"\x01\x00\x01"}


def sign(passkey: Passkey, message: bytes) -> bytes:
    match passkey.key:
        case ec.EllipticCurvePrivateKey() as key:
            return key.sign(message, ec.ECDSA(SHA256()))
        case ed25519.Ed25519PrivateKey() as key:
            return key.sign(message)
        case rsa.RSAPrivateKey() as key:
            return key.sign(message, padding.PKCS1v15(), SHA256())


def self_attested(passkey: Passkey, data: bytes, client_data: bytes) -> Json:
    """The statement of the format "packed" that a new key makes of itself."""
    signature = sign(passkey, data + sha256(client_data).digest())
    return {"alg": int(passkey.algorithm), "sig": signature}


def coded(plain: bytes) -> str:
    return urlsafe_b64encode(plain).rstrip(b"=").decode()


def plain(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def registration_json(presented: PresentedAttestation) -> Json:
    """What `toJSON()` of a new credential gives, and what browsers add that we do not read."""
    return {
        "id": coded(presented.credential_id),
        "rawId": coded(presented.credential_id),
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {"credProps": {"rk": True}},
        "response": {
            "clientDataJSON": coded(presented.client_data),
            "attestationObject": coded(presented.attestation),
            "transports": list(presented.transports),
            "publicKeyAlgorithm": -7,
        },
    }


def assertion_json(presented: PresentedAssertion) -> Json:
    response: Json = {
        "clientDataJSON": coded(presented.client_data),
        "authenticatorData": coded(presented.authenticator_data),
        "signature": coded(presented.signature),
    }
    if presented.user_handle is not None:
        response["userHandle"] = coded(presented.user_handle)
    return {
        "id": coded(presented.credential_id),
        "rawId": coded(presented.credential_id),
        "type": "public-key",
        "authenticatorAttachment": None,
        "clientExtensionResults": {},
        "response": response,
    }


def changed(json_: Json, path: str, change: Callable[[Any], object]) -> Json:
    """A copy in which what stands at `path` (`response.signature`) is another."""
    head, _, rest = path.partition(".")
    inner = changed(json_[head], rest, change) if rest else change(json_.get(head))
    return json_ | {head: inner}


def lying(**lies: Any) -> Lies:  # noqa: ANN401 - whatever a lie holds
    return replace(HONEST, **lies)
