from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.errors import database_errors
from application.connections.health.history import (
    Failing,
    NextStep,
    QueuedSync,
    health_of,
)
from application.connections.rhythm import SIX_HOURLY, Rhythm
from application.connections.views import (
    ConnectionPlace,
    ConnectionsReader,
    ConnectionView,
    RenewalView,
    needed_action,
)
from domain.connections.connection import ConnectionStatus
from domain.connections.errors import ConnectionNotFoundError
from domain.connections.provider import Provider
from domain.connections.runs import Hold
from domain.connections.unattended import WINDOW
from domain.shared.ids import ConnectionId, JobId, UserId

# One statement, its own transaction: it names the person itself, so that the policies hold.
# Accounts belong to the ledger, which knows what each feed shows. Only read here.
_READ: Final = """
    with acting as materialized (select set_config('app.user_id', $1::text, true) as who)
    select one.*, job.id as job_id, sync.run_at, sync.state, sync.error, sync.held, sync.waited,
        step.run_at as step_at, failing.tries, failing.since, looked.whose, looked.looks
    from acting
    cross join lateral (
        select id, provider, feed_id, institution, status, consent_expires_at, granted_at,
            synced_at, wanted, served, last_error, created_at
        from connections
        where user_id = acting.who::uuid
          and ($2::uuid is null or id = $2)
          and ($3::text is null or provider = $3)
          and ($5::timestamptz is null or (created_at, id) > ($5, $6::uuid))
        order by created_at, id
        limit $7 offset 0  -- a fence: nothing is read before the person is named
    ) as one
    left join lateral (
        select jobs.id from jobs
        where jobs.unique_key in ('connections.sync:' || one.id, 'connections.revoke:' || one.id)
          and jobs.state in ('ready', 'leased')
        order by jobs.unique_key
        limit 1
    ) as job on true
    left join lateral (
        select run_at, state, error, payload ->> 'held' as held,
            coalesce((payload ->> 'waited')::int, 0) as waited
        from jobs
        where unique_key = 'connections.sync:' || one.id and state in ('ready', 'leased')
    ) as sync on true
    left join lateral (
        select min(run_at) as run_at from jobs
        where unique_key in ('connections.keep_in_step:' || one.id, 'connections.check:' || one.id)
          and state in ('ready', 'leased')
    ) as step on true
    left join lateral (
        select count(*) as tries, min(began_at) as since from sync_runs
        where user_id = acting.who::uuid and connection_id = one.id
          and outcome in ('failed', 'lost')
          and began_at > coalesce(one.synced_at, '-infinity')
    ) as failing on true
    left join lateral (
        select array_agg(whose) as whose, array_agg(at) as looks from (
            select connection_id as whose, at from unattended_reads
            where user_id = acting.who::uuid and provider = one.provider and at > $4
              and connection_id = one.id
            union all
            select account.id, at from unattended_reads, unnest(accounts) as account(id)
            where user_id = acting.who::uuid and provider = one.provider and at > $4
              and account.id in (
                  select account_id from account_sources
                  where user_id = acting.who::uuid and feed_id = one.feed_id
              )
        ) as look
    ) as looked on true
    order by one.created_at, one.id
"""


@dataclass(frozen=True, slots=True)
class PostgresConnectionsReader(ConnectionsReader):
    database: Database
    rhythm: Rhythm = SIX_HOURLY

    @override
    async def list(
        self,
        user_id: UserId,
        provider: Provider | None,
        after: ConnectionPlace | None = None,
        limit: int | None = None,
    ) -> Sequence[ConnectionView]:
        at, after_id = (None, None) if after is None else (after.created_at, after.id)
        return await self._read(user_id, None, provider, at, after_id, limit)

    @override
    async def get(self, user_id: UserId, connection_id: ConnectionId) -> ConnectionView:
        found = await self._read(user_id, connection_id, None, None, None, None)
        if not found:
            raise ConnectionNotFoundError(connection_id)
        return found[0]

    async def _read(
        self,
        user_id: UserId,
        connection_id: ConnectionId | None,
        provider: Provider | None,
        *page: datetime | ConnectionId | int | None,
    ) -> tuple[ConnectionView, ...]:
        now = self.database.clock.now()
        with database_errors():
            rows = await self.database.reads.fetch(
                _READ, str(user_id), connection_id, provider, now - WINDOW, *page
            )
        return tuple(_view(row, self.rhythm, now) for row in rows)


@dataclass(frozen=True, slots=True)
class _Consent:
    status: ConnectionStatus
    consent_expires_at: datetime | None
    synced_at: datetime | None
    last_error: str | None


def _view(row: Any, rhythm: Rhythm, now: datetime) -> ConnectionView:  # noqa: ANN401 - the driver publishes no types
    status = ConnectionStatus(row["status"])
    consent = _Consent(status, row["consent_expires_at"], row["synced_at"], row["last_error"])
    renewal = RenewalView.of(consent, now)
    return ConnectionView(
        id=ConnectionId(row["id"]),
        provider=Provider(row["provider"]),
        institution=row["institution"],
        status=status,
        consent_expires_at=row["consent_expires_at"],
        synced_at=row["synced_at"],
        last_error=row["last_error"],
        needs_action=needed_action(renewal),
        renewal=renewal,
        health=health_of(
            status=status,
            synced_at=row["synced_at"],
            failing=Failing(row["tries"], row["since"]),
            queued=_queued(row),
            step=_step(row, rhythm),
            now=now,
        ),
        job_id=None if row["job_id"] is None else JobId(row["job_id"]),
        created_at=row["created_at"],
    )


def _queued(row: Any) -> QueuedSync | None:  # noqa: ANN401 - as above
    if row["state"] is None:
        return None
    return QueuedSync(
        row["run_at"],
        row["state"] == "leased",
        row["error"] is not None,
        None if row["held"] is None else Hold(row["held"]),
        row["waited"],
    )


def _step(row: Any, rhythm: Rhythm) -> NextStep | None:  # noqa: ANN401 - as above
    if row["step_at"] is None:
        return None
    wished = row["wanted"] > row["served"]
    looks: dict[UUID, list[datetime]] = {}
    for whose, at in zip(row["whose"] or (), row["looks"] or (), strict=True):
        looks.setdefault(whose, []).append(at)
    return NextStep(
        row["step_at"],
        None if wished else rhythm.due_at(row["synced_at"], row["granted_at"]),
        tuple(looks.values()),
    )
