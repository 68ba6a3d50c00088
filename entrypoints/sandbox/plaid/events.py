"""Plaid's webhooks: a pretty-printed body and an ES256 signature over its hash."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.changes import news
from entrypoints.sandbox.life.calendar import instant
from entrypoints.sandbox.plaid.errors import login_required_object
from entrypoints.sandbox.webhooks import Letter

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
COORDINATE_BYTES = 32


@dataclass(frozen=True)
class WebhookKey:
    """The key behind Plaid-Verification. It follows from the seed, so restarts keep it."""

    private: ec.EllipticCurvePrivateKey

    @classmethod
    def of(cls, bank: Bank) -> "WebhookKey":
        scalar = int.from_bytes(bank.signer.derive("plaid-webhook-key")) % (P256_ORDER - 1) + 1
        return cls(ec.derive_private_key(scalar, ec.SECP256R1()))

    @cached_property
    def jwk(self) -> dict[str, object]:
        numbers = self.private.public_key().public_numbers()
        x, y = (_b64(n.to_bytes(COORDINATE_BYTES)) for n in (numbers.x, numbers.y))
        kid = sha256(x.encode()).hexdigest()[:32]
        key: dict[str, object] = {"alg": "ES256", "crv": "P-256", "kid": kid, "kty": "EC"}
        return key | {"use": "sig", "x": x, "y": y, "created_at": 1560466150, "expired_at": None}

    def sign(self, body: bytes, at_s: int) -> str:
        """The compact JWS for a body sent at that time."""
        header = {"alg": "ES256", "kid": self.jwk["kid"], "typ": "JWT"}
        claims = {"iat": at_s, "request_body_sha256": sha256(body).hexdigest()}
        signed = ".".join(_b64(msgspec.json.encode(part)) for part in (header, claims))
        der = self.private.sign(signed.encode(), ec.ECDSA(SHA256()))
        raw = b"".join(n.to_bytes(COORDINATE_BYTES) for n in decode_dss_signature(der))
        return f"{signed}.{_b64(raw)}"


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class PlaidEvents:
    bank: Bank
    key: WebhookKey

    def letter(self, item_id: str, kind: str, code: str, more: dict[str, object]) -> list[Letter]:
        """The webhook, if the Item has an address for it."""
        item = self.bank.state.items.get(item_id)
        if item is None or not item.webhook or item.removed:
            return []
        content = {"environment": "sandbox", "item_id": item_id}
        content |= {"webhook_code": code, "webhook_type": kind}
        # Pretty-printed, as the real ones are: who re-serialises it cannot verify it.
        body = json.dumps(content | more, indent=2).encode()
        signature = self.key.sign(body, self.bank.real_ms() // 1000)
        return [Letter(item.webhook, code, body, {"plaid-verification": signature})]

    def item(self, item_id: str, code: str, more: dict[str, object]) -> list[Letter]:
        return self.letter(item_id, "ITEM", code, {"error": None} | more)

    def sync_available(self, item_id: str) -> list[Letter]:
        done: dict[str, object] = {
            "initial_update_complete": True,
            "historical_update_complete": True,
        }
        return self.letter(item_id, "TRANSACTIONS", "SYNC_UPDATES_AVAILABLE", done)

    def login_required(self, item_id: str) -> list[Letter]:
        error = login_required_object() | {"status": 400}
        return self.item(item_id, "ERROR", {"error": error})

    def pending_expiration(self, item_id: str) -> list[Letter]:
        expires = instant(self.bank.state.items[item_id].consent_expiry_ms)
        return self.item(item_id, "PENDING_EXPIRATION", {"consent_expiration_time": expires})

    def data_changed(self, item_id: str, since: int) -> list[Letter]:
        item = self.bank.state.items[item_id]
        return self.sync_available(item_id) if news(self.bank.history(item.person), since) else []
