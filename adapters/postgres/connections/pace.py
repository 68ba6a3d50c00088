import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from application.connections.pace.ports import SyncLine, SyncWishes, UnattendedReads
from application.shared.chance import NewIds
from domain.connections.connection import Connection
from domain.connections.provider import Provider
from domain.connections.wishes import SyncReason, Wish
from domain.shared.ids import ConnectionId, FeedId, JobId, UserId

_WISH: Final = """
    insert into sync_wishes (user_id, connection_id, reason, number, at)
    values ($1, $2, $3, $4, $5)
    on conflict (user_id, connection_id, reason)
        do update set number = excluded.number, at = excluded.at
"""
_WISHES: Final = """
    select reason, number, at from sync_wishes where user_id = $1 and connection_id = $2
"""
_NO_WISHES: Final = "delete from sync_wishes where user_id = $1 and connection_id = $2"

# The last lock of the transaction that begins a run: job, connection, then this. Two connections
# of one person that show the same account wait for each other here.
_ALONE: Final = "select pg_advisory_xact_lock($1)"
_READS: Final = """
    select connection_id, accounts, at from unattended_reads
    where user_id = $1 and provider = $2 and at > $3
"""
# Accounts belong to the ledger, which knows what each feed shows. Only read here.
_ACCOUNTS: Final = """
    select distinct account_id from account_sources where user_id = $1 and feed_id = $2
"""
_COUNTED: Final = """
    select exists (select from unattended_reads where user_id = $1 and job_id = $2 and at > $3)
"""
_COUNT: Final = """
    insert into unattended_reads (user_id, id, connection_id, job_id, provider, accounts, at)
    values ($1, $2, $3, $4, $5, $6, $7)
"""
_GIVE_BACK: Final = """
    delete from unattended_reads where user_id = $1 and job_id = $2 and at = $3
"""

# By the database's clock, as jobs are claimed. It is asked once: asked anew for each row, it could
# not bound what of the index is read, and everything that waits for later would be gone through.
WAITING: Final = """
    select provider, count(*) as syncs from (
        select payload ->> 'provider' as provider from jobs
        where name = 'connections.sync' and state = 'ready' and run_at <= (select clock_timestamp())
        limit $1
    ) as due group by provider
"""


@dataclass(frozen=True, slots=True)
class PostgresSyncWishes(SyncWishes):
    db: AsyncConnection
    acting_for: UserId

    @override
    async def add(self, connection_id: ConnectionId, wish: Wish) -> None:
        driver = await driver_of(self.db)
        await driver.execute(
            _WISH, self.acting_for, connection_id, wish.reason, wish.number, wish.at
        )

    @override
    async def of(self, connection_id: ConnectionId) -> Sequence[Wish]:
        driver = await driver_of(self.db)
        rows = await driver.fetch(_WISHES, self.acting_for, connection_id)
        return tuple(Wish(SyncReason(row["reason"]), row["number"], row["at"]) for row in rows)

    @override
    async def forget(self, connection_id: ConnectionId) -> None:
        driver = await driver_of(self.db)
        await driver.execute(_NO_WISHES, self.acting_for, connection_id)


@dataclass(frozen=True, slots=True)
class PostgresUnattendedReads(UnattendedReads):
    db: AsyncConnection
    acting_for: UserId
    ids: NewIds

    @override
    async def times(self, connection: Connection, since: datetime) -> Sequence[Sequence[datetime]]:
        driver = await driver_of(self.db)
        await driver.execute(_ALONE, _key(self.acting_for, connection.provider))
        rows = await driver.fetch(_READS, self.acting_for, connection.provider, since)
        of_connection = [row["at"] for row in rows if row["connection_id"] == connection.id]
        accounts = await self._accounts(driver, connection.feed_id) if rows else ()
        return (
            of_connection,
            *([row["at"] for row in rows if one in row["accounts"]] for one in accounts),
        )

    @override
    async def counted(self, job_id: JobId, since: datetime) -> bool:
        driver = await driver_of(self.db)
        return bool(await driver.fetchval(_COUNTED, self.acting_for, job_id, since))

    @override
    async def add(self, connection: Connection, job_id: JobId, at: datetime) -> None:
        driver = await driver_of(self.db)
        await driver.execute(
            _COUNT,
            self.acting_for,
            self.ids.one(),
            connection.id,
            job_id,
            connection.provider,
            await self._accounts(driver, connection.feed_id),
            at,
        )

    @override
    async def give_back(self, job_id: JobId, at: datetime) -> None:
        driver = await driver_of(self.db)
        await driver.execute(_GIVE_BACK, self.acting_for, job_id, at)

    async def _accounts(self, driver: asyncpg.Connection, feed_id: FeedId) -> Sequence[UUID]:
        rows = await driver.fetch(_ACCOUNTS, self.acting_for, feed_id)
        return [row["account_id"] for row in rows]


@dataclass(frozen=True, slots=True)
class PostgresSyncLine(SyncLine):
    db: AsyncConnection

    @override
    async def waiting(self, at_most: int) -> Mapping[Provider | None, int]:
        driver = await driver_of(self.db)
        rows = await driver.fetch(WAITING, at_most)
        return {_provider(row["provider"]): row["syncs"] for row in rows}


async def driver_of(db: AsyncConnection) -> asyncpg.Connection:
    """The asyncpg connection below, inside the same transaction."""
    raw = await db.get_raw_connection()
    driver: Any = raw.driver_connection
    connection: asyncpg.Connection = driver
    return connection


def _provider(name: str | None) -> Provider | None:
    return None if name is None else Provider(name)


def _key(person: UserId, provider: Provider) -> int:
    name = f"unattended_reads|{person}|{provider}".encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True)
