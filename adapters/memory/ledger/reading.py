from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from adapters.memory.alive import ensure_alive
from adapters.memory.connections.rows import CONNECTIONS
from adapters.memory.database import MemoryDatabase
from adapters.memory.feeds.updates import FEEDS
from adapters.memory.ledger.one_account import FORMER_ACCOUNTS, MERGED
from adapters.memory.ledger.rows import (
    ACCOUNT_SOURCES,
    ACCOUNTS,
    ENTRIES,
    ENTRY_SOURCES,
    SUGGESTIONS,
    AccountRow,
    EntryRow,
)
from adapters.memory.ledger.standing import stands
from application.ledger.reading import (
    AccountsReader,
    AccountView,
    PartView,
    Position,
    SourceView,
    TransactionDetails,
    TransactionFilter,
    TransactionsReader,
    TransactionView,
    TransferView,
)
from application.ledger.suggestions import Suggestion
from application.shared.caller import Claims
from domain.connections.connection import Connection
from domain.ledger.account import AccountOrigin
from domain.ledger.entry import Entry
from domain.ledger.errors import AccountNotFoundError, EntryNotFoundError
from domain.ledger.errors_one_account import AccountJoinedError
from domain.ledger.matching.facts import SourceState
from domain.shared.ids import AccountId, EntryId, FeedId, UserId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus


@dataclass(frozen=True, slots=True)
class MemoryTransactionsReader(TransactionsReader):
    database: MemoryDatabase

    @override
    async def page(
        self, claims: Claims, wanted: TransactionFilter, after: Position | None, limit: int
    ) -> Sequence[TransactionView]:
        ensure_alive(self.database, claims)
        rows = [
            row
            for (owner, _), row in self.database.tables.of(ENTRIES).items()
            if owner == claims.user_id and row.entry.removed is None and _fits(row.entry, wanted)
        ]
        rows.sort(key=lambda row: (row.entry.booked_on, row.entry.id), reverse=True)
        if after is not None:
            last = (after.booked_on, after.id)
            rows = [row for row in rows if (row.entry.booked_on, row.entry.id) < last]
        return [transaction_view(row) for row in rows[:limit]]

    @override
    async def get(self, claims: Claims, entry_id: EntryId) -> TransactionDetails:
        ensure_alive(self.database, claims)
        # It may have turned out to be another one.
        into = self.database.tables.of(MERGED).get((claims.user_id, entry_id), entry_id)
        row = self.database.tables.of(ENTRIES).get((claims.user_id, into))
        if row is None or row.entry.removed is not None:
            raise EntryNotFoundError(entry_id)
        return TransactionDetails(
            **_facts(row),
            parts=tuple(PartView(p.amount, p.category, p.note) for p in row.entry.split),
            sources=tuple(self._sources(claims.user_id, into)),
        )

    def _sources(self, user_id: UserId, entry_id: EntryId) -> Iterator[SourceView]:
        tables = self.database.tables
        for (owner, feed_id, _), source in sorted(
            tables.of(ENTRY_SOURCES).items(), key=lambda item: item[0]
        ):
            live = source.state is SourceState.LIVE
            feed = tables.of(FEEDS).get((user_id, feed_id))
            if (owner, source.entry_id) != (user_id, entry_id) or not live or feed is None:
                continue
            link = connection_of(self.database, user_id, feed_id)
            yield SourceView(
                feed.kind,
                link.provider if link else None,
                link.institution if link else None,
                link.id if link else None,
            )


@dataclass(frozen=True, slots=True)
class MemoryAccountsReader(AccountsReader):
    database: MemoryDatabase

    @override
    async def list(self, claims: Claims) -> Sequence[AccountView]:
        ensure_alive(self.database, claims)
        mine = [
            row
            for (owner, _), row in self.database.tables.of(ACCOUNTS).items()
            if owner == claims.user_id
        ]
        mine.sort(key=lambda row: (row.account.created_at, row.account.id))
        return tuple(self._view(row) for row in mine)

    @override
    async def get(self, claims: Claims, account_id: AccountId) -> AccountView:
        ensure_alive(self.database, claims)
        row = self.database.tables.of(ACCOUNTS).get((claims.user_id, account_id))
        if row is None:
            into = self.database.tables.of(FORMER_ACCOUNTS).get((claims.user_id, account_id))
            if into is not None:
                raise AccountJoinedError(account_id, into)
            raise AccountNotFoundError(account_id)
        return self._view(row)

    def _view(self, row: AccountRow) -> AccountView:
        account = row.account
        link = self._link(account.owner, account.id)
        anchor = account.anchor
        return AccountView(
            id=account.id,
            name=account.name,
            kind=account.kind,
            currency=account.currency,
            number=account.number,
            last_four=account.last_four,
            institution=account.institution or (link.institution if link else None),
            origin=account.origin,
            connection_id=link.id if link else None,
            balance=Money(row.balance_minor, account.currency),
            available=anchor.available if anchor else None,
            as_of=None if account.origin is AccountOrigin.MANUAL or not anchor else anchor.as_of,
            pending=Money(
                sum(
                    one.amount.minor
                    for one in pending_entries(self.database, account.owner)
                    if (one.account_id, one.amount.currency) == (account.id, account.currency)
                ),
                account.currency,
            ),
        )

    def _link(self, user_id: UserId, account_id: AccountId) -> Connection | None:
        sources = self.database.tables.of(ACCOUNT_SOURCES).items()
        links = (
            connection_of(self.database, user_id, feed_id)
            for (owner, feed_id, _), account in sources
            if (owner, account) == (user_id, account_id)
        )
        return max((one for one in links if one), key=lambda one: one.created_at, default=None)


def connection_of(database: MemoryDatabase, user_id: UserId, feed_id: FeedId) -> Connection | None:
    for one in database.tables.of(CONNECTIONS).values():
        if (one.owner, one.feed_id) == (user_id, feed_id):
            return one
    return None


def pending_entries(database: MemoryDatabase, user_id: UserId) -> Iterator[Entry]:
    """What is under way. One that may have booked already does not count: the booked one does."""
    asked = {one.what.pending for one in standing(database, user_id)}
    for (owner, _), row in database.tables.of(ENTRIES).items():
        entry = row.entry
        waits = entry.status is EntryStatus.PENDING and entry.removed is None
        if owner == user_id and waits and entry.id not in asked:
            yield entry


def standing(database: MemoryDatabase, user_id: UserId) -> Sequence[Suggestion]:
    """Open suggestions whose two entries are what they were."""
    return [
        one
        for (owner, _), one in database.tables.of(SUGGESTIONS).items()
        if owner == user_id and stands(database.tables, user_id, one)
    ]


def transaction_view(row: EntryRow) -> TransactionView:
    return TransactionView(**_facts(row))


def _fits(entry: Entry, wanted: TransactionFilter) -> bool:
    words = "\n".join((entry.text, entry.counterparty or "", entry.note or "")).casefold()
    in_currency = wanted.currency in {None, entry.amount.currency}
    return (
        wanted.account_id in {None, entry.account_id}
        and wanted.status in {None, entry.status}
        and in_currency
        and (wanted.booked_from is None or entry.booked_on >= wanted.booked_from)
        and (wanted.booked_to is None or entry.booked_on <= wanted.booked_to)
        and (wanted.minimum is None or entry.amount.minor >= wanted.minimum.minor)
        and (wanted.maximum is None or entry.amount.minor <= wanted.maximum.minor)
        and (wanted.text is None or wanted.text.casefold() in words)
        and (wanted.category is None or any(_in(p.category, wanted.category) for p in entry.parts))
    )


def _in(category: str, wanted: str) -> bool:
    return category == wanted or category.partition(".")[0] == wanted


def _facts(row: EntryRow) -> dict[str, Any]:
    entry = row.entry
    return {
        "id": entry.id,
        "account_id": entry.account_id,
        "status": entry.status,
        "amount": entry.amount,
        "booked_on": entry.booked_on,
        "value_on": entry.value_on,
        "text": entry.text,
        "counterparty": entry.counterparty,
        "category": entry.category,
        "note": entry.note,
        "is_split": bool(entry.split),
        "version": entry.version,
        "transfer": entry.transfer
        and TransferView(entry.transfer.id, entry.transfer.other, entry.transfer.other_account),
    }
