"""Providers that send webhooks, with their real signatures."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from joserfc import jws
from joserfc.jwk import ECKey
from typing_extensions import override

from adapters.plaid.webhook import PlaidWebhooks
from adapters.plaid.webhook_keys import VerificationKeys
from adapters.tink.webhook import TinkWebhooks
from application.connections.webhook_ports import AllWebhooks, WebhookMeter
from application.shared.clock import Clock
from domain.connections.errors_webhooks import WebhookForgedError, WebhookKeysAwayError
from domain.connections.provider import Provider
from domain.shared.network import UNKNOWN
from domain.shared.secret import Secret

SECRET: Final = Secret("what Tink showed once")
KID: Final = "k-1"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a provider posts."""

    provider: Provider
    body: bytes
    headers: Mapping[str, str]

    @property
    def signature(self) -> str:
        return next(iter(self.headers.values()))


def written(content: object) -> bytes:
    """As Plaid writes it: whoever writes it again has other bytes."""
    return content if isinstance(content, bytes) else json.dumps(content, indent=2).encode()


@dataclass(slots=True)
class Keys(VerificationKeys):
    """Plaid's, which can be out of reach."""

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    away: bool = False

    @override
    async def get(self, kid: str, network: str = UNKNOWN) -> ECKey:
        if self.away:
            raise WebhookKeysAwayError
        if kid != KID:
            raise WebhookForgedError
        return self.key


@dataclass(slots=True)
class Senders:
    """Tink and Plaid, by the clock that the tests move."""

    clock: Clock
    keys: Keys = field(default_factory=Keys)

    def webhooks(self) -> AllWebhooks:
        return AllWebhooks(
            {
                Provider.TINK: TinkWebhooks(lambda: (SECRET,), self.clock),
                Provider.PLAID: PlaidWebhooks(self.keys, self.clock),
            }
        )

    def tink_sends(self, content: object, secret: Secret = SECRET) -> Letter:
        body = written(content)
        at = int(self.clock.now().timestamp())
        mac = hmac.new(secret.reveal().encode(), f"{at}.".encode() + body, sha256).hexdigest()
        return Letter(Provider.TINK, body, {"X-Tink-Signature": f"t={at},v1={mac}"})

    def plaid_sends(self, content: object, kid: str = KID) -> Letter:
        body = written(content)
        claims = {
            "iat": int(self.clock.now().timestamp()),
            "request_body_sha256": sha256(body).hexdigest(),
        }
        header = {"alg": "ES256", "kid": kid, "typ": "JWT"}
        token = jws.serialize_compact(
            header, json.dumps(claims), self.keys.key, algorithms=["ES256"]
        )
        return Letter(Provider.PLAID, body, {"Plaid-Verification": token})


@dataclass(slots=True)
class CountedVerdicts(WebhookMeter):
    verdicts: list[tuple[str, str]] = field(default_factory=list)

    @override
    def count(self, provider: Provider, verdict: str) -> None:
        self.verdicts.append((str(provider), str(verdict)))


def of_plaid(code: str, item: str = "login-1", kind: str = "ITEM", **more: object) -> object:
    return {"webhook_type": kind, "webhook_code": code, "item_id": item, **more}


def sync_available(item: str = "login-1", *, whole: bool = True) -> object:
    return of_plaid(
        "SYNC_UPDATES_AVAILABLE",
        item,
        "TRANSACTIONS",
        initial_update_complete=True,
        historical_update_complete=whole,
    )


def refreshed(link: str = "login-1", status: str = "UPDATED", **more: object) -> object:
    content = {"credentialsId": link, "credentialsStatus": status, **more}
    return {"context": {"userId": "u"}, "content": content, "event": "refresh:finished"}


def of_tink(event: str, person: str, **content: Any) -> object:  # noqa: ANN401 - JSON
    return {"context": {"externalUserId": person}, "content": content, "event": event}
