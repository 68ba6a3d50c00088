"""The machinery below every use case: jobs, outbox, inbox, kept replies, audit trail."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, grant, only_the_owner_sees

revision: Final = "0001"
down_revision: Final = None


def upgrade() -> None:
    _jobs()
    _messages()
    _audit()


def _jobs() -> None:
    op.execute("""
        create table jobs (
            id uuid not null constraint jobs_pkey primary key,
            name text not null,
            payload jsonb not null,
            user_id uuid,
            state text not null,
            run_at timestamptz not null,
            attempts integer not null,
            attempts_max integer not null,
            fence bigint not null,
            lease_until timestamptz,
            unique_key text,
            created_at timestamptz not null,
            finished_at timestamptz,
            error text,
            constraint jobs_state_is_known_check
                check (state in ('ready', 'leased', 'done', 'dead')),
            constraint jobs_lease_has_an_end_check
                check ((state = 'leased') = (lease_until is not null)),
            constraint jobs_counts_check
                check (attempts >= 0 and attempts_max > 0 and fence >= 0)
        )
    """)
    op.execute("create index jobs_due_idx on jobs (run_at) where state = 'ready'")
    op.execute("create index jobs_leased_idx on jobs (lease_until) where state = 'leased'")
    op.execute("create index jobs_dead_idx on jobs (finished_at) where state = 'dead'")
    op.execute(
        "create unique index jobs_unique_key on jobs (unique_key)"
        " where state in ('ready', 'leased')"
    )
    # A queue's rows change all the time: vacuum early, or claims wade through dead rows.
    op.execute(
        "alter table jobs set (autovacuum_vacuum_scale_factor = 0.01,"
        " autovacuum_vacuum_cost_delay = 0, fillfactor = 70)"
    )
    grant("jobs")
    op.execute("""
        create table schedule_slots (
            name text not null,
            slot bigint not null,
            at timestamptz not null,
            constraint schedule_slots_pkey primary key (name, slot)
        )
    """)
    grant("schedule_slots")


def _messages() -> None:
    op.execute("""
        create table outbox (
            id uuid not null constraint outbox_pkey primary key,
            name text not null,
            user_id uuid not null,
            payload jsonb not null,
            at timestamptz not null
        )
    """)
    op.execute("create index outbox_at_idx on outbox (at)")
    grant("outbox")
    op.execute("""
        create table inbox (
            user_id uuid not null,
            consumer text not null,
            event text not null,
            at timestamptz not null,
            constraint inbox_pkey primary key (user_id, consumer, event)
        )
    """)
    only_the_owner_sees("inbox")
    op.execute("""
        create table idempotency_keys (
            user_id uuid not null,
            operation text not null,
            key text not null,
            request_hash bytea not null,
            result bytea not null,
            at timestamptz not null,
            constraint idempotency_keys_pkey primary key (user_id, operation, key)
        )
    """)
    only_the_owner_sees("idempotency_keys")


def _audit() -> None:
    op.execute("""
        create table audit_log (
            user_id uuid not null,
            seq bigint not null,
            at timestamptz not null,
            action text not null,
            actor_id uuid not null,
            payload bytea not null,
            payload_hash bytea not null,
            previous bytea not null,
            hash bytea not null,
            constraint audit_log_pkey primary key (user_id, seq),
            constraint audit_log_seq_counts_from_one_check check (seq >= 1)
        )
    """)
    # What is written stays: the application may add and read, nothing else.
    only_the_owner_sees("audit_log", "select, insert")
    op.execute("""
        create table audit_heads (
            user_id uuid not null constraint audit_heads_pkey primary key,
            seq bigint not null,
            hash bytea not null
        )
    """)
    grant("audit_heads", "select, insert, update")


def downgrade() -> None:
    drop(["audit_heads", "audit_log", "idempotency_keys", "inbox", "outbox"])
    drop(["schedule_slots", "jobs"])
