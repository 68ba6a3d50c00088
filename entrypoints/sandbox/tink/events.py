"""Tink's webhooks: which letters a change makes, and how they are signed."""

import hmac
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.changes import AccountNews, news
from entrypoints.sandbox.state import Credentials, TinkEndpoint
from entrypoints.sandbox.tokens import Names
from entrypoints.sandbox.webhooks import Letter

EVENTS = frozenset(
    {
        "refresh:finished",
        "account:created",
        "account:updated",
        "account-transactions:modified",
        "account-booked-transactions:modified",
        "account-transactions:deleted",
    }
)


def signature(secret: str, at_s: int, body: bytes) -> str:
    """The value of X-Tink-Signature: the time is part of what is signed."""
    mac = hmac.new(secret.encode(), f"{at_s}.".encode() + body, sha256).hexdigest()
    return f"t={at_s},v1={mac}"


@dataclass(frozen=True, slots=True)
class TinkEvents:
    bank: Bank

    def letters(self, user_id: str, event: str, content: dict[str, object]) -> list[Letter]:
        """The event, once for every endpoint that asked for it."""
        user = self.bank.state.users.get(user_id)
        context = {"userId": user_id, "externalUserId": user.external_user_id if user else ""}
        body = msgspec.json.encode({"context": context, "content": content, "event": event})
        return [
            self._letter(endpoint, event, body)
            for endpoint in self.bank.state.endpoints.values()
            if event in endpoint.events and not endpoint.disabled
        ]

    def _letter(self, endpoint: TinkEndpoint, event: str, body: bytes) -> Letter:
        at_s = self.bank.real_ms() // 1000
        headers = {"x-tink-signature": signature(endpoint.secret, at_s, body)}
        return Letter(endpoint.url, event, body, headers)

    def refreshed(self, name: str, held: Credentials, status: str) -> list[Letter]:
        content: dict[str, object] = {
            "credentialsId": name,
            "credentialsStatus": status,
            "finished": self.bank.now_ms(),
            "source": "OPERATION_SOURCE_BACKGROUND",
            "sessionExpiryDate": held.session_expiry_ms,
        }
        return self.letters(held.user_id, "refresh:finished", content)

    def data_changed(self, name: str, held: Credentials, since: int) -> list[Letter]:
        """All that one background refresh says about a log grown from `since`."""
        found = news(self.bank.history(held.person), since)
        if not found:
            return []
        names = self.bank.signer.names("tink", held.holder, held.person)
        written = self.refreshed(name, held, held.status)
        for index, of_account in found.items():
            written += self._account_changed(held.user_id, names, index, of_account)
        return written

    def _account_changed(
        self, user_id: str, names: Names, index: int, found: AccountNews
    ) -> list[Letter]:
        account = {"id": names.hex("account", index)}
        written = self.letters(user_id, "account:updated", dict(account))
        booked = AccountNews(
            *([row for row in rows if not row.pending] for rows in (found.inserted, found.updated))
        )
        for event, part in (
            ("account-transactions:modified", found),
            ("account-booked-transactions:modified", booked),
        ):
            if part.days():
                content = self._modified(user_id, account, part)
                written += self.letters(user_id, event, content)
        if found.deleted:
            ids = [names.hex("t", row.key) for row in found.deleted]
            content = {"account": account, "transactions": {"ids": ids}}
            written += self.letters(user_id, "account-transactions:deleted", content)
        return written

    def _modified(
        self, user_id: str, account: dict[str, str], found: AccountNews
    ) -> dict[str, object]:
        days = found.days()
        return {
            "userId": user_id,
            "externalUserId": self.bank.state.users[user_id].external_user_id,
            "account": account,
            "transactions": {
                "earliestModifiedBookedDate": days[0],
                "latestModifiedBookedDate": days[-1],
                "inserted": len(found.inserted),
                "updated": len(found.updated),
                "deleted": len(found.deleted),
            },
        }
