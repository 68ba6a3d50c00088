"""One try to get in through BankID, from leaving for it to coming back in the same browser.

Only digests are kept: neither state, nonce nor the browser's secret can be read back, and the
PKCE verifier is worked out from the browser's secret, which comes back as a cookie.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Self

from domain.identity.errors_bankid import (
    BankIdStateExpiredError,
    BankIdStateInvalidError,
    BankIdStateUsedError,
)
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret

ATTEMPT_LIFE: Final = timedelta(minutes=10)
_VERIFIER: Final = b"daler.bankid.pkce-verifier.1"


def digest(secret: Secret) -> bytes:
    """What is kept of 256 random bits; they need no salt."""
    return sha256(secret.reveal().encode(errors="replace")).digest()


def is_digest_of(kept: bytes, secret: Secret) -> bool:
    """In constant time."""
    return hmac.compare_digest(kept, digest(secret))


def verifier_of(browser: Secret) -> Secret:
    """The PKCE code verifier (RFC 7636, 4.1): nobody without the browser's secret can know it."""
    return Secret(_text(hmac.digest(browser.reveal().encode(), _VERIFIER, "sha256")))


def challenge_of(verifier: Secret) -> str:
    """S256 (RFC 7636, 4.2)."""
    return _text(digest(verifier))


@dataclass(frozen=True, slots=True)
class Linking:
    """Whose account the BankID is to open, and the session that asked for it."""

    user_id: UserId
    session_id: SessionId


@dataclass(frozen=True, slots=True, kw_only=True)
class BankIdAttempt:
    state: bytes = field(repr=False)
    """Digests, all three."""
    browser: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    links: Linking | None = None
    """None: somebody signs in."""
    cookies: bool = False
    """Whether the session is wanted in cookies."""
    used_at: datetime | None = None

    @classmethod
    def begin(
        cls,
        state: Secret,
        browser: Secret,
        nonce: Secret,
        now: datetime,
        *,
        links: Linking | None,
        cookies: bool,
    ) -> Self:
        return cls(
            state=digest(state),
            browser=digest(browser),
            nonce=digest(nonce),
            issued_at=now,
            expires_at=now + ATTEMPT_LIFE,
            links=links,
            cookies=cookies,
        )

    def came_back(self, browser: Secret, now: datetime) -> Self:
        """Used up from now on, whatever comes of it.

        Raises:
            BankIdStateInvalidError, BankIdStateUsedError, BankIdStateExpiredError: nothing changes.
        """
        if not is_digest_of(self.browser, browser):
            raise BankIdStateInvalidError
        if self.used_at is not None:
            raise BankIdStateUsedError
        if now >= self.expires_at:
            raise BankIdStateExpiredError
        return replace(self, used_at=now)


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
