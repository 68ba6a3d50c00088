from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from adapters.memory.feeds.updates import FEEDS
from adapters.memory.ledger.one_account import FORMER_ACCOUNTS, TELLERS, TELLINGS
from adapters.memory.ledger.proofs import forget_account
from adapters.memory.ledger.rows import (
    ACCOUNT_SOURCES,
    ACCOUNTS,
    DAY_SUMS,
    ENDED_FEEDS,
    ENTRIES,
    MONTH_SUMS,
    RECOGNISING,
    AccountRow,
)
from adapters.memory.tables import MemoryTables
from application.ledger.ports import Accounts
from application.shared.feeds import FeedKind
from domain.ledger.account import Account, AccountOrigin, AccountSource
from domain.ledger.again import NamedAccount, Naming
from domain.ledger.errors import AccountNotFoundError
from domain.shared.ids import AccountId, ExternalId, FeedId, UserId


@dataclass(frozen=True, slots=True)
class MemoryAccounts(Accounts):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def of_feed(self, feed_id: FeedId) -> Mapping[ExternalId, Account]:
        return {
            name: self._row(account_id).account
            for (owner, feed, name), account_id in self.tables.of(ACCOUNT_SOURCES).items()
            if (owner, feed) == (self.acting_for, feed_id)
        }

    @override
    async def with_names(self) -> Sequence[NamedAccount]:
        mine = self._those(lambda one: one.origin is AccountOrigin.CONNECTION)
        joined = {account_id for _, account_id, _ in self.tables.of(TELLERS)}
        return [NamedAccount(one, tuple(self._names(one.id)), one.id in joined) for one in mine]

    def _names(self, account_id: AccountId) -> Iterator[Naming]:
        ended = self.tables.of(ENDED_FEEDS)
        for (owner, feed_id, name), named in self.tables.of(ACCOUNT_SOURCES).items():
            if (owner, named) == (self.acting_for, account_id):
                yield Naming(feed_id, name, (owner, feed_id) in ended)

    @override
    async def recognising(self, feed_id: FeedId) -> Collection[AccountId]:
        sources = self.tables.of(ACCOUNT_SOURCES)
        return {
            sources[key]
            for key in self.tables.of(RECOGNISING)
            if key[:2] == (self.acting_for, feed_id) and key in sources
        }

    @override
    async def get(self, account_id: AccountId) -> Account:
        return self._row(account_id).account

    @override
    async def lock_all(self) -> None:
        """There is one transaction at a time here."""

    @override
    async def is_there(self, account_id: AccountId) -> bool:
        return (self.acting_for, account_id) in self.tables.of(ACCOUNTS)

    @override
    async def with_number(self, number: str, currency: str) -> Sequence[Account]:
        return self._those(lambda one: one.number == number and one.currency == currency)

    @override
    async def named(self, name: str, currency: str) -> Sequence[Account]:
        return self._those(lambda one: one.name == name and one.currency == currency)

    @override
    async def feed_of(self, account_id: AccountId) -> AccountSource | None:
        for owner, feed_id, name in sorted(self.tables.of(ACCOUNT_SOURCES)):
            if self.tables.of(ACCOUNT_SOURCES)[owner, feed_id, name] == account_id:
                return AccountSource(feed_id, name, account_id)
        return None

    @override
    async def statements_of(self, account_id: AccountId) -> AccountSource | None:
        for owner, feed_id, name in sorted(self.tables.of(ACCOUNT_SOURCES)):
            feed = self.tables.of(FEEDS).get((owner, feed_id))
            if feed is None or feed.kind is not FeedKind.STATEMENT:
                continue
            if self.tables.of(ACCOUNT_SOURCES)[owner, feed_id, name] == account_id:
                return AccountSource(feed_id, name, account_id)
        return None

    @override
    async def add(self, account: Account) -> None:
        row = AccountRow(account, account.balance(0).minor)
        self.tables.of(ACCOUNTS)[self.acting_for, account.id] = row

    @override
    async def link(self, source: AccountSource) -> None:
        key = (self.acting_for, source.feed_id, source.external_id)
        self.tables.of(ACCOUNT_SOURCES)[key] = source.account_id
        if source.recognise:
            self.tables.of(RECOGNISING)[key] = True

    @override
    async def save(self, account: Account) -> None:
        balance = account.balance(self._booked_after(account)).minor
        self.tables.of(ACCOUNTS)[self.acting_for, account.id] = AccountRow(account, balance)

    @override
    async def remove(self, account_id: AccountId) -> None:
        entries = self.tables.of(ENTRIES)
        for entry_key, row in list(entries.items()):
            if row.entry.account_id == account_id:
                del entries[entry_key]
        for sums in (self.tables.of(MONTH_SUMS), self.tables.of(DAY_SUMS)):
            for sum_key in [key for key in sums if key[1].account_id == account_id]:
                del sums[sum_key]  # type: ignore[arg-type] # it is one of its own keys
        sources = self.tables.of(ACCOUNT_SOURCES)
        for source_key in [key for key, one in sources.items() if one == account_id]:
            del sources[source_key]
        forget_account(self.tables, self.acting_for, account_id)
        self._forget_words(account_id)
        del self.tables.of(ACCOUNTS)[self.acting_for, account_id]

    def _forget_words(self, account_id: AccountId) -> None:
        tellers, told = self.tables.of(TELLERS), self.tables.of(TELLINGS)
        former = self.tables.of(FORMER_ACCOUNTS)
        for teller in [key for key in tellers if key[1] == account_id]:
            del tellers[teller]
        for telling in [key for key, one in told.items() if one.account_id == account_id]:
            del told[telling]
        for known in [key for key, into in former.items() if into == account_id]:
            del former[known]

    def _booked_after(self, account: Account) -> int:
        after = account.counts_after or date.min
        return sum(
            net
            for (_, key), net in self.tables.of(DAY_SUMS).items()
            if (key.account_id, key.currency) == (account.id, account.currency) and key.day > after
        )

    def _row(self, account_id: AccountId) -> AccountRow:
        row = self.tables.of(ACCOUNTS).get((self.acting_for, account_id))
        if row is None:
            raise AccountNotFoundError(account_id)
        return row

    def _those(self, wanted: Callable[[Account], bool]) -> Sequence[Account]:
        mine = [
            row.account
            for (owner, _), row in self.tables.of(ACCOUNTS).items()
            if owner == self.acting_for and wanted(row.account)
        ]
        return sorted(mine, key=lambda one: (one.created_at, one.id))
