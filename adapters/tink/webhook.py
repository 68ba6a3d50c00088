"""Tink's webhooks: proven by a shared secret, and put into our words."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from typing_extensions import override

from adapters.tink.webhook_events import told_by
from application.connections.webhook_ports import Webhooks
from application.shared.clock import Clock
from domain.connections.errors_webhooks import (
    WebhookForgedError,
    WebhookNotSetUpError,
    WebhookOutOfTimeError,
    WebhookUnsignedError,
)
from domain.connections.webhook import Told
from domain.shared.network import UNKNOWN
from domain.shared.secret import Secret

HEADER: Final = "X-Tink-Signature"
SETTING: Final = "DALER_TINK_WEBHOOK_SECRET"
TOLERANCE: Final = timedelta(minutes=5)
"""Tink asks for at least as much."""
_HEADER_MAX: Final = 1024
_DIGITS_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class TinkWebhooks(Webhooks):
    secrets: Callable[[], Sequence[Secret]]
    """Those of our endpoints at Tink, as they are now; any of them may have signed."""
    clock: Clock

    @override
    async def verify(self, signature: str | None, body: bytes, network: str = UNKNOWN) -> None:
        secrets = self.secrets()
        if not secrets:
            raise WebhookNotSetUpError(SETTING)
        if not signature:
            raise WebhookUnsignedError(HEADER)
        at, claimed = _parts(signature)
        signed = at.encode() + b"." + body
        right = False
        for secret in secrets:
            mac = hmac.new(secret.reveal().encode(), signed, hashlib.sha256).hexdigest()
            for one in claimed:
                right |= hmac.compare_digest(mac.encode(), one.encode())
        if not right:
            raise WebhookForgedError
        if abs(self.clock.now().timestamp() - int(at)) > TOLERANCE.total_seconds():
            raise WebhookOutOfTimeError

    @override
    def understand(self, body: bytes) -> Told:
        return told_by(body)


def _parts(signature: str) -> tuple[str, list[str]]:
    """The time and every `v1` of `t=...,v1=...`; other keys are passed over.

    Raises:
        WebhookForgedError: it is not of this form.
    """
    if len(signature) > _HEADER_MAX:
        raise WebhookForgedError
    times, claimed = [], []
    for part in signature.split(","):
        name, _, value = part.strip().partition("=")
        if name == "t":
            times.append(value)
        elif name == "v1":
            claimed.append(value)
    # Exactly as it was sent: the text of the time is part of what is signed.
    if len(times) != 1 or not claimed:
        raise WebhookForgedError
    if not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= _DIGITS_MAX):
        raise WebhookForgedError
    return times[0], claimed
