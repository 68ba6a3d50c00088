"""Items: what an access token opens, and the ways it closes."""

import secrets
from dataclasses import dataclass
from typing import Any

import msgspec

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.life.calendar import instant
from entrypoints.sandbox.plaid import fields, rows
from entrypoints.sandbox.plaid.errors import (
    invalid_access_token,
    login_required,
    login_required_object,
    refusal,
)
from entrypoints.sandbox.plaid.events import PlaidEvents
from entrypoints.sandbox.plaid.fields import Body
from entrypoints.sandbox.state import Item
from entrypoints.sandbox.tokens import fingerprint
from entrypoints.sandbox.web import Reply, json_reply

DAY_MS = 86_400_000
CONSENT_DAYS = 180
PUBLIC_TOKEN_MS = 30 * 60_000
INSTITUTION = "ins_sandbox_fjord"
INSTITUTIONS = {INSTITUTION: "Fjord Sparebank"}


@dataclass(frozen=True, slots=True)
class PlaidItems:
    bank: Bank
    events: PlaidEvents

    def routes(self) -> dict[str, Any]:
        return {
            "/item/public_token/exchange": self.exchange,
            "/item/get": self.get,
            "/item/remove": self.remove,
            "/item/access_token/invalidate": self.rotate,
            "/item/webhook/update": self.update_webhook,
            "/accounts/get": self.accounts,
            "/accounts/balance/get": self.accounts,
        }

    def public_token(
        self, person: str, webhook: str, days: int, client_user_id: str, institution: str
    ) -> str:
        """Good for half an hour and one exchange."""
        claims = {"p": person, "w": webhook, "d": days, "c": client_user_id, "i": institution}
        claims |= {"n": secrets.token_hex(8), "exp": self.bank.real_ms() + PUBLIC_TOKEN_MS}
        return f"public-sandbox-{self.bank.signer.write('plaid-public', claims)}"

    async def exchange(self, body: Body) -> Reply:
        token = fields.text(body, "public_token").removeprefix("public-sandbox-")
        claims = self.bank.signer.read("plaid-public", token)
        good = claims is not None and self.bank.real_ms() < claims["exp"]
        if claims is None or not good or not self.bank.spend(claims["n"], claims["exp"]):
            message = "provided public token is expired, unknown or already used"
            raise refusal("INVALID_INPUT", "INVALID_PUBLIC_TOKEN", message)
        item_id, access_token, now = _fresh_id(), _fresh_token(), self.bank.now_ms()
        self.bank.state.items[item_id] = Item(
            person=claims["p"],
            token_hash=fingerprint(access_token),
            webhook=claims["w"],
            days_requested=claims["d"],
            created_ms=now,
            consent_expiry_ms=now + CONSENT_DAYS * DAY_MS,
            institution=claims["i"],
            client_user_id=claims["c"],
        )
        self.bank.store.save()
        self.bank.postman.post(self.events.sync_available(item_id))
        return json_reply({"access_token": access_token, "item_id": item_id})

    async def get(self, body: Body) -> Reply:
        item_id, item = self.find(body)
        moment = instant(self.bank.now_ms())
        transactions = {"last_successful_update": moment, "last_failed_update": None}
        status = {"transactions": transactions, "last_webhook": None}
        return json_reply({"item": self.shown(item_id, item), "status": status})

    async def remove(self, body: Body) -> Reply:
        _, item = self.find(body)
        item.removed = True
        self.bank.store.save()
        return json_reply({})

    async def rotate(self, body: Body) -> Reply:
        _, item = self.find(body)
        access_token = _fresh_token()
        item.token_hash = fingerprint(access_token)
        self.bank.store.save()
        return json_reply({"new_access_token": access_token})

    async def update_webhook(self, body: Body) -> Reply:
        item_id, item = self.find(body)
        item.webhook = fields.address(body, "webhook")
        self.bank.store.save()
        self.bank.postman.post(self.events.item(item_id, "WEBHOOK_UPDATE_ACKNOWLEDGED", {}))
        return json_reply({"item": self.shown(item_id, item)})

    async def accounts(self, body: Body) -> Reply:
        item_id, item = self.find(body)
        self.ensure_logged_in(item)
        found = self.listed(item_id, item)
        wanted = fields.texts(fields.part(body, "options"), "account_ids")
        if wanted:
            if set(wanted) - {one["account_id"] for one in found}:
                message = "failed to find requested account ID for requested item"
                raise refusal("INVALID_INPUT", "INVALID_ACCOUNT_ID", message)
            found = [one for one in found if one["account_id"] in wanted]
        return json_reply({"accounts": found, "item": self.shown(item_id, item)})

    def find(self, body: Body) -> tuple[str, Item]:
        """The Item that the request's access_token opens."""
        token_hash = fingerprint(fields.text(body, "access_token"))
        for item_id, item in self.bank.state.items.items():
            if item.token_hash == token_hash:
                if item.removed:
                    message = "the Item you requested cannot be found"
                    raise refusal("ITEM_ERROR", "ITEM_NOT_FOUND", message)
                return item_id, item
        raise invalid_access_token()

    def ensure_logged_in(self, item: Item) -> None:
        if self.needs_login(item):
            raise login_required()
        if not self.bank.person(item.person).accounts:
            message = "no valid accounts exist for this item"
            raise refusal("ITEM_ERROR", "NO_ACCOUNTS", message)

    def needs_login(self, item: Item) -> bool:
        return item.needs_login or self.bank.now_ms() >= item.consent_expiry_ms

    def repair(self, item: Item) -> None:
        item.needs_login = False
        item.consent_expiry_ms = self.bank.now_ms() + CONSENT_DAYS * DAY_MS
        self.bank.store.save()

    def listed(self, item_id: str, item: Item) -> list[dict[str, object]]:
        names = self.bank.signer.names("plaid", item.holder(item_id), item.person)
        now = self.bank.now_ms()
        found = self.bank.history(item.person).accounts
        physical = self.bank.signer.names("bank", "", item.person)
        return [
            rows.account(one, index, names, physical=physical, now_ms=now)
            for index, one in enumerate(found)
        ]

    def listed_json(self, item_id: str, item: Item) -> str:
        return msgspec.json.encode(self.listed(item_id, item)).decode()

    def shown(self, item_id: str, item: Item) -> dict[str, object]:
        return {
            "item_id": item_id,
            "institution_id": item.institution,
            "institution_name": INSTITUTIONS.get(item.institution, "Sandbox Bank"),
            "webhook": item.webhook or None,
            "error": login_required_object() if self.needs_login(item) else None,
            "available_products": ["balance"],
            "billed_products": ["transactions"],
            "products": ["transactions"],
            "consent_expiration_time": instant(item.consent_expiry_ms),
            "update_type": "background",
        }


def _fresh_id() -> str:
    return secrets.token_urlsafe(27).replace("-", "B").replace("_", "z")


def _fresh_token() -> str:
    return f"access-sandbox-{secrets.token_hex(16)}"
