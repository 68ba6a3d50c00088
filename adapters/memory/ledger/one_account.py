"""Accounts that are one, in memory."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar
from uuid import UUID

from typing_extensions import override

from adapters.memory.connections.rows import CONNECTIONS
from adapters.memory.feeds.updates import FEEDS
from adapters.memory.ledger.rows import (
    ACCOUNT_SOURCES,
    ACCOUNTS,
    DAY_SUMS,
    ENDED_FEEDS,
    ENTRIES,
    MONTH_SUMS,
    SUGGESTIONS,
    EntryRow,
    MonthSum,
)
from adapters.memory.tables import MemoryTables, Table
from application.ledger.one_account.ports import (
    AccountSize,
    FeedOfAccount,
    JoinedAccounts,
    OneAccounts,
)
from application.ledger.suggestions import SuggestionState
from application.shared.clock import Clock
from application.shared.feeds import FeedKind
from domain.ledger.account import AccountOrigin
from domain.ledger.entry import Removed
from domain.ledger.one_account.same import FedAccount, SameAccountId
from domain.ledger.one_account.told import Teller, TellerKind, Told
from domain.shared.ids import AccountId, EntryId, FeedId, UserId

TELLERS: Final = Table[tuple[UserId, AccountId, FeedId], Teller]("account_tellers")
TELLINGS: Final = Table[tuple[UserId, EntryId, FeedId], Told]("entry_tellings")
MERGED: Final = Table[tuple[UserId, EntryId], EntryId]("merged_entries")
FORMER_ACCOUNTS: Final = Table[tuple[UserId, AccountId], AccountId]("former_accounts")
KEPT_APART: Final = Table[tuple[UserId, SameAccountId], bool]("accounts_kept_apart")

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class MemoryOneAccounts(OneAccounts):
    tables: MemoryTables
    acting_for: UserId
    clock: Clock

    @override
    async def joined(self) -> JoinedAccounts:
        found: dict[AccountId, dict[FeedId, Teller]] = {}
        for (owner, account_id, feed_id), one in self.tables.of(TELLERS).items():
            if owner == self.acting_for:
                ended = self._ended(feed_id)
                found.setdefault(account_id, {})[feed_id] = replace(one, ended=ended)
        return found

    def _ended(self, feed_id: FeedId) -> bool:
        return (self.acting_for, feed_id) in self.tables.of(ENDED_FEEDS)

    @override
    async def feeds_of(self, account_id: AccountId) -> Sequence[FeedOfAccount]:
        return [
            FeedOfAccount(one, kind_of(self.tables, self.acting_for, one), self._ended(one))
            for one in sorted(set(self._feeds(account_id)))
        ]

    def _feeds(self, account_id: AccountId) -> Iterator[FeedId]:
        for (owner, feed_id, _), named in self.tables.of(ACCOUNT_SOURCES).items():
            if (owner, named) == (self.acting_for, account_id):
                yield feed_id

    @override
    async def fed(self) -> Sequence[FedAccount]:
        mine = [
            row.account
            for (owner, _), row in self.tables.of(ACCOUNTS).items()
            if owner == self.acting_for and row.account.origin is not AccountOrigin.MANUAL
        ]
        return [
            FedAccount(
                one, frozenset(each for each in self._feeds(one.id) if not self._ended(each))
            )
            for one in sorted(mine, key=lambda one: (one.created_at, one.id))
        ]

    @override
    async def size_of(self, account_id: AccountId) -> AccountSize:
        mine = [
            (key.month, row.parts)
            for (owner, key), row in self.tables.of(MONTH_SUMS).items()
            if (owner, key.account_id) == (self.acting_for, account_id) and row.parts > 0
        ]
        months = sorted(month for month, _ in mine)
        span = (months[0], months[-1]) if months else None
        return AccountSize(sum(parts for _, parts in mine), span)

    @override
    async def put_teller(self, teller: Teller) -> None:
        key = (self.acting_for, teller.account_id, teller.feed_id)
        self.tables.of(TELLERS)[key] = teller

    @override
    async def drop_tellers(self, account_id: AccountId, feeds: Collection[FeedId]) -> None:
        for feed_id in feeds:
            self.tables.of(TELLERS).pop((self.acting_for, account_id, feed_id), None)

    @override
    async def absorb(self, account_id: AccountId, other: AccountId, revision: int) -> None:
        self._move_sums(account_id, other)
        sources = self.tables.of(ACCOUNT_SOURCES)
        for source in [key for key, named in sources.items() if named == other]:
            sources[source] = account_id
        tellers = self.tables.of(TELLERS)
        for owner, told, feed_id in list(tellers):
            if told == other:
                one = tellers.pop((owner, told, feed_id))
                tellers[owner, account_id, feed_id] = replace(one, account_id=account_id)
        tellings = self.tables.of(TELLINGS)
        for telling, word in list(tellings.items()):
            if word.account_id == other:
                tellings[telling] = replace(word, account_id=account_id)
        self._move_entries(lambda row: row.entry.account_id == other, account_id, revision)
        former = self.tables.of(FORMER_ACCOUNTS)
        for known in [key for key, into in former.items() if into == other]:
            former[known] = account_id
        former[self.acting_for, other] = account_id
        del self.tables.of(ACCOUNTS)[self.acting_for, other]

    def _move_sums(self, account_id: AccountId, other: AccountId) -> None:
        months, days = self.tables.of(MONTH_SUMS), self.tables.of(DAY_SUMS)
        for owner, month in [key for key in months if key[1].account_id == other]:
            row = months.pop((owner, month))
            into = month._replace(account_id=account_id)
            had = months.get((owner, into), MonthSum(0, 0, 0))
            months[owner, into] = MonthSum(*(a + b for a, b in zip(had, row, strict=True)))
        for owner, day in [key for key in days if key[1].account_id == other]:
            net = days.pop((owner, day))
            there = day._replace(account_id=account_id)
            days[owner, there] = days.get((owner, there), 0) + net

    def _move_entries(
        self, wanted: Callable[[EntryRow], bool], account_id: AccountId, revision: int
    ) -> None:
        entries = self.tables.of(ENTRIES)
        moved = {key[1] for key, row in entries.items() if wanted(row)}
        for key, row in list(entries.items()):
            entry = row.entry
            if entry.id in moved:
                entry = replace(entry, account_id=account_id)
            if entry.transfer is not None and entry.transfer.other in moved:
                mark = replace(entry.transfer, other_account=account_id)
                entry = replace(entry, transfer=mark)
            if entry != row.entry:
                entries[key] = EntryRow(replace(entry, version=entry.version + 1), revision)

    @override
    async def hand_over(
        self, account_id: AccountId, own: AccountId, feed_id: FeedId, revision: int
    ) -> None:
        feeds: dict[EntryId, set[FeedId]] = {}
        tellings = self.tables.of(TELLINGS)
        for _, entry_id, teller in tellings:
            feeds.setdefault(entry_id, set()).add(teller)

        def alone(row: EntryRow) -> bool:
            here = row.entry.account_id == account_id
            return here and feeds.get(row.entry.id) == {feed_id}

        self._move_entries(alone, own, revision)
        self._hand_over_parts(account_id, own, feed_id, revision)
        sources = self.tables.of(ACCOUNT_SOURCES)
        for source, named in list(sources.items()):
            if named == account_id and source[1] == feed_id:
                sources[source] = own
        for key, word in list(tellings.items()):
            if word.account_id == account_id and key[2] == feed_id:
                tellings[key] = replace(word, account_id=own)
        self.tables.of(FORMER_ACCOUNTS).pop((self.acting_for, own), None)

    def _hand_over_parts(
        self, account_id: AccountId, own: AccountId, feed_id: FeedId, revision: int
    ) -> None:
        """What is part of the feed's entries, or was before others told of them, too."""
        entries, into = self.tables.of(ENTRIES), self.tables.of(MERGED)
        theirs = {key[1] for key, row in entries.items() if row.entry.account_id == own}
        confirmed = {
            one.what.booked
            for one in self.tables.of(SUGGESTIONS).values()
            if one.what.feed_id == feed_id
            and one.state is SuggestionState.CONFIRMED
            and not one.what.between_feeds
        }

        def part(row: EntryRow) -> bool:
            entry = row.entry
            mine = into.get((self.acting_for, entry.id)) in theirs or entry.id in confirmed
            return mine and entry.removed is Removed.MERGED and entry.account_id == account_id

        self._move_entries(part, own, revision)

    @override
    async def moved_to(self, account_id: AccountId) -> AccountId | None:
        return self.tables.of(FORMER_ACCOUNTS).get((self.acting_for, account_id))

    @override
    async def former(self) -> Mapping[AccountId, AccountId]:
        rows = self.tables.of(FORMER_ACCOUNTS).items()
        return {one: into for (owner, one), into in rows if owner == self.acting_for}

    @override
    async def dismissed(self) -> Collection[SameAccountId]:
        return {one for owner, one in self.tables.of(KEPT_APART) if owner == self.acting_for}

    @override
    async def dismiss(self, proposal_id: SameAccountId) -> None:
        self.tables.of(KEPT_APART)[self.acting_for, proposal_id] = True

    @override
    async def admit(self, proposal_id: SameAccountId) -> None:
        self.tables.of(KEPT_APART).pop((self.acting_for, proposal_id), None)


def kind_of(tables: MemoryTables, owner: UserId, feed_id: FeedId) -> TellerKind:
    feed = tables.of(FEEDS).get((owner, feed_id))
    if feed is not None and feed.kind is FeedKind.STATEMENT:
        return TellerKind.STATEMENT
    for one in tables.of(CONNECTIONS).values():
        if (one.owner, one.feed_id) == (owner, feed_id):
            known = {kind.value: kind for kind in (TellerKind.TINK, TellerKind.PLAID)}
            return known.get(one.provider, TellerKind.OTHER)
    return TellerKind.OTHER


def former_account(tables: MemoryTables, owner: UserId, account_id: UUID) -> AccountId | None:
    return tables.of(FORMER_ACCOUNTS).get((owner, AccountId(account_id)))
