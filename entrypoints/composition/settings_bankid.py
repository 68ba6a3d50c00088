"""BankID, and whether people still get in with passwords: settings that go together."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from adapters.bankid.settings import (
    ALGORITHMS,
    HIGH,
    SCOPES,
    BankIdSettings,
    ClaimNames,
    Userinfo,
)
from adapters.outbound.address import base_address
from application.identity.bankid.ports import BankIdRules
from domain.identity.national_number import NumberKind
from domain.shared.secret import Secret
from entrypoints.composition import settings_values as values
from entrypoints.composition.settings_source import SettingsSource

REQUIRED = ("DALER_BANKID_ISSUER", "DALER_BANKID_CLIENT_ID", "DALER_BANKID_CLIENT_SECRET")
CALLBACK = "/api/v1/auth/bankid/callback"
_CLAIM = r"[A-Za-z][A-Za-z0-9_.:/-]{0,127}"


@dataclass(frozen=True, slots=True)
class BankIdSetup:
    """What the settings say of BankID."""

    issuer: BankIdSettings | None
    """None: not offered."""
    rules: BankIdRules


def bankid(source: SettingsSource, public_url: str) -> BankIdSetup:
    passwords = source.read("DALER_PASSWORD_LOGIN", values.one_of("on", "off"), "on") == "on"
    numbers = source.read("DALER_BANKID_NUMBERS", number_kinds, frozenset({NumberKind.REAL}))
    issuer = _issuer(source, public_url)
    if not passwords and issuer is None:
        source.refuse(
            "DALER_PASSWORD_LOGIN is off and BankID is not set up, so nobody could get in: set"
            f" {', '.join(REQUIRED)}, or leave passwords on"
        )
    return BankIdSetup(issuer, BankIdRules(numbers, passwords))


def _issuer(source: SettingsSource, public_url: str) -> BankIdSettings | None:
    issuer = source.optional("DALER_BANKID_ISSUER", issuer_address)
    client_id = source.optional(
        "DALER_BANKID_CLIENT_ID", values.shaped(r"[\x21-\x7e]{1,200}", "as the issuer gave it")
    )
    secret = source.optional("DALER_BANKID_CLIENT_SECRET", values.provider_secret)
    missing = [name for name in REQUIRED if source.text(name) is None]
    if 0 < len(missing) < len(REQUIRED):
        source.refuse(f"{' and '.join(missing)} missing for BankID: set all three, or none")
    max_age_s = source.read("DALER_BANKID_MAX_AGE_S", values.whole(0, 86_400), 600)
    settings = BankIdSettings(
        issuer=issuer or "",
        client_id=client_id or "",
        client_secret=secret or Secret(""),
        redirect_uri=source.read(
            "DALER_BANKID_REDIRECT_URL", values.web_address, public_url + CALLBACK
        ),
        scopes=source.read("DALER_BANKID_SCOPES", scopes, SCOPES),
        locale=source.read("DALER_BANKID_LOCALE", values.shaped("[a-z]{2}", "nb"), "nb"),
        algorithms=source.read("DALER_BANKID_ALGS", algorithms, frozenset(("RS256",))),
        acr_high=frozenset(source.optional("DALER_BANKID_ACR_HIGH", acrs) or HIGH),
        acr_substantial=frozenset(source.optional("DALER_BANKID_ACR_SUBSTANTIAL", acrs) or ()),
        acr_values=source.optional("DALER_BANKID_ACR_VALUES", acrs) or (),
        max_age_s=max_age_s or None,
        userinfo=Userinfo(source.read("DALER_BANKID_USERINFO", values.one_of(*Userinfo), "signed")),
        claims=_claim_names(source),
    )
    return settings if issuer and client_id and secret else None


def _claim_names(source: SettingsSource) -> ClaimNames:
    usual, read = ClaimNames(), listed(_CLAIM, "nnin_altsub,nnin")
    return ClaimNames(
        number=source.read("DALER_BANKID_NUMBER_CLAIMS", read, usual.number),
        birth_date=source.read("DALER_BANKID_BIRTH_DATE_CLAIMS", read, usual.birth_date),
        name=source.read("DALER_BANKID_NAME_CLAIMS", read, usual.name),
        stable=source.read("DALER_BANKID_STABLE_CLAIMS", read, usual.stable),
    )


def issuer_address(text: str) -> str:
    """Letter by letter: a slash at its end is part of it."""
    try:
        base_address(text)
    except ValueError as error:
        raise ValueError(f"cannot be called: {error}") from None
    if len(text) > 255:  # noqa: PLR2004 - OpenID Connect's own longest subject, and ours for issuers
        raise ValueError("is longer than 255 characters")
    return text


def scopes(text: str) -> tuple[str, ...]:
    found = tuple(text.split())
    if "openid" not in found or not all(
        re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", s) for s in found
    ):
        raise ValueError("is no list of scopes with openid: write it like openid profile")
    return found


def algorithms(text: str) -> frozenset[str]:
    found = frozenset(part.strip() for part in text.split(","))
    if not found <= ALGORITHMS:
        # HS256 would make our secret the key, and `none` needs no key at all.
        raise ValueError(f"is {text!r}: write some of {', '.join(sorted(ALGORITHMS))}")
    return found


def number_kinds(text: str) -> frozenset[NumberKind]:
    try:
        return frozenset(NumberKind(part.strip()) for part in text.split(","))
    except ValueError:
        raise ValueError(f"is {text!r}: write some of {', '.join(NumberKind)}") from None


def listed(pattern: str, example: str) -> Callable[[str], tuple[str, ...]]:
    """Parts between commas, each of this shape."""

    def parse(text: str) -> tuple[str, ...]:
        found = tuple(part.strip() for part in text.split(","))
        if not all(re.fullmatch(pattern, part) for part in found):
            raise ValueError(f"is {text!r}: write it like {example}")
        return found

    return parse


def acrs(text: str) -> tuple[str, ...]:
    return listed(r"[\x21-\x2b\x2d-\x7e]{1,255}", "urn:bankid:bid;LOA=4,idporten-loa-high")(text)
