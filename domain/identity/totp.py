"""One-time codes from a shared secret and the time (RFC 6238, upon the HOTP of RFC 4226).

SHA-1, six digits and half minutes are what every authenticator app understands. The hash is used
as a keyed function, for which SHA-1 is as good as ever.
"""

import hmac
import re
from base64 import b32decode, b32encode
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, NewType, Self
from urllib.parse import quote, urlencode
from uuid import UUID

from domain.identity.errors_factors import CodeWrongError, TotpNotBegunError
from domain.shared.errors import FieldProblem, InvalidFieldsError
from domain.shared.ids import UserId
from domain.shared.secret import Secret

ISSUER: Final = "Daler"
STEP_S: Final = 30
DIGITS: Final = 6
DRIFT: Final = 1
"""How many steps a phone's clock may be off, either way."""
SECRET_BYTES: Final = 20
"""As RFC 4226 recommends: the length of what SHA-1 gives."""
SETUP: Final = timedelta(minutes=15)
"""For so long a setup waits for its first code."""
_CODE: Final = re.compile(rf"[0-9]{{{DIGITS}}}")  # not \d: that takes the digits of every script

TotpId = NewType("TotpId", UUID)


def read_code(typed: Secret) -> Secret:
    """Six digits, without the blanks that apps show and people type.

    Raises:
        InvalidFieldsError: it cannot be a code; that is no guess, and costs no try.
    """
    text = typed.reveal().replace(" ", "")
    if not _CODE.fullmatch(text):
        said = f"type the {DIGITS} digits that your authenticator app shows"
        raise InvalidFieldsError(FieldProblem("code", "not_a_code", said))
    return Secret(text)


def step_of(now: datetime) -> int:
    return int(now.timestamp()) // STEP_S


def code_at(key: bytes, step: int, digits: int = DIGITS) -> str:
    """RFC 4226, 5.3: four bytes of the digest, at a place that its last half byte names."""
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Totp:
    """An authenticator app's half of a person's second factor, as we keep it."""

    user_id: UserId
    id: TotpId
    secret: Secret = field(repr=False)
    """In base32, as apps take it."""
    begun_at: datetime
    confirmed_at: datetime | None = None
    last_step: int = 0
    """The time step of the last code taken; no code of it or of an earlier one is taken again."""

    @classmethod
    def begin(cls, totp_id: TotpId, user_id: UserId, token: Secret, now: datetime) -> Self:
        """`token` is 256 bits of chance, of which the secret takes 160."""
        key = sha256(token.reveal().encode()).digest()[:SECRET_BYTES]
        return cls(
            user_id=user_id, id=totp_id, secret=Secret(b32encode(key).decode()), begun_at=now
        )

    @property
    def on(self) -> bool:
        """Whether it is a second factor; a setup that waits for its first code is none."""
        return self.confirmed_at is not None

    def spend(self, code: Secret, now: datetime) -> Self:
        """The state after taking `code`, which it takes once.

        Raises:
            CodeWrongError
        """
        key = b32decode(self.secret.reveal())
        typed = code.reveal().encode()
        here = step_of(now)
        # Every step is compared, so that the time taken says nothing about which one it was.
        right = [
            step
            for step in range(here - DRIFT, here + DRIFT + 1)
            if hmac.compare_digest(code_at(key, step).encode(), typed)
        ]
        if not right or right[-1] <= self.last_step:
            raise CodeWrongError
        return replace(self, last_step=right[-1])

    def confirm(self, code: Secret, now: datetime) -> Self:
        """On from now: the first code shows that the app has got the secret.

        Raises:
            TotpNotBegunError: it is on already, or waited too long.
            CodeWrongError
        """
        if self.on or now - self.begun_at > SETUP:
            raise TotpNotBegunError
        return replace(self.spend(code, now), confirmed_at=now)

    def address(self, account: str) -> Secret:
        """What the QR code says: an otpauth address (Google's key URI format)."""
        label = f"{quote(ISSUER)}:{quote(account, safe='')}"
        facts = urlencode({"secret": self.secret.reveal(), "issuer": ISSUER}, quote_via=quote)
        return Secret(f"otpauth://totp/{label}?{facts}")
