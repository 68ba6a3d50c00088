from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.ledger.begin import ledger_of
from adapters.postgres.ledger.rates import PostgresKeptRates
from adapters.postgres.ledger.rows import ACCOUNT_COLUMNS, account_from_row, entry_from_row
from adapters.postgres.ledger.tables import accounts
from application.ledger.transfers import BeginTransfersTx, Transfers, TransfersTx
from application.shared.cipher import Cipher
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.errors_transfers import TransferNotFoundError
from domain.ledger.transfers import Method, Pair, Transfer, TransferState
from domain.shared.ids import EntryId, TransferId, UserId

_POSSIBLE: Final = """
    select (select count(*) from (select from accounts where user_id = $1 limit 2) few) > 1
        or exists (select from transfers where user_id = $1)
"""
_TOUCHED: Final = """
    with changed as materialized (
        select booked_on, transfer_entry_id from entries
        where user_id = $1 and revision > $2 and revision <= $3)
    select booked_on from changed
    union
    select partner.booked_on from changed
    join entries partner on partner.user_id = $1 and partner.id = changed.transfer_entry_id
    order by 1
"""
_ERASED: Final = """
    select exists (
        select from ledger_changes
        where user_id = $1 and revision > $2 and revision <= $3 and cause = 'erase')
"""
_LEFT_ALONE: Final = """
    select booked_on from entries
    where user_id = $1 and transfer_entry_id is not null and not exists (
        select from entries other
        where other.user_id = $1 and other.id = entries.transfer_entry_id)
    union
    select booked_on from transfers
    join entries on entries.user_id = $1 and entries.id in (out_entry, in_entry)
    where transfers.user_id = $1 and state = 'suggested'
"""
# Each half by an index of its own: of the page that everybody opens first, and of hardly any.
_AROUND: Final = """
    select * from entries
    where user_id = $1 and booked_on between $2 and $3 and removed is null
    union all
    select * from entries
    where user_id = $1 and booked_on between $2 and $3
        and removed is not null and transfer_id is not null
"""
_PARTS: Final = """
    select * from entry_parts where user_id = $1 and entry_id = any($2::uuid[])
    order by entry_id, ordinal
"""
_OF: Final = """
    select * from transfers where user_id = $1 and out_entry = any($2::uuid[])
    union
    select * from transfers where user_id = $1 and in_entry = any($2::uuid[])
"""
# Two that were one feed's from the start became one because the person said so.
_BECAME: Final = """
    select id, merged_into as whole from entries
    where user_id = $1 and id = any($2::uuid[]) and removed = 'merged' and merged_into is not null
    union
    select id, merged_into from entries
    where user_id = $1 and merged_into = any($2::uuid[]) and removed = 'merged'
    union
    select entries.id, asked.pending_id from entry_suggestions asked
    join entries on entries.user_id = $1 and entries.id = asked.booked_id
    where asked.user_id = $1 and asked.state = 'confirmed'
        and (asked.pending_id = any($2::uuid[]) or asked.booked_id = any($2::uuid[]))
        and entries.removed = 'merged' and entries.merged_into is null
"""
_GET: Final = "select * from transfers where user_id = $1 and id = $2 for update"
_FIND: Final = """
    select * from transfers where user_id = $1 and out_entry = $2 and in_entry = $3 for update
"""
_SAVE: Final = """
    insert into transfers (user_id, id, out_entry, in_entry, state, method, confidence, pairer,
        by_person, made_at, decided_at)
    select $1, * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[],
        $7::int2[], $8::int2[], $9::boolean[], $10::timestamptz[], $11::timestamptz[])
    on conflict (user_id, id) do update set
        state = excluded.state, method = excluded.method, confidence = excluded.confidence,
        pairer = excluded.pairer, by_person = excluded.by_person, made_at = excluded.made_at,
        decided_at = excluded.decided_at
"""
_FORGET: Final = "delete from transfers where user_id = $1 and id = any($2::uuid[])"
_FORGET_ERASED: Final = """
    delete from transfers where user_id = $1 and (
        not exists (select from entries
            where entries.user_id = $1 and entries.id = transfers.out_entry)
        or not exists (select from entries
            where entries.user_id = $1 and entries.id = transfers.in_entry))
"""
_MARK: Final = """
    update entries set
        revision = $2, category = new.category, transfer_id = new.transfer_id,
        transfer_entry_id = new.transfer_entry_id,
        transfer_account_id = new.transfer_account_id,
        transfer_beneath = new.transfer_beneath, version = version + 1
    from unnest($3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[])
        as new (id, category, transfer_id, transfer_entry_id, transfer_account_id,
            transfer_beneath)
    where entries.user_id = $1 and entries.id = new.id
"""


@dataclass(frozen=True, slots=True)
class PostgresTransfers(Transfers):
    """Works on the asyncpg connection of the open transaction, as entries do."""

    sql: AsyncConnection
    db: asyncpg.Connection
    user_id: UserId

    @override
    async def accounts(self) -> Sequence[Account]:
        found = await self.sql.execute(
            select(*ACCOUNT_COLUMNS)
            .where(accounts.c.user_id == self.user_id)
            # Feeds lock theirs in this order, too.
            .order_by(accounts.c.id)
            .with_for_update()
        )
        return [account_from_row(row) for row in found.mappings()]

    @override
    async def possible(self) -> bool:
        found: bool = await self.db.fetchval(_POSSIBLE, self.user_id)
        return found

    @override
    async def touched(self, from_revision: int, to_revision: int) -> Sequence[date]:
        rows = await self.db.fetch(_TOUCHED, self.user_id, from_revision, to_revision)
        days = {row["booked_on"] for row in rows}
        if await self.erased(from_revision, to_revision):
            alone = await self.db.fetch(_LEFT_ALONE, self.user_id)
            days |= {row["booked_on"] for row in alone}
        return sorted(days)

    @override
    async def erased(self, from_revision: int, to_revision: int) -> bool:
        found: bool = await self.db.fetchval(_ERASED, self.user_id, from_revision, to_revision)
        return found

    @override
    async def around(self, first: date, last: date) -> Sequence[Entry]:
        rows = await self.db.fetch(_AROUND, self.user_id, first, last)
        split = [row["id"] for row in rows if row["is_split"]]
        parts = await self.db.fetch(_PARTS, self.user_id, split) if split else []
        by_entry = {
            entry_id: list(group)
            for entry_id, group in groupby(parts, key=lambda part: part["entry_id"])
        }
        return [entry_from_row(row, by_entry.get(row["id"], ())) for row in rows]

    @override
    async def of(self, entry_ids: Collection[EntryId]) -> Sequence[Transfer]:
        rows = await self.db.fetch(_OF, self.user_id, list(entry_ids))
        return [_transfer(row) for row in rows]

    @override
    async def became(self, entry_ids: Collection[EntryId]) -> Mapping[EntryId, EntryId]:
        rows = await self.db.fetch(_BECAME, self.user_id, list(entry_ids))
        return {EntryId(row["id"]): EntryId(row["whole"]) for row in rows}

    @override
    async def get(self, transfer_id: TransferId) -> Transfer:
        row = await self.db.fetchrow(_GET, self.user_id, transfer_id)
        if row is None:
            raise TransferNotFoundError(transfer_id)
        return _transfer(row)

    @override
    async def find(self, pair: Pair) -> Transfer | None:
        row = await self.db.fetchrow(_FIND, self.user_id, *pair)
        return None if row is None else _transfer(row)

    @override
    async def save(self, transfers: Sequence[Transfer]) -> None:
        # What is given up first: an entry that changes its transfer is in one at any moment.
        ordered = sorted(transfers, key=lambda one: (one.state is TransferState.PAIRED, one.id))
        for those in (
            [one for one in ordered if one.state is not TransferState.PAIRED],
            [one for one in ordered if one.state is TransferState.PAIRED],
        ):
            if those:
                columns = zip(*(_columns(one) for one in those), strict=True)
                await self.db.execute(_SAVE, self.user_id, *map(list, columns))

    @override
    async def forget(self, transfer_ids: Collection[TransferId]) -> None:
        await self.db.execute(_FORGET, self.user_id, list(transfer_ids))

    @override
    async def forget_erased(self) -> None:
        await self.db.execute(_FORGET_ERASED, self.user_id)

    @override
    async def mark(self, entries: Sequence[Entry], revision: int) -> None:
        marks = [one.transfer for one in entries]
        await self.db.execute(
            _MARK,
            self.user_id,
            revision,
            [one.id for one in entries],
            [one.category for one in entries],
            [mark and mark.id for mark in marks],
            [mark and mark.other for mark in marks],
            [mark and mark.other_account for mark in marks],
            [mark and mark.beneath for mark in marks],
        )


@dataclass(frozen=True, slots=True)
class BeginPostgresTransfersTx(BeginTransfersTx):
    database: Database
    cipher: Cipher

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[TransfersTx]:
        async with self.database.begin(acting_for) as tx:
            yield TransfersTx(
                ledger=await ledger_of(tx, acting_for, self.database, self.cipher),
                transfers=PostgresTransfers(tx.db, await tx.driver(), acting_for),
                rates=PostgresKeptRates(tx.db),
            )


def _transfer(row: Any) -> Transfer:  # noqa: ANN401 - the driver publishes no types
    return Transfer(
        id=TransferId(row["id"]),
        out=EntryId(row["out_entry"]),
        into=EntryId(row["in_entry"]),
        state=TransferState(row["state"]),
        method=Method(row["method"]),
        confidence=row["confidence"],
        pairer=row["pairer"],
        by_person=row["by_person"],
        made_at=row["made_at"],
        decided_at=row["decided_at"],
    )


def _columns(one: Transfer) -> tuple[object, ...]:
    return (
        *(one.id, one.out, one.into, one.state.value, one.method.value, one.confidence),
        *(one.pairer, one.by_person, one.made_at, one.decided_at),
    )
