"""Public keys as authenticators write them (COSE_Key, RFC 9052): the three kinds we ask for."""

from collections.abc import Mapping
from typing import Any, Final

import cbor2
from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

from domain.identity.passkey import PUBLIC_KEY_BYTES_MAX, Algorithm

_KTY, _KID, _ALG, _KEY_OPS, _BASE_IV = 1, 2, 3, 4, 5
_COMMON: Final = frozenset({_KTY, _KID, _ALG, _KEY_OPS, _BASE_IV})
_CRV, _X, _Y = -1, -2, -3
_N, _E = -1, -2
_EC2: Final = {_KTY: 2, _ALG: -7, _CRV: 1}
_OKP: Final = {_KTY: 1, _ALG: -8, _CRV: 6}
_RSA: Final = {_KTY: 3, _ALG: -257}
_COORDINATE_BYTES: Final = 32
_MODULUS_BITS: Final = range(2048, 4096 + 1)
_EXPONENT_BYTES_MAX: Final = 4


class BadKeyError(ValueError):
    pass


def algorithm_of(public_key: bytes) -> Algorithm:
    """What the key signs with; the key is whole, on its curve, and not too large to be used.

    It holds its own parts and what RFC 9052 knows of every key, nothing else: what we do not
    understand we do not keep.

    Raises:
        BadKeyError: it is none of the kinds that we asked for, or none at all.
    """
    if len(public_key) > PUBLIC_KEY_BYTES_MAX:
        raise BadKeyError("too long for a key")
    try:
        key = cbor2.loads(public_key, allow_indefinite=False, allow_duplicate_keys=False)
    except (cbor2.CBORDecodeError, ValueError) as error:
        raise BadKeyError("no key") from error
    if not isinstance(key, dict):
        raise BadKeyError("no key")
    if _is(key, _EC2, _X, _Y) and _sized(key, _X) and _sized(key, _Y):
        algorithm = Algorithm.ES256
    elif _is(key, _OKP, _X) and _sized(key, _X):
        algorithm = Algorithm.EDDSA
    elif _is(key, _RSA, _N, _E) and _is_bearable(key):
        algorithm = Algorithm.RS256
    else:
        raise BadKeyError("a kind of key that was not asked for")
    _load(public_key)
    return algorithm


def _is(key: Mapping[Any, Any], kind: Mapping[int, int], *parts: int) -> bool:
    known = _COMMON.union(kind, parts)
    # `True == 1`: the type decides, too.
    return all(type(name) is int and name in known for name in key) and all(
        type(key.get(name)) is int and key[name] == word for name, word in kind.items()
    )


def _sized(key: Mapping[Any, Any], name: int) -> bool:
    part = key.get(name)
    return isinstance(part, bytes) and len(part) == _COORDINATE_BYTES


def _is_bearable(key: Mapping[Any, Any]) -> bool:
    """A huge modulus or exponent would make us work for whoever sends it."""
    n, e = key.get(_N), key.get(_E)
    if not isinstance(n, bytes) or not isinstance(e, bytes) or len(e) > _EXPONENT_BYTES_MAX:
        return False
    modulus, exponent = int.from_bytes(n, "big"), int.from_bytes(e, "big")
    return modulus.bit_length() in _MODULUS_BITS and bool(modulus & exponent & 1)


def _load(public_key: bytes) -> None:
    """A point that is not on its curve is only noticed here."""
    try:
        decoded_public_key_to_cryptography(decode_credential_public_key(public_key))
    except ValueError as error:
        raise BadKeyError("not on its curve") from error
