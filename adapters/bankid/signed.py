"""Signatures (RFC 7515): of an algorithm that we chose, by a key that the issuer publishes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from domain.identity.errors_bankid import BankIdTokenInvalidError

LENGTH_MAX: Final = 64 * 1024
_RSA_BITS_MIN: Final = 2048
_MODULUS_TEXT_MIN: Final = _RSA_BITS_MIN // 6
"""Six bits a character in base64."""

Claims = Mapping[str, Any]
PublicKey = RSAKey | ECKey

_claims: Final = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Unverified:
    """A JWS taken apart: nothing in it has been proved."""

    parts: jws.CompactSignature = field(repr=False)
    algorithm: str
    key_id: str


@dataclass(frozen=True, slots=True)
class KeyShelf:
    """The issuer's public keys for signatures, by their names."""

    keys: Mapping[str, PublicKey] = field(repr=False)


def shelf_of(published: Iterable[msgspec.Raw]) -> KeyShelf:
    """Those that can be used here; a set may hold keys for encryption, and kinds we do not know."""
    found: dict[str, PublicKey] = {}
    for raw in published:
        try:
            key = _key_of(_claims.decode(raw))
        except (JoseError, msgspec.DecodeError, ValueError, TypeError, KeyError):
            continue
        if key is not None and key.kid:
            found.setdefault(key.kid, key)
    return KeyShelf(found)


def _key_of(jwk: dict[str, Any]) -> PublicKey | None:
    if jwk.get("use", "sig") != "sig":
        return None
    match jwk.get("kty"):
        case "RSA" if len(jwk["n"]) >= _MODULUS_TEXT_MIN:
            return RSAKey.import_key(_public(jwk, "n", "e"))
        case "EC":
            return ECKey.import_key(_public(jwk, "crv", "x", "y"))
        case _:
            return None


def _public(jwk: dict[str, Any], *parts: str) -> dict[str, Any]:
    return {name: jwk[name] for name in ("kty", "kid", "alg", *parts) if name in jwk}


def taken_apart(token: str, algorithms: frozenset[str]) -> Unverified:
    """Checks 1 and 2: its algorithm is one of ours, and it names a key.

    Raises:
        BankIdTokenInvalidError
    """
    if len(token) > LENGTH_MAX or not token.isascii():
        raise BankIdTokenInvalidError("length")
    registry = _registry(algorithms)
    try:
        parts = jws.extract_compact(token.encode(), registry=registry)
        header = parts.protected
        algorithm, key_id = header["alg"], header["kid"]
    except (JoseError, ValueError, KeyError, TypeError, RecursionError):
        raise BankIdTokenInvalidError("form") from None
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise BankIdTokenInvalidError("algorithm")
    if not isinstance(key_id, str):
        raise BankIdTokenInvalidError("key")
    # An access token (RFC 9068) is signed with the same keys, and is nobody's identity.
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise BankIdTokenInvalidError("type")
    return Unverified(parts, algorithm, key_id)


def verified(token: Unverified, shelf: KeyShelf, algorithms: frozenset[str]) -> Claims:
    """Check 3. Raises BankIdTokenInvalidError."""
    key = shelf.keys.get(token.key_id)
    if key is None:
        raise BankIdTokenInvalidError("key")
    try:
        if not jws.validate_compact(token.parts, key, registry=_registry(algorithms)):
            raise BankIdTokenInvalidError("signature")
        return _claims.decode(token.parts.payload or b"")
    except (JoseError, msgspec.DecodeError, ValueError, TypeError, RecursionError):
        raise BankIdTokenInvalidError("signature") from None


def _registry(algorithms: frozenset[str]) -> jws.JWSRegistry:
    # What a header holds besides is passed over (RFC 7515, 4), unless it says it is critical.
    return jws.JWSRegistry(algorithms=list(algorithms), strict_check_header=False)
