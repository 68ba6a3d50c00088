"""How providers answer, sync by sync and by the hour."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, grant, only_the_owner_sees

revision: Final = "0016"
down_revision: Final = "0015"


def upgrade() -> None:
    _pace()
    _runs()
    _figures()
    # How long the line of syncs is must be known without looking at all jobs.
    op.execute(
        "create index jobs_syncs_idx on jobs (run_at)"
        " where name = 'connections.sync' and state in ('ready', 'leased')"
    )
    op.execute(
        "create index ledger_changes_update_idx on ledger_changes (user_id, feed_id, update_number)"
        " where feed_id is not null"
    )


def _pace() -> None:
    op.execute("""
        create table sync_wishes (
            user_id uuid not null,
            connection_id uuid not null,
            reason text not null,
            number bigint not null,
            at timestamptz not null,
            constraint sync_wishes_pkey primary key (user_id, connection_id, reason),
            constraint sync_wishes_reason_is_known_check check (reason in
                ('person', 'link', 'renewal', 'key', 'webhook', 'consent', 'history', 'rhythm'))
        )
    """)
    only_the_owner_sees("sync_wishes")
    op.execute("""
        create table unattended_reads (
            user_id uuid not null,
            id uuid not null,
            connection_id uuid not null,
            job_id uuid not null,
            provider text not null,
            accounts uuid[] not null,
            at timestamptz not null,
            constraint unattended_reads_pkey primary key (user_id, id),
            constraint unattended_reads_provider_is_known_check
                check (provider in ('tink', 'plaid'))
        )
    """)
    op.execute("create index unattended_reads_at_idx on unattended_reads (user_id, provider, at)")
    only_the_owner_sees("unattended_reads")


def _runs() -> None:
    op.execute("""
        create table sync_runs (
            user_id uuid not null,
            id uuid not null,
            connection_id uuid not null,
            feed_id uuid not null,
            reason text not null,
            attended boolean not null,
            began_at timestamptz not null,
            ended_at timestamptz,
            outcome text,
            error text,
            pages integer not null,
            accounts integer not null,
            transactions integer not null,
            gone integer not null,
            update_number bigint,
            constraint sync_runs_pkey primary key (user_id, id),
            constraint sync_runs_reason_is_known_check check (reason in
                ('person', 'link', 'renewal', 'key', 'webhook', 'consent', 'history', 'rhythm')),
            constraint sync_runs_outcome_is_known_check check (outcome in
                ('synced', 'not_ready', 'postponed', 'needs_renewal', 'not_wanted', 'failed',
                    'lost')),
            constraint sync_runs_ended_somehow_check
                check ((ended_at is null) = (outcome is null))
        )
    """)
    op.execute("create index sync_runs_newest_idx on sync_runs (user_id, connection_id, id)")
    op.execute(
        "create unique index sync_runs_one_running_key on sync_runs (user_id, connection_id)"
        " where ended_at is null"
    )
    only_the_owner_sees("sync_runs")


def _figures() -> None:
    # Unlogged: no write-ahead log, and nothing of it after a crash, when nobody asks for it.
    op.execute("""
        create unlogged table provider_figures (
            provider text not null,
            endpoint text not null,
            outcome text not null,
            slot timestamptz not null,
            count bigint not null,
            took_us bigint not null,
            buckets bigint[] not null,
            constraint provider_figures_pkey primary key (provider, endpoint, outcome, slot)
        )
    """)
    op.execute("create index provider_figures_slot_idx on provider_figures (slot)")
    op.execute("""
        create unlogged table provider_circuits (
            process text not null,
            provider text not null,
            state text not null,
            since timestamptz not null,
            seen_at timestamptz not null,
            constraint provider_circuits_pkey primary key (process, provider)
        )
    """)
    op.execute("""
        create unlogged table sync_lags (
            provider text not null,
            counted_at timestamptz not null,
            connections integer not null,
            never integer not null,
            behind integer not null,
            buckets integer[] not null,
            constraint sync_lags_pkey primary key (provider),
            constraint sync_lags_provider_is_known_check check (provider in ('tink', 'plaid'))
        )
    """)
    for table in ("provider_figures", "provider_circuits", "sync_lags"):
        grant(table)


def downgrade() -> None:
    op.execute("drop index ledger_changes_update_idx")
    op.execute("drop index jobs_syncs_idx")
    drop(["sync_lags", "provider_circuits", "provider_figures"])
    drop(["sync_runs", "unattended_reads", "sync_wishes"])
