"""What an ID token must say (OpenID Connect Core 1.0, 3.1.3.7), in this order."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import new
from typing import Final

from adapters.bankid.settings import BankIdSettings
from adapters.bankid.signed import Claims
from domain.identity.bankid import Assurance
from domain.identity.bankid_attempt import is_digest_of
from domain.identity.errors_bankid import BankIdLevelTooLowError, BankIdTokenInvalidError
from domain.shared.secret import Secret

LEEWAY_S: Final = 60
"""How far our clock and the issuer's may be apart."""
_TEXT_MAX: Final = 255


@dataclass(frozen=True, slots=True)
class Expected:
    nonce: bytes
    """Its digest."""
    access_token: Secret
    algorithm: str
    """Of the token's signature, which has been verified."""
    at: datetime


def judged(claims: Claims, settings: BankIdSettings, expected: Expected) -> Assurance:
    """Checks 4 to 10 of a token whose signature holds.

    Raises:
        BankIdTokenInvalidError: with the first that failed.
        BankIdLevelTooLowError
    """
    now = expected.at.timestamp()
    _ensure_from(claims, settings)
    _ensure_in_time(claims, now)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not is_digest_of(expected.nonce, Secret(nonce)):
        raise BankIdTokenInvalidError("nonce")
    _ensure_access_token(claims, expected)
    # Keycloak's own mark: its access tokens say `Bearer`.
    if claims.get("typ", "ID") != "ID":
        raise BankIdTokenInvalidError("type")
    ensure_subject(claims)
    acr = claims.get("acr")
    assurance = settings.assurance(acr) if isinstance(acr, str) else None
    if assurance is None:
        raise BankIdLevelTooLowError
    _ensure_recent(claims, settings.max_age_s, now)
    return assurance


def _ensure_from(claims: Claims, settings: BankIdSettings) -> None:
    """Checks 4 and 5: of this issuer, for us."""
    if claims.get("iss") != settings.issuer:
        raise BankIdTokenInvalidError("issuer")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if settings.client_id not in audiences:
        raise BankIdTokenInvalidError("audience")
    azp = claims.get("azp")
    if (len(audiences) > 1 or azp is not None) and azp != settings.client_id:
        raise BankIdTokenInvalidError("audience")


def ensure_for_us(userinfo: Claims, settings: BankIdSettings, at: datetime) -> None:
    """What a signed userinfo answer says of itself, if anything, has to hold (Core 1.0, 5.3.2).

    Raises:
        BankIdTokenInvalidError
    """
    audience = userinfo.get("aud", settings.client_id)
    audiences = audience if isinstance(audience, list) else [audience]
    expires = _instant(userinfo, "exp")
    if (
        userinfo.get("iss", settings.issuer) != settings.issuer
        or settings.client_id not in audiences
        or (expires is not None and at.timestamp() >= expires + LEEWAY_S)
    ):
        raise BankIdTokenInvalidError("userinfo")


def ensure_subject(claims: Claims) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _TEXT_MAX:
        raise BankIdTokenInvalidError("subject")
    return subject


def _ensure_in_time(claims: Claims, now: float) -> None:
    """Check 6."""
    expires, issued = _instant(claims, "exp"), _instant(claims, "iat")
    if expires is None or issued is None or now >= expires + LEEWAY_S or issued > now + LEEWAY_S:
        raise BankIdTokenInvalidError("time")
    not_before = _instant(claims, "nbf")
    if not_before is not None and not_before > now + LEEWAY_S:
        raise BankIdTokenInvalidError("time")


def _ensure_access_token(claims: Claims, expected: Expected) -> None:
    """Check 8: the access token came together with this ID token."""
    told = claims.get("at_hash")
    if told is None:
        return
    right = at_hash(expected.access_token, expected.algorithm)
    if not isinstance(told, str) or not hmac.compare_digest(told.encode(), right.encode()):
        raise BankIdTokenInvalidError("access_token")


def at_hash(access_token: Secret, algorithm: str) -> str:
    """The left half of its hash, by the hash function of the signature."""
    digest = new(f"sha{algorithm[2:]}", access_token.reveal().encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _ensure_recent(claims: Claims, max_age_s: int | None, now: float) -> None:
    """Who asked for an age is told one; a sign-in of this morning is no proof of now."""
    if max_age_s is None:
        return
    at = _instant(claims, "auth_time")
    if at is None or at > now + LEEWAY_S or now - at > max_age_s + LEEWAY_S:
        raise BankIdTokenInvalidError("auth_time")


def _instant(claims: Claims, name: str) -> float | None:
    """Seconds since 1970. Raises BankIdTokenInvalidError when it is there and no number."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BankIdTokenInvalidError("time")
    return value
