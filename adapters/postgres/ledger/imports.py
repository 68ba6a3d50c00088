"""Imports as rows: their outcome readable, their file compressed and sealed."""

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
import zstandard
from sqlalchemy import ColumnElement, RowMapping, func, insert, null, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.feeds.tables import feeds
from adapters.postgres.ledger.tables import imports, ledger_changes, ledger_feeds
from adapters.postgres.ledger.tables_proofs import closed_months, late_changes
from application.ledger.imports import (
    FeedProgress,
    HeldMonth,
    ImportedFeed,
    ImportId,
    ImportOptions,
    ImportReport,
    Imports,
    ImportsReader,
    ImportState,
    Refusal,
    StatementImport,
)
from application.shared.cipher import Cipher, SealContext
from domain.ledger.errors import ImportNotFoundError
from domain.ledger.proofs.months import AccountMonth
from domain.shared.ids import AccountId, FeedId, UserId

_COLUMNS: Final = tuple(
    column for column in imports.c if column.name not in ("file_sealed", "file_sha256", "dry_run")
)
_TAKE_TURNS: Final = text("select pg_advisory_xact_lock(:turn)")


@dataclass(frozen=True, slots=True)
class PostgresImports(Imports):
    db: AsyncConnection
    user_id: UserId
    cipher: Cipher

    @override
    async def take_turns(self) -> None:
        name = hashlib.sha256(f"ledger.imports|{self.user_id}".encode()).digest()
        await self.db.execute(_TAKE_TURNS, {"turn": int.from_bytes(name[:8], signed=True)})

    @override
    async def add(self, one: StatementImport, file: bytes) -> None:
        sealed = await asyncio.to_thread(self._packed, one.id, file)
        await self.db.execute(
            insert(imports).values(
                user_id=self.user_id,
                id=one.id,
                state=one.state,
                dry_run=one.options.dry_run,
                options=msgspec.to_builtins(one.options),
                file_sealed=sealed,
                file_sha256=hashlib.sha256(file).digest(),
                created_at=one.created_at,
            )
        )

    @override
    async def get(self, import_id: ImportId) -> StatementImport:
        found = await self.db.execute(
            select(*_COLUMNS).where(*self._one(import_id)).with_for_update()
        )
        row = found.mappings().first()
        if row is None:
            raise ImportNotFoundError(import_id)
        return import_from_row(row)

    @override
    async def file(self, import_id: ImportId) -> bytes | None:
        found = await self.db.execute(select(imports.c.file_sealed).where(*self._one(import_id)))
        sealed = found.scalar()
        return (
            None if sealed is None else await asyncio.to_thread(self._unpacked, import_id, sealed)
        )

    @override
    async def save(self, one: StatementImport) -> None:
        outcome: dict[str, Any] = {
            "state": one.state,
            "report": _to_keep(one.report),
            "refusal": _to_keep(one.refusal),
            "finished_at": one.finished_at,
        }
        if one.state in (ImportState.REFUSED, ImportState.CHECKED):
            outcome["file_sealed"] = None
        await self.db.execute(update(imports).where(*self._one(one.id)).values(outcome))

    @override
    async def drop_files_before(self, when: datetime) -> None:
        await self.db.execute(
            update(imports)
            .where(
                imports.c.user_id == self.user_id,
                imports.c.created_at < when,
                imports.c.file_sealed.is_not(None),
            )
            .values(file_sealed=None)
        )

    def _one(self, import_id: ImportId) -> tuple[ColumnElement[bool], ...]:
        return imports.c.user_id == self.user_id, imports.c.id == import_id

    def _packed(self, import_id: ImportId, file: bytes) -> bytes:
        return self.cipher.seal(zstandard.ZstdCompressor().compress(file), self._context(import_id))

    def _unpacked(self, import_id: ImportId, sealed: bytes) -> bytes:
        opened = self.cipher.open(sealed, self._context(import_id))
        return zstandard.ZstdDecompressor().decompress(opened)

    def _context(self, import_id: ImportId) -> SealContext:
        return SealContext("ledger.import_file", self.user_id, import_id)


@dataclass(frozen=True, slots=True)
class PostgresImportsReader(ImportsReader):
    database: Database

    @override
    async def get(self, user_id: UserId, import_id: ImportId) -> StatementImport:
        found = await self._those(user_id, 1, imports.c.id == import_id)
        if not found:
            raise ImportNotFoundError(import_id)
        return found[0]

    @override
    async def newest(
        self, user_id: UserId, limit: int, before: ImportId | None = None
    ) -> Sequence[StatementImport]:
        older = () if before is None else (imports.c.id < before,)
        return await self._those(user_id, limit, *older)

    async def _those(
        self, user_id: UserId, limit: int, *which: ColumnElement[bool]
    ) -> Sequence[StatementImport]:
        async with self.database.begin(user_id) as tx:
            rows = await tx.db.execute(
                select(*_COLUMNS)
                .where(imports.c.user_id == user_id, *which)
                .order_by(imports.c.id.desc())
                .limit(limit)
            )
            found = [import_from_row(row) for row in rows.mappings()]
            progress = await _progress(tx.db, user_id, found)
        return [one.seen_from(progress) for one in found]


async def _progress(
    db: AsyncConnection, user_id: UserId, found: Sequence[StatementImport]
) -> Mapping[ImportedFeed, FeedProgress]:
    """How far the ledger is with the updates of these imports."""
    wanted = {feed for one in found for feed in one.feeds}
    if not wanted:
        return {}
    names = {feed.feed_id for feed in wanted}
    rows = await db.execute(
        select(feeds.c.id, func.coalesce(ledger_feeds.c.applied, 0))
        .join_from(
            feeds,
            ledger_feeds,
            (ledger_feeds.c.user_id == feeds.c.user_id) & (ledger_feeds.c.feed_id == feeds.c.id),
            isouter=True,
        )
        .where(feeds.c.user_id == user_id, feeds.c.id.in_(names))
    )
    applied = {FeedId(feed_id): int(number) for feed_id, number in rows}
    rows = await db.execute(
        select(
            ledger_changes.c.feed_id, ledger_changes.c.update_number, ledger_changes.c.added
        ).where(ledger_changes.c.user_id == user_id, ledger_changes.c.feed_id.in_(names))
    )
    # The update itself, and what it said of closed months that were opened again.
    added: Counter[ImportedFeed] = Counter()
    for row in rows:
        added[ImportedFeed(row.feed_id, row.update_number)] += row.added
    held, months = await _held(db, user_id, names)
    return {
        # A feed that is gone was erased with its account: nothing more will come of it.
        feed: FeedProgress(
            applied.get(feed.feed_id, feed.number), added[feed], held[feed], tuple(months[feed])
        )
        for feed in wanted
    }


async def _held(
    db: AsyncConnection, user_id: UserId, feed_ids: Collection[FeedId]
) -> tuple[Counter[ImportedFeed], Mapping[ImportedFeed, Sequence[HeldMonth]]]:
    """What waits of these feeds' updates: how much, and for which closed months."""
    late, closed = late_changes.c, closed_months.c
    shown = late.before_on.is_not(None) | late.after_on.is_not(None)
    mine = (late.user_id == user_id, late.feed_id.in_(feed_ids), shown)
    rows = await db.execute(
        select(late.feed_id, late.number, func.count())
        .where(*mine)
        .group_by(late.feed_id, late.number)
    )
    held = Counter({ImportedFeed(FeedId(feed), number): count for feed, number, count in rows})
    ends = [
        func.date_trunc("month", day) == closed.month for day in (late.before_on, late.after_on)
    ]
    rows = await db.execute(
        select(late.feed_id, late.number, closed.account_id, closed.month, func.count())
        .join_from(
            late_changes,
            closed_months,
            (closed.user_id == late.user_id) & (closed.account_id == late.account_id) & or_(*ends),
        )
        .where(*mine)
        .group_by(late.feed_id, late.number, closed.account_id, closed.month)
        .order_by(closed.account_id, closed.month)
    )
    months: defaultdict[ImportedFeed, list[HeldMonth]] = defaultdict(list)
    for feed, number, account, month, count in rows:
        one = HeldMonth.of(AccountMonth(AccountId(account), month), count)
        months[ImportedFeed(FeedId(feed), number)].append(one)
    return held, months


def import_from_row(row: RowMapping) -> StatementImport:
    return StatementImport(
        id=ImportId(row["id"]),
        owner=UserId(row["user_id"]),
        state=ImportState(row["state"]),
        options=msgspec.convert(row["options"], ImportOptions),
        created_at=row["created_at"],
        finished_at=row["finished_at"],
        report=_kept(row["report"], ImportReport),
        refusal=_kept(row["refusal"], Refusal),
    )


def _to_keep(value: object) -> object:
    return null() if value is None else msgspec.to_builtins(value)


def _kept(value: object, shape: type[Any]) -> Any:  # noqa: ANN401 - the shape that was asked for
    return None if value is None else msgspec.convert(value, shape)
