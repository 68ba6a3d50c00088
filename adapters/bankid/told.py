"""From the issuer's claims to ours."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from adapters.bankid.settings import BankIdSettings
from adapters.bankid.signed import Claims
from adapters.outbound.reading import plain_code
from domain.identity.bankid import Assurance, BankIdClaims
from domain.identity.errors_bankid import BankIdTokenInvalidError

_TEXT_MAX: Final = 255
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def told(
    id_token: Claims, userinfo: Claims, settings: BankIdSettings, assurance: Assurance
) -> BankIdClaims:
    """Both together; every claim about the person may be missing.

    Raises:
        BankIdTokenInvalidError: they contradict each other.
    """
    names = settings.claims
    birth_date = _agreed(id_token, userinfo, names.birth_date)
    return BankIdClaims(
        issuer=settings.issuer,
        subject=id_token["sub"],
        stable=_agreed(id_token, userinfo, names.stable),
        number=_agreed(id_token, userinfo, names.number),
        birth_date=None if birth_date is None else _day(birth_date),
        name=_first(id_token, userinfo, names.name) or _name_in_parts(id_token, userinfo),
        assurance=assurance,
        method=_method(id_token.get("amr")),
    )


def _agreed(id_token: Claims, userinfo: Claims, names: Sequence[str]) -> str | None:
    found = _texts(id_token, userinfo, names)
    if any(other != found[0] for other in found):
        raise BankIdTokenInvalidError("contradiction")
    return found[0] if found else None


def _first(id_token: Claims, userinfo: Claims, names: Sequence[str]) -> str | None:
    """A name may be spelt in two ways without being two."""
    return next(iter(_texts(id_token, userinfo, names)), None)


def _texts(id_token: Claims, userinfo: Claims, names: Sequence[str]) -> Sequence[str]:
    values = [source.get(name) for name in names for source in (id_token, userinfo)]
    found = [value for value in values if value not in (None, "")]
    # A number that came as a number has lost its zeros: better nobody than somebody else.
    if any(not isinstance(value, str) or len(value) > _TEXT_MAX for value in found):
        raise BankIdTokenInvalidError("claims")
    return found


def _name_in_parts(id_token: Claims, userinfo: Claims) -> str | None:
    parts = (_first(id_token, userinfo, [part]) for part in ("given_name", "family_name"))
    return " ".join(part for part in parts if part) or None


def _day(text: str) -> date | None:
    # OpenID Connect allows a year alone, and a year left out: neither is a birth date.
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _method(amr: object) -> str:
    first = next(iter(amr), None) if isinstance(amr, list) else amr
    return plain_code(first if isinstance(first, str) else None) or "unknown"
