"""The terms of `adapters.postgres.retention`, carried out."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import Column, delete
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.connections.tables_health import provider_circuits, provider_figures
from adapters.postgres.connections.tables_webhooks import webhook_deliveries
from adapters.postgres.database import Database
from adapters.postgres.identity.tables import refresh_tokens
from adapters.postgres.identity.tables_bankid import bankid_attempts
from adapters.postgres.identity.tables_confirmations import confirmations, mail_turns
from adapters.postgres.identity.tables_factors import sign_in_challenges
from adapters.postgres.identity.tables_limits import guarded_counts
from adapters.postgres.identity.tables_passkeys import passkey_challenges
from adapters.postgres.jobs.tables import jobs, outbox, schedule_slots
from application.jobs.tidy import BeginTidyTx, Forgotten, TidyTx
from application.shared.jobs import JobState

DONE_KEPT: Final = timedelta(days=14)
SLOTS_KEPT: Final = timedelta(days=90)
EXPIRED: Final[Sequence[tuple[Column[Any], timedelta]]] = (
    (refresh_tokens.c.expires_at, timedelta()),
    (confirmations.c.expires_at, timedelta(days=1)),
    (mail_turns.c.last_at, timedelta(hours=1)),
    (sign_in_challenges.c.expires_at, timedelta(days=1)),
    (passkey_challenges.c.expires_at, timedelta(minutes=30)),
    (bankid_attempts.c.expires_at, timedelta(days=1)),
    (guarded_counts.c.expires_at, timedelta()),
    (webhook_deliveries.c.expires_at, timedelta()),
    (provider_figures.c.slot, timedelta(days=7)),
    (provider_circuits.c.seen_at, timedelta(days=1)),
)
"""Since when a row is over, and how long it is kept then."""

PEOPLE_AT_ONCE: Final = 200
"""So many persons' rows go in one transaction."""
_NEXT_PEOPLE: Final = """
    select user_id from people_directory where user_id > $1 order by user_id limit $2
"""
_ACT_FOR: Final = "select set_config('app.user_id', $1, true)"
_SESSIONS: Final = """
    delete from sessions
     where user_id = $1 and coalesce(ended_at, least(idle_expires_at, expires_at)) < $2
    returning id
"""
_KEYS: Final = "delete from api_keys where user_id = $1 and session_id = any($2::uuid[])"
OF_PEOPLE: Final[Sequence[tuple[str, timedelta]]] = (
    (
        "delete from link_attempts where user_id = $1 and expires_at < $2",
        timedelta(days=30),
    ),
    ("delete from idempotency_keys where user_id = $1 and at < $2", timedelta(hours=24)),
    (
        "delete from unattended_reads where user_id = $1 and at < $2",
        timedelta(days=2),
    ),
    ("delete from sync_runs where user_id = $1 and began_at < $2", timedelta(days=90)),
    (
        "delete from known_devices where user_id = $1 and last_used_at < $2",
        timedelta(days=90),
    ),
)
SESSIONS_KEPT: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class BeginPostgresTidyTx(BeginTidyTx):
    database: Database

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[TidyTx]:
        async with self.database.begin(None) as tx:

            async def forget(now: datetime) -> Forgotten:
                return await _forget(tx.db, now)

            yield TidyTx(jobs=tx.jobs, forget=forget, commit=tx.commit)

    @override
    async def forget_of_people(self, now: datetime) -> int:
        """Policies hold here as everywhere: each person is named before their rows are asked for.

        Whoever acts for nobody would find none.
        """
        last, gone = UUID(int=0), 0
        while True:
            async with self.database.begin(None) as tx:
                driver = await tx.driver()
                people = await driver.fetch(_NEXT_PEOPLE, last, PEOPLE_AT_ONCE)
                for (person,) in people:
                    gone += await _forget_of(driver, person, now)
                await tx.commit()
            if len(people) < PEOPLE_AT_ONCE:
                return gone
            last = people[-1][0]


async def _forget(db: AsyncConnection, now: datetime) -> Forgotten:
    done = await db.execute(
        delete(jobs).where(jobs.c.state == JobState.DONE, jobs.c.finished_at < now - DONE_KEPT)
    )
    events = await db.execute(delete(outbox).where(outbox.c.at < now - DONE_KEPT))
    slots = await db.execute(delete(schedule_slots).where(schedule_slots.c.at < now - SLOTS_KEPT))
    expired = 0
    for over, kept in EXPIRED:
        expired += (await db.execute(delete(over.table).where(over < now - kept))).rowcount
    return Forgotten(done.rowcount, events.rowcount, slots.rowcount, expired)


async def _forget_of(driver: asyncpg.Connection, person: UUID, now: datetime) -> int:
    await driver.execute(_ACT_FOR, str(person))
    ended = await driver.fetch(_SESSIONS, person, now - SESSIONS_KEPT)
    gone = len(ended)
    if ended:
        await driver.execute(_KEYS, person, [row["id"] for row in ended])
    for statement, kept in OF_PEOPLE:
        said: str = await driver.execute(statement, person, now - kept)
        gone += int(said.removeprefix("DELETE "))
    return gone
