"""The ledger in the hand, over memory or PostgreSQL: a bank says things, a job applies them."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.rows import JOBS, OUTBOX
from adapters.memory.ledger.rows import (
    ACCOUNTS,
    DAY_SUMS,
    ENTRIES,
    LEDGER_CHANGES,
    MONTH_SUMS,
    SUGGESTIONS,
)
from adapters.postgres.database import Database
from adapters.postgres.jobs.tables import jobs, outbox
from adapters.postgres.ledger.rows import account_from_row, entry_from_row
from adapters.postgres.ledger.suggestions import suggestion_from_row
from adapters.postgres.ledger.tables import (
    accounts,
    day_sums,
    entries,
    entry_parts,
    ledger_changes,
    month_sums,
)
from application.ledger.apply_feed import ApplyFeed, ApplyReport
from application.ledger.jobs import ApplyFeedJob
from application.ledger.ports import BeginLedgerTx
from application.ledger.suggestions import Suggestion
from application.shared.feeds import FeedKind, FeedPage
from application.shared.jobs import JobBoard, LeasedJob
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.sums import DayKey, MonthKey, SumChanges
from domain.shared.events import LedgerChanged
from domain.shared.ids import AccountId, FeedId, UserId
from domain.shared.observations import Observations
from tests.support.clock import CountedIds, FixedClock

ANNA = UserId(UUID(int=0xA))
BJORN = UserId(UUID(int=0xB))
FEED = FeedId(UUID(int=0xFEED))


class Books(Protocol):
    """What is really there, read past every port."""

    @abstractmethod
    async def entries(self, person: UserId) -> Sequence[Entry]:
        """Removed ones included, in the order of their ids."""

    @abstractmethod
    async def accounts(self, person: UserId) -> Mapping[Account, int]:
        """With their kept balance."""

    @abstractmethod
    async def months(self, person: UserId) -> Mapping[MonthKey, Sequence[int]]:
        """Rows that say something."""

    @abstractmethod
    async def days(self, person: UserId) -> Mapping[DayKey, int]: ...

    @abstractmethod
    async def revisions(self, person: UserId) -> Sequence[int]: ...

    @abstractmethod
    async def told(self, person: UserId) -> Sequence[LedgerChanged]: ...

    @abstractmethod
    async def suggestions(self, person: UserId) -> Sequence[Suggestion]:
        """Every one that was ever made, oldest first."""

    @abstractmethod
    async def waiting(self) -> Sequence[int]:
        """The numbers of the updates that a job waits to apply."""


@dataclass(slots=True)
class LedgerWorld:
    begin: BeginLedgerTx
    board: JobBoard
    books: Books
    clock: FixedClock
    ids: CountedIds

    async def says(self, *pages: Observations, feed: FeedId = FEED, person: UserId = ANNA) -> int:
        """The feed gets a new whole update of these pages."""
        async with self.begin(person) as tx:
            await tx.updates.create(feed, FeedKind.CONNECTION)
            update = await tx.updates.open(feed)
            await tx.updates.keep(update.id, [FeedPage(b"", page) for page in pages], None)
            number = await tx.updates.complete(update.id)
            await tx.commit()
        return number

    async def job(self, number: int, *, feed: FeedId = FEED, person: UserId = ANNA) -> LeasedJob:
        """A job to apply update `number`, in the hands of a worker."""
        async with self.begin(person) as tx:
            job = ApplyFeedJob(user_id=person, feed_id=feed, number=number)
            job_id = await tx.jobs.enqueue(job)
            await tx.commit()
        leased = {one.lease.job_id: one for one in await self.board.claim(100)}
        return leased[job_id]

    async def apply(
        self, number: int = 1, *, feed: FeedId = FEED, person: UserId = ANNA
    ) -> ApplyReport:
        leased = await self.job(number, feed=feed, person=person)
        job = ApplyFeedJob(user_id=person, feed_id=feed, number=number)
        return await ApplyFeed(self.begin, self.clock, self.ids)(job, leased.lease)

    async def hears(
        self, *pages: Observations, feed: FeedId = FEED, person: UserId = ANNA
    ) -> ApplyReport:
        """The feed says something, and it is understood."""
        number = await self.says(*pages, feed=feed, person=person)
        return await self.apply(number, feed=feed, person=person)

    async def shown(self, person: UserId = ANNA) -> list[Entry]:
        return [one for one in await self.books.entries(person) if one.removed is None]

    async def balance(self, person: UserId = ANNA) -> int:
        """Of the only account."""
        (balance,) = (await self.books.accounts(person)).values()
        return balance

    async def ensure_sums_are_right(self, person: UserId = ANNA) -> None:
        """The kept sums are those that the entries give when they are added up afresh."""
        afresh = SumChanges()
        for entry in await self.books.entries(person):
            afresh.replace(None, entry)
        months = {key: tuple(row) for key, row in afresh.months.items() if any(row)}
        kept = await self.books.months(person)
        assert {key: tuple(row) for key, row in kept.items()} == months
        assert await self.books.days(person) == {k: net for k, net in afresh.days.items() if net}


@dataclass(frozen=True, slots=True)
class MemoryBooks(Books):
    database: MemoryDatabase

    @override
    async def entries(self, person: UserId) -> Sequence[Entry]:
        rows = self.database.tables.of(ENTRIES).items()
        mine = (row.entry for (owner, _), row in rows if owner == person)
        return sorted(mine, key=lambda one: one.id)

    @override
    async def accounts(self, person: UserId) -> Mapping[Account, int]:
        rows = sorted(self.database.tables.of(ACCOUNTS).items())
        return {row.account: row.balance_minor for (owner, _), row in rows if owner == person}

    @override
    async def months(self, person: UserId) -> Mapping[MonthKey, Sequence[int]]:
        rows = self.database.tables.of(MONTH_SUMS).items()
        return {key: row for (owner, key), row in rows if owner == person and any(row)}

    @override
    async def days(self, person: UserId) -> Mapping[DayKey, int]:
        rows = self.database.tables.of(DAY_SUMS).items()
        return {key: net for (owner, key), net in rows if owner == person and net}

    @override
    async def revisions(self, person: UserId) -> Sequence[int]:
        return sorted(
            key for owner, key in self.database.tables.of(LEDGER_CHANGES) if owner == person
        )

    @override
    async def told(self, person: UserId) -> Sequence[LedgerChanged]:
        events = self.database.tables.of(OUTBOX).values()
        return [one for one in events if isinstance(one, LedgerChanged) and one.user_id == person]

    @override
    async def suggestions(self, person: UserId) -> Sequence[Suggestion]:
        rows = sorted(self.database.tables.of(SUGGESTIONS).items())
        return [one for (owner, _), one in rows if owner == person]

    @override
    async def waiting(self) -> Sequence[int]:
        rows = self.database.tables.of(JOBS).values()
        return [row.payload["number"] for row in rows if row.state == "ready"]


@dataclass(frozen=True, slots=True)
class PostgresBooks(Books):
    database: Database

    @override
    async def entries(self, person: UserId) -> Sequence[Entry]:
        async with self.database.begin(person) as tx:
            parts = (
                await tx.db.execute(select(entry_parts).order_by(entry_parts.c.ordinal))
            ).mappings()
            split = [dict(part) for part in parts]
            rows = (await tx.db.execute(select(entries).order_by(entries.c.id))).mappings()
            return [
                entry_from_row(dict(row), [part for part in split if part["entry_id"] == row["id"]])
                for row in rows
            ]

    @override
    async def accounts(self, person: UserId) -> Mapping[Account, int]:
        async with self.database.begin(person) as tx:
            rows = (await tx.db.execute(select(accounts).order_by(accounts.c.id))).mappings()
            return {account_from_row(row): row["balance_minor"] for row in rows}

    @override
    async def months(self, person: UserId) -> Mapping[MonthKey, Sequence[int]]:
        async with self.database.begin(person) as tx:
            rows = (await tx.db.execute(select(month_sums))).all()
        found = {
            MonthKey(row.account_id, row.month, row.category, row.currency): (
                row.in_minor,
                row.out_minor,
                row.parts,
            )
            for row in rows
        }
        return {key: row for key, row in found.items() if any(row)}

    @override
    async def days(self, person: UserId) -> Mapping[DayKey, int]:
        async with self.database.begin(person) as tx:
            rows = (await tx.db.execute(select(day_sums))).all()
        return {
            DayKey(row.account_id, row.day, row.currency): row.net_minor
            for row in rows
            if row.net_minor
        }

    @override
    async def revisions(self, person: UserId) -> Sequence[int]:
        async with self.database.begin(person) as tx:
            found = await tx.db.execute(select(ledger_changes.c.revision))
            return sorted(found.scalars())

    @override
    async def told(self, person: UserId) -> Sequence[LedgerChanged]:
        async with self.database.begin(None) as tx:
            rows = (await tx.db.execute(select(outbox))).mappings()
            said = [row["payload"] for row in rows if row["name"] == LedgerChanged.name]
        return [
            LedgerChanged(
                person,
                one["from_revision"],
                one["to_revision"],
                tuple(AccountId(UUID(account)) for account in one["account_ids"]),
            )
            for one in said
            if UUID(one["user_id"]) == person
        ]

    @override
    async def suggestions(self, person: UserId) -> Sequence[Suggestion]:
        async with self.database.begin(person) as tx:
            rows = await (await tx.driver()).fetch("select * from entry_suggestions order by id")
            return [suggestion_from_row(row) for row in rows]

    @override
    async def waiting(self) -> Sequence[int]:
        async with self.database.begin(None) as tx:
            found = await tx.db.execute(select(jobs.c.payload).where(jobs.c.state == "ready"))
            return [payload["number"] for payload in found.scalars()]
