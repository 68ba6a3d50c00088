"""What the bank itself knows, to compare a ledger with. Streamed, because it can be long."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import msgspec

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.life.calendar import instant
from entrypoints.sandbox.life.history import History
from entrypoints.sandbox.life.rows import Row
from entrypoints.sandbox.orders import refusal
from entrypoints.sandbox.tink.consents import TinkConsents
from entrypoints.sandbox.tokens import Names
from entrypoints.sandbox.web import Reply

ROWS_PER_PIECE = 500


@dataclass(frozen=True, slots=True)
class Ids:
    """How one link names the accounts and rows of its person."""

    account: Callable[[int], str]
    row: Callable[[Row], str]

    @classmethod
    def of(cls, provider: str, names: Names) -> "Ids":
        name = names.hex if provider == "tink" else names.mixed_case
        return cls(lambda index: name("account", index), lambda row: name("t", row.key))


@dataclass(frozen=True, slots=True)
class Truth:
    bank: Bank
    consents: TinkConsents

    def told(self, username: str, provider: str, link: str, since: str) -> Reply:
        """Raises RefusalError, UnknownPersonError."""
        try:
            since = str(date.fromisoformat(since)) if since else ""
        except ValueError:
            raise refusal("since is not a date") from None
        link, holder = self._link(username, provider, link)
        ids = Ids.of(provider, self.bank.signer.names(provider, holder, username))
        history = self.bank.history(username)
        # A copy: the bank goes on while the answer is being read.
        rows = [row for _, _, row in history.statement if row.booked_on >= since]
        booked = [row for row in rows if not row.pending]
        pending = [row for row in rows if row.pending]
        head: dict[str, object] = {
            "person": username,
            "provider": provider,
            "link": link or None,
            "as_of": instant(self.bank.now_ms()),
            "counts": {"booked": len(booked), "pending": len(pending)},
            "accounts": _accounts(history, ids),
            "pending": [_row(history, ids, row) for row in pending],
        }
        return Reply(stream=_pieces(head, history, ids, booked))

    def links(self) -> dict[str, object]:
        state = self.bank.state
        return {
            "tink": [
                {
                    "link": name,
                    "person": held.person,
                    "user_id": held.user_id,
                    "external_user_id": state.users[held.user_id].external_user_id,
                    "status": self.consents.status(held),
                }
                for name, held in state.credentials.items()
            ],
            "plaid": [
                {
                    "link": item_id,
                    "person": item.person,
                    "client_user_id": item.client_user_id,
                    "needs_login": item.needs_login,
                    "removed": item.removed,
                }
                for item_id, item in state.items.items()
            ],
        }

    def _link(self, username: str, provider: str, link: str) -> tuple[str, str]:
        """(link, holder of the ids): the link asked for, else the newest, else nobody's."""
        state = self.bank.state
        if provider == "tink":
            holders = {
                name: held.holder
                for name, held in state.credentials.items()
                if held.person == username
            }
        else:
            holders = {
                item_id: item.holder(item_id)
                for item_id, item in state.items.items()
                if item.person == username
            }
        if link and link not in holders:
            raise refusal("that person has no such link", 404)
        link = link or next(reversed(holders), "")
        return link, holders.get(link, "")


def _accounts(history: History, ids: Ids) -> list[dict[str, object]]:
    return [
        {
            "id": ids.account(index),
            "name": account.spec.name,
            "type": account.spec.type,
            "currency": account.spec.currency,
            "opening_minor": account.spec.opening_minor,
            "booked_minor": account.booked_minor,
            "pending_minor": account.pending_minor,
        }
        for index, account in enumerate(history.accounts)
    ]


def _row(history: History, ids: Ids, row: Row) -> dict[str, object]:
    return {
        "id": ids.row(row),
        "account_id": ids.account(row.account),
        "date": row.booked_on,
        "amount_minor": row.minor,
        "currency": history.accounts[row.account].spec.currency,
    }


def _pieces(
    head: dict[str, object], history: History, ids: Ids, booked: list[Row]
) -> Iterator[bytes]:
    yield msgspec.json.encode(head)[:-1] + b',"transactions":['
    for at in range(0, len(booked), ROWS_PER_PIECE):
        piece = [_row(history, ids, row) for row in booked[at : at + ROWS_PER_PIECE]]
        yield (b"," if at else b"") + msgspec.json.encode(piece)[1:-1]
    yield b"]}"
