"""Failed tries, and the devices that are known."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, grant, only_the_owner_sees

revision: Final = "0007"
down_revision: Final = "0006"


def upgrade() -> None:
    op.execute("""
        create table guarded_counts (
            key bytea not null constraint guarded_counts_pkey primary key,
            account bytea not null,
            tries timestamptz[] not null,
            expires_at timestamptz not null,
            constraint guarded_counts_key_is_sha256_check check (length(key) = 32),
            constraint guarded_counts_account_is_sha256_check check (length(account) = 32),
            constraint guarded_counts_tries_are_few_check check (cardinality(tries) <= 1000)
        )
    """)
    op.execute("create index guarded_counts_account_idx on guarded_counts (account)")
    op.execute("create index guarded_counts_expires_at_idx on guarded_counts (expires_at)")
    grant("guarded_counts")
    op.execute("""
        create table known_devices (
            user_id uuid not null,
            id uuid not null,
            token_hash bytea not null,
            created_at timestamptz not null,
            last_used_at timestamptz not null,
            constraint known_devices_pkey primary key (user_id, id),
            constraint known_devices_token_is_sha256_check check (length(token_hash) = 32),
            constraint known_devices_used_after_created_check
                check (last_used_at >= created_at)
        )
    """)
    op.execute(
        "create unique index known_devices_token_hash_key on known_devices (user_id, token_hash)"
    )
    only_the_owner_sees("known_devices")


def downgrade() -> None:
    drop(["known_devices", "guarded_counts"])
