"""What is kept beside the entries: sums, progress of feeds, revisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg
from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.ledger.tables import (
    account_sources,
    entry_sources,
    ledger_changes,
    ledger_feeds,
    ledger_revisions,
)
from adapters.postgres.ledger.tables_matching import entry_suggestions, link_words
from adapters.postgres.ledger.tables_proofs import (
    account_statements,
    balance_readings,
    late_changes,
)
from application.ledger.ports import LedgerChange, LedgerFeeds, Revisions, Sums
from application.shared.clock import Clock
from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId, FeedId, UserId

_ADD_MONTHS: Final = """
    insert into month_sums (user_id, account_id, month, category, currency,
        in_minor, out_minor, parts)
    select $1, * from unnest(
        $2::uuid[], $3::date[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::int[])
    on conflict (user_id, month, account_id, category, currency) do update set
        in_minor = month_sums.in_minor + excluded.in_minor,
        out_minor = month_sums.out_minor + excluded.out_minor,
        parts = month_sums.parts + excluded.parts
"""
# What is taken away was there before, and an insert of it would break the signs' CHECK.
_TAKE_MONTHS: Final = """
    update month_sums set
        in_minor = month_sums.in_minor + less.in_minor,
        out_minor = month_sums.out_minor + less.out_minor,
        parts = month_sums.parts + less.parts
    from unnest(
        $2::uuid[], $3::date[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::int[])
        as less (account_id, month, category, currency, in_minor, out_minor, parts)
    where month_sums.user_id = $1 and month_sums.month = less.month
        and month_sums.account_id = less.account_id and month_sums.category = less.category
        and month_sums.currency = less.currency
"""
_ADD_DAYS: Final = """
    insert into day_sums (user_id, account_id, day, currency, net_minor)
    select $1, * from unnest($2::uuid[], $3::date[], $4::text[], $5::bigint[])
    on conflict (user_id, account_id, day, currency) do update set
        net_minor = day_sums.net_minor + excluded.net_minor
"""


@dataclass(frozen=True, slots=True)
class PostgresSums(Sums):
    db: asyncpg.Connection
    user_id: UserId

    @override
    async def apply(self, changes: SumChanges) -> None:
        # Sorted: two transactions that change the same sums meet in the same order.
        months = sorted((key, row) for key, row in changes.months.items() if any(row))
        more = [(*key, *row) for key, row in months if _only_adds(row)]
        less = [(*key, *row) for key, row in months if not _only_adds(row)]
        for statement, rows in ((_ADD_MONTHS, more), (_TAKE_MONTHS, less)):
            if rows:
                columns = zip(*rows, strict=True)
                await self.db.execute(statement, self.user_id, *map(list, columns))
        days = sorted((key, net) for key, net in changes.days.items() if net)
        if days:
            columns = zip(*((*key, net) for key, net in days), strict=True)
            await self.db.execute(_ADD_DAYS, self.user_id, *map(list, columns))


def _only_adds(row: Sequence[int]) -> bool:
    money_in, money_out, parts = row
    return money_in >= 0 >= money_out and parts >= 0


@dataclass(frozen=True, slots=True)
class PostgresLedgerFeeds(LedgerFeeds):
    db: AsyncConnection
    user_id: UserId

    @override
    async def lock(self, feed_id: FeedId) -> int:
        await self.db.execute(
            upsert(ledger_feeds)
            .values(user_id=self.user_id, feed_id=feed_id, applied=0)
            .on_conflict_do_nothing()
        )
        found = await self.db.execute(
            select(ledger_feeds.c.applied)
            .where(ledger_feeds.c.user_id == self.user_id, ledger_feeds.c.feed_id == feed_id)
            .with_for_update()
        )
        return int(found.scalar_one())

    @override
    async def applied_to(self, feed_id: FeedId) -> int:
        found = await self.db.execute(
            select(ledger_feeds.c.applied).where(
                ledger_feeds.c.user_id == self.user_id, ledger_feeds.c.feed_id == feed_id
            )
        )
        return int(found.scalar() or 0)

    @override
    async def applied(self, feed_id: FeedId, number: int) -> None:
        await self.db.execute(
            ledger_feeds.update()
            .where(ledger_feeds.c.user_id == self.user_id, ledger_feeds.c.feed_id == feed_id)
            .values(applied=number)
        )

    @override
    async def end(self, feed_id: FeedId) -> None:
        await self.db.execute(
            ledger_feeds.update()
            .where(ledger_feeds.c.user_id == self.user_id, ledger_feeds.c.feed_id == feed_id)
            .values(ended=True)
        )

    @override
    async def erase(self, feed_id: FeedId) -> Sequence[AccountId]:
        of_feed = (account_sources.c.user_id == self.user_id) & (
            account_sources.c.feed_id == feed_id
        )
        found = await self.db.execute(select(account_sources.c.account_id).where(of_feed))
        named = {AccountId(one) for one in found.scalars()}
        await self.db.execute(
            delete(entry_sources).where(
                entry_sources.c.user_id == self.user_id, entry_sources.c.feed_id == feed_id
            )
        )
        promised = (account_statements, balance_readings, late_changes)
        for table in (entry_suggestions, link_words, *promised):
            await self.db.execute(
                delete(table).where(table.c.user_id == self.user_id, table.c.feed_id == feed_id)
            )
        await self.db.execute(delete(account_sources).where(of_feed))
        found = await self.db.execute(
            select(account_sources.c.account_id).where(
                account_sources.c.user_id == self.user_id,
                account_sources.c.account_id.in_(named),
            )
        )
        return sorted(named - {AccountId(one) for one in found.scalars()})


@dataclass(frozen=True, slots=True)
class PostgresRevisions(Revisions):
    db: AsyncConnection
    user_id: UserId
    clock: Clock

    @override
    async def next(self) -> int:
        bumped = (
            upsert(ledger_revisions)
            .values(user_id=self.user_id, revision=1)
            .on_conflict_do_update(
                index_elements=["user_id"], set_={"revision": ledger_revisions.c.revision + 1}
            )
            .returning(ledger_revisions.c.revision)
        )
        return int((await self.db.execute(bumped)).scalar_one())

    @override
    async def record(self, change: LedgerChange) -> None:
        await self.db.execute(
            insert(ledger_changes).values(
                user_id=self.user_id,
                revision=change.revision,
                at=self.clock.now(),
                cause=change.cause,
                feed_id=change.feed_id,
                update_number=change.update,
                accounts=list(change.accounts),
                added=change.added,
                changed=change.changed,
                removed=change.removed,
            )
        )
