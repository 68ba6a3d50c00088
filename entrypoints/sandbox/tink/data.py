"""Data v2: accounts and transactions of everything a user has connected."""

from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.life.people import AccountSpec
from entrypoints.sandbox.tink import rows
from entrypoints.sandbox.tink.auth import TinkAuth, bad, refusal
from entrypoints.sandbox.tink.consents import TinkConsents
from entrypoints.sandbox.tink.feed import Filters, Position, Source, newest_first
from entrypoints.sandbox.tink.rows import Rows
from entrypoints.sandbox.web import Call, Handler, Reply, json_reply

PAGE_SIZE, PAGE_SIZE_MAX = 10, 100
AFTER_ALL_DAYS = "9999-12-31"
STATUSES = frozenset({"PENDING", "BOOKED", "UNDEFINED"})


@dataclass(frozen=True, slots=True)
class TinkData:
    bank: Bank
    auth: TinkAuth
    consents: TinkConsents
    encoder: Rows

    def routes(self) -> list[tuple[str, str, Handler]]:
        return [
            ("GET", "/data/v2/accounts", self.accounts),
            ("GET", "/data/v2/accounts/{}/balances", self.balances),
            ("GET", "/data/v2/transactions", self.transactions),
        ]

    async def accounts(self, call: Call) -> Reply:
        user_id, size = self.auth.user(call, "accounts:read"), page_size(call)
        start = 0
        if token := call.one("pageToken"):
            start = self._read_token("tink-accounts", token, user_id)["at"]
        ids, types = call.every("idIn"), call.every("typesIn") + call.every("typeIn")
        found = [
            account
            for account in self._all_accounts(user_id)
            if (not ids or account["id"] in ids) and (not types or account["type"] in types)
        ]
        following = ""
        if start + size < len(found):
            claims: dict[str, Any] = {"u": user_id, "at": start + size}
            following = self.bank.signer.write("tink-accounts", claims)
        return json_reply({"accounts": found[start : start + size], "nextPageToken": following})

    async def balances(self, call: Call) -> Reply:
        """The beta endpoint: figures as JSON integers, under names of its own."""
        user_id = self.auth.user(call, "accounts:read", "accounts.balances:readonly")
        for source in self.sources(user_id):
            for index, account in enumerate(source.history.accounts):
                if source.names.hex("account", index) != call.params[0]:
                    continue
                spec = account.spec
                free = account.booked_minor + min(account.pending_minor, 0)
                figures = {
                    "bookedBalance": account.booked_minor,
                    "availableBalanceExcludingCredit": free,
                    "availableBalanceIncludingCredit": free + spec.limit_minor,
                    "creditLimit": spec.limit_minor,
                }
                content = {name: _integers(minor, spec) for name, minor in figures.items()}
                return json_reply(
                    {"accountId": call.params[0], "refreshed": self.bank.now_ms()}
                    | {"balances": content}
                )
        raise refusal(404, "NOT_FOUND", "No such account.")

    async def transactions(self, call: Call) -> Reply:
        user_id, size = self.auth.user(call, "transactions:read"), page_size(call)
        filters = filters_of(call)
        below: Position = (filters.until or AFTER_ALL_DAYS, 1 << 62, 1 << 30)
        if token := call.one("pageToken"):
            claims = self._read_token("tink-page", token, user_id)
            if claims["f"] != filters.fingerprint():
                raise bad("pageToken belongs to other filters.")
            below = (claims["d"], claims["k"], claims["s"])
        sources = self.sources(user_id)
        page = list(islice(newest_first(sources, filters, below), size + 1))
        following = ""
        if len(page) > size:
            row, source = page[size - 1]
            claims = {"u": user_id, "f": filters.fingerprint()}
            claims |= {"d": row.booked_on, "k": row.key, "s": source.number}
            following = self.bank.signer.write("tink-page", claims)
        listed = (
            (row, source.names, source.history.accounts[row.account].spec)
            for row, source in page[:size]
        )
        return Reply(200, self.encoder.page(listed, following))

    def sources(self, user_id: str) -> list[Source]:
        found: dict[str, Source] = {}
        for _, held in self.consents.held_by(user_id):
            if held.person not in found:
                found[held.person] = Source(
                    len(found),
                    held.person,
                    self.bank.history(held.person),
                    self.bank.signer.names("tink", held.holder, held.person),
                    held.provider,
                )
        return list(found.values())

    def _all_accounts(self, user_id: str) -> list[dict[str, object]]:
        now = self.bank.now_ms()
        return [
            rows.account(
                account,
                index,
                source.names,
                physical=self.bank.signer.names("bank", "", source.person),
                institution=source.institution,
                now_ms=now,
            )
            for source in self.sources(user_id)
            for index, account in enumerate(source.history.accounts)
        ]

    def _read_token(self, purpose: str, token: str, user_id: str) -> dict[str, Any]:
        claims = self.bank.signer.read(purpose, token)
        if claims is None or claims["u"] != user_id:
            raise bad("pageToken is not valid.")
        return claims


def _integers(minor: int, spec: AccountSpec) -> dict[str, object]:
    value = {"unscaledValue": minor, "scale": rows.digits(spec.currency)}
    return {"currencyCode": spec.currency, "value": value, "valueInMinorUnit": minor}


def page_size(call: Call) -> int:
    text = call.one("pageSize", str(PAGE_SIZE))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= PAGE_SIZE_MAX):
        raise bad(f"pageSize lies between 1 and {PAGE_SIZE_MAX}.")
    return int(text)


def filters_of(call: Call) -> Filters:
    statuses = frozenset(call.every("statusIn"))
    if not statuses <= STATUSES:
        raise bad("statusIn is PENDING, BOOKED or UNDEFINED.")
    since, until = (_day(call, name) for name in ("bookedDateGte", "bookedDateLte"))
    return Filters(frozenset(call.every("accountIdIn")), since, until, statuses)


def _day(call: Call, name: str) -> str:
    text = call.one(name)
    try:
        return str(date.fromisoformat(text)) if text else ""
    except ValueError:
        raise bad(f"{name} is not a date of the form YYYY-MM-DD.") from None
