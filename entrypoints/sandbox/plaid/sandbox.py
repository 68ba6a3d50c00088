"""Plaid's own /sandbox endpoints, which its real sandbox has too."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from entrypoints.sandbox.bank import Bank, UnknownPersonError
from entrypoints.sandbox.plaid import fields
from entrypoints.sandbox.plaid.errors import invalid_field, missing, refusal
from entrypoints.sandbox.plaid.events import PlaidEvents
from entrypoints.sandbox.plaid.feed import DAYS_MAX
from entrypoints.sandbox.plaid.fields import Body
from entrypoints.sandbox.plaid.items import PlaidItems
from entrypoints.sandbox.plaid.link import DAYS
from entrypoints.sandbox.state import OwnEntry
from entrypoints.sandbox.web import Reply, json_reply

DYNAMIC_USER = "user_transactions_dynamic"
ENTRIES_MAX, DAYS_BACK_MAX, AMOUNT_MAX = 10, 14, 10_000_000
ITEM_CODES = fields.words(
    "NEW_ACCOUNTS_AVAILABLE USER_PERMISSION_REVOKED USER_ACCOUNT_REVOKED "
    "PENDING_DISCONNECT LOGIN_REPAIRED ERROR PENDING_EXPIRATION "
    "WEBHOOK_UPDATE_ACKNOWLEDGED"
)
TRANSACTION_CODES = fields.words(
    "DEFAULT_UPDATE RECURRING_TRANSACTIONS_UPDATE SYNC_UPDATES_AVAILABLE"
)


@dataclass(frozen=True, slots=True)
class PlaidSandbox:
    bank: Bank
    items: PlaidItems
    events: PlaidEvents

    def routes(self) -> dict[str, Any]:
        return {
            "/sandbox/public_token/create": self.public_token,
            "/sandbox/item/fire_webhook": self.fire_webhook,
            "/sandbox/item/reset_login": self.reset_login,
            "/sandbox/transactions/create": self.create_transactions,
        }

    async def public_token(self, body: Body) -> Reply:
        institution = fields.text(body, "institution_id")
        if not fields.texts(body, "initial_products"):
            raise missing("initial_products")
        options = fields.part(body, "options")
        username = fields.text(options, "override_username", "user_good")
        try:
            self.bank.person(username)
        except UnknownPersonError:
            raise refusal("INVALID_INPUT", "INVALID_CREDENTIALS", "no such test user") from None
        asked = fields.part(options, "transactions")
        days = fields.integer(asked, "days_requested", DAYS, 1, DAYS_MAX)
        webhook = fields.address(options, "webhook")
        token = self.items.public_token(username, webhook, days, "", institution)
        return json_reply({"public_token": token})

    async def fire_webhook(self, body: Body) -> Reply:
        item_id, item = self.items.find(body)
        code = fields.text(body, "webhook_code")
        if not item.webhook:
            message = "the Item has no webhook"
            raise refusal("SANDBOX_ERROR", "SANDBOX_WEBHOOK_INVALID", message)
        if (letters := self.letters(item_id, code)) is None:
            message = "webhook_code is not one that can be fired"
            raise refusal("SANDBOX_ERROR", "SANDBOX_WEBHOOK_INVALID", message)
        self.bank.postman.post(letters)
        return json_reply({"webhook_fired": True})

    def letters(self, item_id: str, code: str) -> list[Any] | None:
        """The webhook of that code for the Item; None for a code that has none."""
        if code == "SYNC_UPDATES_AVAILABLE":
            return self.events.sync_available(item_id)
        if code == "ERROR":
            return self.events.login_required(item_id)
        if code == "PENDING_EXPIRATION":
            return self.events.pending_expiration(item_id)
        if code in TRANSACTION_CODES:
            return self.events.letter(item_id, "TRANSACTIONS", code, {"error": None})
        return self.events.item(item_id, code, {}) if code in ITEM_CODES else None

    async def reset_login(self, body: Body) -> Reply:
        item_id, item = self.items.find(body)
        item.needs_login = True
        self.bank.store.save()
        self.bank.postman.post(self.events.login_required(item_id))
        return json_reply({"reset_login": True})

    async def create_transactions(self, body: Body) -> Reply:
        item_id, item = self.items.find(body)
        if item.person != DYNAMIC_USER:
            message = f"only for Items of {DYNAMIC_USER}"
            raise refusal("SANDBOX_ERROR", "SANDBOX_PRODUCT_NOT_ENABLED", message)
        wanted = body.get("transactions")
        if not isinstance(wanted, list) or not 1 <= len(wanted) <= ENTRIES_MAX:
            raise invalid_field(f"transactions must hold 1 to {ENTRIES_MAX} entries")
        entries = [self._entry(one) for one in wanted]
        since = len(self.bank.history(item.person).log)
        for entry in entries:
            self.bank.order(item.person, entry)
        self.bank.postman.post(self.events.data_changed(item_id, since))
        return json_reply({})

    def _entry(self, wanted: object) -> OwnEntry:
        if not isinstance(wanted, dict):
            raise invalid_field("a transaction must be an object")
        amount = wanted.get("amount")
        number = isinstance(amount, int | float) and not isinstance(amount, bool)
        if not isinstance(amount, int | float) or not number or not math.isfinite(amount):
            raise invalid_field("amount must be a number")
        if abs(amount) > AMOUNT_MAX:
            raise invalid_field("amount is too large")
        if wanted.get("iso_currency_code", "NOK") != "NOK":
            raise invalid_field("iso_currency_code must be that of the account")
        return OwnEntry(
            at_ms=0,
            number=0,
            account=0,
            minor=-round(amount * 100),
            text=fields.text(wanted, "description"),
            booked_on=self._day(wanted, "date_posted"),
            happened_on=self._day(wanted, "date_transacted"),
        )

    def _day(self, wanted: dict[str, Any], name: str) -> str:
        today = self.bank.today()
        try:
            day = date.fromisoformat(fields.text(wanted, name))
        except ValueError:
            raise invalid_field(f"{name} must be a date") from None
        if not today - timedelta(days=DAYS_BACK_MAX) <= day <= today:
            raise invalid_field(f"{name} must lie within the last {DAYS_BACK_MAX} days")
        return str(day)
