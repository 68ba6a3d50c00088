from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, TypeVar

from typing_extensions import override

from adapters.memory.feeds.updates import FEEDS
from adapters.memory.ledger.rows import ACCOUNTS, DAY_SUMS, ENTRIES
from adapters.memory.tables import MemoryTables, Table
from application.ledger.proofs.ports import Proofs
from application.shared.feeds import FeedKind
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.errors_proofs import MonthNotClosedError
from domain.ledger.proofs.closing import ClosedMonth
from domain.ledger.proofs.late import LateChange
from domain.ledger.proofs.months import AccountMonth
from domain.ledger.proofs.promises import KeptStatement, Reading
from domain.ledger.proofs.proof import AROUND
from domain.ledger.proofs.verdicts import Evidence
from domain.shared.ids import AccountId, ExternalId, FeedId, UserId

R = TypeVar("R")

STATEMENTS: Final = Table[tuple[UserId, AccountId, bytes], KeptStatement]("account_statements")
"""By fingerprint."""
READINGS: Final = Table[tuple[UserId, AccountId, date], Reading]("balance_readings")
CLOSED: Final = Table[tuple[UserId, AccountMonth], ClosedMonth]("closed_months")
LATE: Final = Table[tuple[UserId, FeedId, int, ExternalId], LateChange]("late_changes")


@dataclass(frozen=True, slots=True)
class MemoryProofs(Proofs):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def promise(self, statements: Sequence[KeptStatement]) -> None:
        for one in statements:
            key = (self.acting_for, one.account_id, one.fingerprint)
            self.tables.of(STATEMENTS).setdefault(key, one)

    @override
    async def read(self, reading: Reading) -> None:
        feed = self.tables.of(FEEDS).get((self.acting_for, reading.feed_id))
        if feed is not None and feed.kind is FeedKind.STATEMENT:
            return
        key = (self.acting_for, reading.account_id, reading.day)
        known = self.tables.of(READINGS).get(key)
        if known is None or known.as_of <= reading.as_of:
            self.tables.of(READINGS)[key] = reading

    @override
    async def booked_after(self, account: Account, day: date) -> int:
        return sum(net for on, net in self._nets(account).items() if on > day)

    @override
    async def evidence(
        self, accounts: Collection[Account], first: date, last: date
    ) -> Mapping[AccountId, Evidence]:
        return {one.id: self._evidence(one, first - AROUND, last + AROUND) for one in accounts}

    def _evidence(self, account: Account, since: date, until: date) -> Evidence:
        kept = self._of_person(STATEMENTS)
        statements = [one for one in kept if one.account_id == account.id]
        readings = [one for one in self._of_person(READINGS) if one.account_id == account.id]
        nets = self._nets(account)
        days = [*nets, *(one.first for one in statements), *(one.day for one in readings)]
        return Evidence(
            statements=[one for one in statements if one.first <= until and one.last >= since],
            readings=[one for one in readings if since <= one.day <= until],
            nets=nets,
            began=min(days, default=None),
        )

    def _nets(self, account: Account) -> dict[date, int]:
        return {
            key.day: net
            for (owner, key), net in self.tables.of(DAY_SUMS).items()
            if owner == self.acting_for
            and (key.account_id, key.currency) == (account.id, account.currency)
        }

    @override
    async def accounts(self) -> Sequence[Account]:
        mine = [row.account for row in self._of_person(ACCOUNTS)]
        return sorted(mine, key=lambda one: (one.created_at, one.id))

    @override
    async def near(
        self, account_id: AccountId, first: date, last: date, amounts: Collection[int]
    ) -> Sequence[Entry]:
        found = [
            row.entry
            for row in self._of_person(ENTRIES)
            if row.entry.account_id == account_id
            and first <= row.entry.booked_on <= last
            and row.entry.amount.minor in amounts
        ]
        return sorted(found, key=lambda one: (one.booked_on, one.id))

    @override
    async def closed(self, months: Collection[AccountMonth]) -> Sequence[ClosedMonth]:
        return [one for one in self._of_person(CLOSED) if one.which in months]

    @override
    async def closed_on(self, account_ids: Collection[AccountId]) -> Sequence[ClosedMonth]:
        mine = [one for one in self._of_person(CLOSED) if one.account_id in account_ids]
        return sorted(mine, key=lambda one: (one.month, one.account_id))

    @override
    async def close(self, month: ClosedMonth) -> None:
        self.tables.of(CLOSED)[self.acting_for, month.which] = month

    @override
    async def reopen(self, which: AccountMonth) -> None:
        if self.tables.of(CLOSED).pop((self.acting_for, which), None) is None:
            raise MonthNotClosedError(which.account_id, which.month)

    @override
    async def late_of(self, feed_id: FeedId) -> Sequence[LateChange]:
        return self._late(lambda one: one.feed_id == feed_id)

    @override
    async def late_on(self, account_ids: Collection[AccountId]) -> Sequence[LateChange]:
        return self._late(lambda one: one.account_id in account_ids)

    def _late(self, wanted: Callable[[LateChange], bool]) -> Sequence[LateChange]:
        mine = [one for one in self._of_person(LATE) if wanted(one)]
        return sorted(mine, key=lambda one: (one.feed_id, one.number, one.name))

    @override
    async def set_aside(self, changes: Sequence[LateChange]) -> None:
        for one in changes:
            for before in await self.late_of(one.feed_id):
                older = before.number < one.number
                if before.name == one.name == one.lead and older:
                    hidden = replace(before, before=None, after=None)
                    self.tables.of(LATE)[_late_key(self.acting_for, before)] = hidden
            self.tables.of(LATE)[_late_key(self.acting_for, one)] = one

    @override
    async def settled(self, feed_id: FeedId, names: Collection[ExternalId]) -> None:
        for one in await self.late_of(feed_id):
            if one.name in names:
                del self.tables.of(LATE)[_late_key(self.acting_for, one)]

    @override
    async def move(self, account_id: AccountId, into: AccountId, feed_id: FeedId) -> None:
        which = (account_id, feed_id)
        statements = self.tables.of(STATEMENTS)
        for statement in [one for one in self._of_person(STATEMENTS) if _of(one) == which]:
            del statements[self.acting_for, account_id, statement.fingerprint]
            await self.promise([replace(statement, account_id=into)])
        for reading in [one for one in self._of_person(READINGS) if _of(one) == which]:
            del self.tables.of(READINGS)[self.acting_for, account_id, reading.day]
            await self.read(replace(reading, account_id=into))
        for late in await self.late_of(feed_id):
            if late.account_id == account_id:
                await self.set_aside([replace(late, account_id=into)])

    def _of_person(self, table: Table[Any, R]) -> list[R]:
        rows = self.tables.of(table).items()
        return [row for key, row in rows if key[0] == self.acting_for]


def _late_key(person: UserId, one: LateChange) -> tuple[UserId, FeedId, int, ExternalId]:
    return person, one.feed_id, one.number, one.name


def _of(one: KeptStatement | Reading) -> tuple[AccountId, FeedId]:
    return one.account_id, one.feed_id


def forget_account(tables: MemoryTables, person: UserId, account_id: AccountId) -> None:
    """Everything that is kept of proofs of the account."""
    for table in (STATEMENTS, READINGS, CLOSED, LATE):
        _forget(tables, table, lambda key, row: key[0] == person and row.account_id == account_id)


def forget_feed(tables: MemoryTables, person: UserId, feed_id: FeedId) -> None:
    """Whatever the feed promised, and what waits of it; closed months are the account's."""
    for table in (STATEMENTS, READINGS, LATE):
        _forget(tables, table, lambda key, row: key[0] == person and row.feed_id == feed_id)


def _forget(
    tables: MemoryTables, table: Table[Any, Any], wanted: Callable[[Any, Any], bool]
) -> None:
    rows = tables.of(table)
    for key in [key for key, row in rows.items() if wanted(key, row)]:
        del rows[key]
