"""Plaid's webhooks: a JWT over the body's hash, by a key that Plaid gives out."""

import hashlib
import hmac
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from typing_extensions import override

from adapters.plaid.webhook_events import told_by
from adapters.plaid.webhook_keys import VerificationKeys
from application.connections.webhook_ports import Webhooks
from application.shared.clock import Clock
from domain.connections.errors_webhooks import (
    WebhookForgedError,
    WebhookOutOfTimeError,
    WebhookUnsignedError,
)
from domain.connections.webhook import Told
from domain.shared.network import UNKNOWN

HEADER: Final = "Plaid-Verification"
ALGORITHM: Final = "ES256"
OLDEST: Final = timedelta(minutes=5)
AHEAD: Final = timedelta(minutes=1)
"""How far Plaid's clock may run before ours."""
_TOKEN_MAX: Final = 4096
_KID_MAX: Final = 200
_PARTS: Final = 3
_LATEST: Final = 2**40
"""Seconds since 1970: a number of any length could not be reckoned with."""


class Header(msgspec.Struct, frozen=True):
    alg: str
    kid: str


class Claims(msgspec.Struct, frozen=True):
    iat: Annotated[int, msgspec.Meta(ge=0, le=_LATEST)]
    request_body_sha256: str


_STUMBLES: Final = (ValueError, TypeError, OverflowError, AttributeError, LookupError)
"""What the library lets through of a header whose known names hold something unheard of."""

_header = msgspec.json.Decoder(Header)
_claims = msgspec.json.Decoder(Claims)


@dataclass(frozen=True, slots=True)
class PlaidWebhooks(Webhooks):
    keys: VerificationKeys
    clock: Clock

    @override
    async def verify(self, signature: str | None, body: bytes, network: str = UNKNOWN) -> None:
        if not signature:
            raise WebhookUnsignedError(HEADER)
        header, claims = _read(signature)
        # What costs nothing comes first: a key is only fetched for what could be true.
        if header.alg != ALGORITHM or not 0 < len(header.kid) <= _KID_MAX:
            raise WebhookForgedError
        found = hashlib.sha256(body).hexdigest()
        if not hmac.compare_digest(found.encode(), claims.request_body_sha256.encode()):
            raise WebhookForgedError
        age_s = self.clock.now().timestamp() - claims.iat
        if not -AHEAD.total_seconds() <= age_s <= OLDEST.total_seconds():
            raise WebhookOutOfTimeError
        key = await self.keys.get(header.kid, network)
        try:
            jws.deserialize_compact(signature, key, algorithms=[ALGORITHM])
        except (JoseError, *_STUMBLES) as error:
            raise WebhookForgedError from error

    @override
    def understand(self, body: bytes) -> Told:
        return told_by(body)


def _read(signature: str) -> tuple[Header, Claims]:
    """What the token says of itself, believed by nobody yet. Raises WebhookForgedError."""
    parts = signature.split(".")
    if len(signature) > _TOKEN_MAX or not signature.isascii() or len(parts) != _PARTS:
        raise WebhookForgedError
    try:
        return _header.decode(_unpacked(parts[0])), _claims.decode(_unpacked(parts[1]))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise WebhookForgedError from error


def _unpacked(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
