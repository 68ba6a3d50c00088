"""Making things happen at the bank, and who has to be told about them."""

from collections.abc import Iterable
from dataclasses import dataclass

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.orders import EntryOrder, FireOrder, refusal
from entrypoints.sandbox.plaid.api import Plaid
from entrypoints.sandbox.state import OwnEntry
from entrypoints.sandbox.tink.api import Tink
from entrypoints.sandbox.tink.consents import EXPIRED, FAILED
from entrypoints.sandbox.webhooks import Letter

HOUR_MS = 3_600_000
WARNING_MS = 7 * 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Clockwork:
    bank: Bank
    tink: Tink
    plaid: Plaid

    def advance(self, by_ms: int) -> tuple[int, list[Letter]]:
        """Move the bank's clock. How many changes that brought, and the letters about them."""
        before = self._marks({*self._tink_people(), *self._plaid_people()})
        before_ms = self.bank.now_ms()
        self.bank.state.offset_ms += by_ms
        self.bank.store.save()
        changes = sum(len(self.bank.history(who).log) - mark for who, mark in before.items())
        return changes, self._changed(before) + self._ended(before_ms)

    def order_entries(self, username: str, order: EntryOrder) -> list[Letter]:
        before = self._marks({username})
        if order.account >= len(self.bank.history(username).accounts):
            raise refusal("no such account")
        today = self.bank.today()
        for _ in range(order.times):
            self.bank.order(
                username,
                OwnEntry(
                    at_ms=0,
                    number=0,
                    account=order.account,
                    minor=order.amount_minor,
                    text=order.text,
                    booked_on=str(order.booked_on or today),
                    happened_on=str(order.booked_on or today),
                    books_ms=order.settles_after_hours * HOUR_MS if order.pending else None,
                    books_minor=order.settled_minor,
                ),
            )
        return self._changed(before)

    def set_login(self, username: str, state: str) -> tuple[int, list[Letter]]:
        """Break or mend every login of a person. Raises UnknownPersonError."""
        self.bank.person(username)
        links, letters = 0, list[Letter]()
        for name, held in self.bank.state.credentials.items():
            if held.person == username:
                links += 1
                if state == "ok":
                    self.tink.consents.renew(held)
                else:
                    held.status = EXPIRED if state == "expired" else FAILED
                    held.changed_ms = self.bank.now_ms()
                letters += self.tink.events.refreshed(name, held, held.status)
        for item_id, item in self.bank.state.items.items():
            if item.person == username and not item.removed:
                links += 1
                if state == "ok":
                    self.plaid.items.repair(item)
                    letters += self.plaid.events.item(item_id, "LOGIN_REPAIRED", {})
                else:
                    item.needs_login = True
                    letters += self.plaid.events.login_required(item_id)
        self.bank.store.save()
        return links, letters

    def set_consent(self, username: str, days_left: int) -> tuple[int, list[Letter]]:
        """Have every consent of a person end in so many days of the bank's clock.

        Raises UnknownPersonError.
        """
        self.bank.person(username)
        now = self.bank.now_ms()
        links, letters, until_ms = 0, list[Letter](), now + days_left * 24 * HOUR_MS
        for name, held in self.bank.state.credentials.items():
            if held.person == username:
                links += 1
                held.session_expiry_ms = until_ms
                status = self.tink.consents.status(held)
                letters += self.tink.events.refreshed(name, held, status)
        for item_id, item in self.bank.state.items.items():
            if item.person == username and not item.removed:
                links += 1
                item.consent_expiry_ms = until_ms
                if until_ms <= now:
                    letters += self.plaid.events.login_required(item_id)
                elif until_ms - WARNING_MS <= now:
                    letters += self.plaid.events.pending_expiration(item_id)
        self.bank.store.save()
        return links, letters

    def letters_for(self, order: FireOrder) -> list[Letter]:
        """The letters of one webhook, as ordered by name."""
        if order.provider == "plaid":
            if order.link not in self.bank.state.items:
                raise refusal("no such item", 404)
            letters = self.plaid.sandbox.letters(order.link, order.event)
            if letters is None:
                raise refusal("no such webhook_code")
            return letters
        held = self.bank.state.credentials.get(order.link)
        if held is None:
            raise refusal("no such credentials", 404)
        if order.event == "refresh:finished" and not order.content:
            return self.tink.events.refreshed(order.link, held, self.tink.consents.status(held))
        return self.tink.events.letters(held.user_id, order.event, order.content)

    def _changed(self, before: dict[str, int]) -> list[Letter]:
        letters = list[Letter]()
        for name, held in self.bank.state.credentials.items():
            # A login that has ended brings no news of the account.
            live = self.tink.consents.status(held) == held.status == "UPDATED"
            if held.person in before and live:
                letters += self.tink.events.data_changed(name, held, before[held.person])
        for item_id, item in self.bank.state.items.items():
            if item.person in before and not self.plaid.items.needs_login(item):
                letters += self.plaid.events.data_changed(item_id, before[item.person])
        return letters

    def _ended(self, before_ms: int) -> list[Letter]:
        """Letters about the consents that ended, or soon will, since then."""
        now, letters = self.bank.now_ms(), list[Letter]()
        for name, held in self.bank.state.credentials.items():
            if held.status == "UPDATED" and before_ms < held.session_expiry_ms <= now:
                letters += self.tink.events.refreshed(name, held, EXPIRED)
        for item_id, item in self.bank.state.items.items():
            if before_ms < item.consent_expiry_ms <= now:
                letters += self.plaid.events.login_required(item_id)
            elif before_ms < item.consent_expiry_ms - WARNING_MS <= now:
                letters += self.plaid.events.pending_expiration(item_id)
        return letters

    def _marks(self, people: Iterable[str]) -> dict[str, int]:
        return {who: len(self.bank.history(who).log) for who in people}

    def _tink_people(self) -> Iterable[str]:
        return (held.person for held in self.bank.state.credentials.values())

    def _plaid_people(self) -> Iterable[str]:
        return (item.person for item in self.bank.state.items.values() if not item.removed)
