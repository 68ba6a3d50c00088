"""The main job at size: a whole history, from the provider's pages to the ledger."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from adapters.postgres.ledger.tables import entries as table
from tests.bench.children import run_child
from tests.bench.figures import Figure, Report, at_least, below, middle, spread
from tests.bench.plaid_history import History, write_history
from tests.bench.server import BenchServer
from tests.bench.sync_child import SyncAnswer, SyncTask
from tests.support.postgres import CleanDatabase, connect

ENTRIES: Final = 100_000
MANY: Final = 300_000
ROUNDS: Final = 3

_TWIN: Final = (
    "create table twin (like entries including all)",
    "alter table twin add foreign key (user_id, account_id) references accounts (user_id, id)",
)
_COLUMNS: Final = table.columns.keys()
_TOLD_AGAIN: Final = (
    "told again: {wal:.0f} bytes of WAL per entry, for the provider's pages: request ids and"
    " balances are new in each telling, so the pages are kept as new ones"
)
_WRITTEN: Final = """
    select sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint from pg_stat_user_tables
    where relname in ('entries', 'entry_sources', 'month_sums', 'day_sums')
"""


@dataclass(frozen=True, slots=True)
class Round:
    copy_s: float
    answer: SyncAnswer
    again_s: float
    again_rows: int
    again_wal: int


def measure(server: BenchServer) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(server, Path(folder)))


async def _measure(server: BenchServer, folder: Path) -> Report:
    history = write_history(folder / "history", ENTRIES)
    async with server.database() as database:
        db = await connect(database.admin_url)
        for statement in _TWIN:
            await db.execute(statement)
        rounds = [await _round(db, database, history) for _ in range(ROUNDS)]
        large = write_history(folder / "large", MANY)
        big = await _sync(database, large)
        await db.close()
    return _report(rounds, big)


async def _round(db: asyncpg.Connection, database: CleanDatabase, history: History) -> Round:
    answer = await _sync(database, history)
    copy_s = await _copy(db, answer.user_id)
    rows, lsn = await _rows_written(db), await db.fetchval("select pg_current_wal_insert_lsn()")
    again = await _sync(database, history, user_id=answer.user_id)
    wal = await db.fetchval(
        "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1::pg_lsn)::bigint", lsn
    )
    written = await _rows_written(db) - rows
    return Round(copy_s, answer, again.done.seconds, written, wal)


async def _sync(
    database: CleanDatabase, history: History, user_id: str | None = None
) -> SyncAnswer:
    task = SyncTask(database.app_url, str(history.path), list(history.ends), user_id)
    return await asyncio.to_thread(run_child, "tests.bench.sync_child", task, SyncAnswer)


async def _copy(db: asyncpg.Connection, user_id: str) -> float:
    """The floor: the same rows into a table with the same constraints and indexes."""
    found = await db.fetch(
        f"select {','.join(_COLUMNS)} from entries where user_id = $1 order by id",  # noqa: S608
        user_id,
    )
    assert len(found) == ENTRIES
    rows = [tuple(row) for row in found]
    started = time.perf_counter()
    await db.copy_records_to_table("twin", records=rows, columns=_COLUMNS)
    return time.perf_counter() - started


async def _rows_written(db: asyncpg.Connection) -> int:
    # Processes that ended have told their counters; our own view of them is made anew.
    await db.execute("select pg_stat_clear_snapshot()")
    written: int = await db.fetchval(_WRITTEN)
    return written


def _report(rounds: Sequence[Round], big: SyncAnswer) -> Report:
    first = middle([one.answer.done.seconds for one in rounds])
    again = middle([one.again_s for one in rounds])
    copy = middle([one.copy_s for one in rounds])
    rows = max(one.again_rows for one in rounds)
    wal = middle([one.again_wal for one in rounds]) / ENTRIES
    return Report(
        "sync",
        f"{ENTRIES:,} transactions of one Plaid link: decoded, kept sealed, matched, categorised,"
        " written, summed, told",
        (
            at_least(
                "first sync",
                f"{ENTRIES / first:,.0f}/s",
                f"COPY into a twin of the table: {ENTRIES / copy:,.0f}/s",
                middle([one.copy_s / one.answer.done.seconds for one in rounds]),
                0.20,
            ),
            at_least(
                "the same feed told again, whole",
                f"{ENTRIES / again:,.0f}/s",
                f"the first time: {ENTRIES / first:,.0f}/s",
                middle([one.answer.done.seconds / one.again_s for one in rounds]),
                1.5,
            ),
            Figure(
                "rows it then writes to entries, sources, sums", f"{rows}", "", "", "0", rows == 0
            ),
            below(
                f"memory above idle, {ENTRIES:,}", _peak([one.answer for one in rounds]), "MB", 64
            ),
            below(f"memory above idle, {MANY:,}", _peak([big]), "MB", 64),
        ),
        (
            _spreads(rounds),
            _TOLD_AGAIN.format(wal=wal),
            f"{MANY:,} transactions at once: {big.done.seconds:.1f} s",
        ),
    )


def _spreads(rounds: Sequence[Round]) -> str:
    first = spread([one.answer.done.seconds for one in rounds])
    again, copy = spread([one.again_s for one in rounds]), spread([one.copy_s for one in rounds])
    return (
        f"first sync {first} s, again {again} s, COPY {copy} s in {ROUNDS} rounds, each in a fresh"
        " process"
    )


def _peak(answers: Sequence[SyncAnswer]) -> float:
    return middle([one.done.peak_mb for one in answers])
