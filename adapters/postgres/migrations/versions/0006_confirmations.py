"""E-mail addresses and passwords waiting to be confirmed."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, grant

revision: Final = "0006"
down_revision: Final = "0005"


def upgrade() -> None:
    op.execute("""
        create table confirmations (
            id uuid not null,
            purpose text not null,
            user_id uuid,
            sealed bytea not null,
            token_hash bytea,
            asked_at timestamptz not null,
            expires_at timestamptz not null,
            written_at timestamptz,
            used_at timestamptz,
            constraint confirmations_pkey primary key (id),
            constraint confirmations_purpose_is_known_check
                check (purpose in ('register', 'reset_password', 'change_email')),
            constraint confirmations_token_is_sha256_check check (length(token_hash) = 32),
            constraint confirmations_lives_forwards_check check (asked_at < expires_at),
            constraint confirmations_token_was_written_check
                check (token_hash is null or written_at is not null),
            constraint confirmations_use_has_a_token_check
                check (used_at is null or token_hash is not null)
        )
    """)
    op.execute("create unique index confirmations_token_hash_key on confirmations (token_hash)")
    op.execute("create index confirmations_user_id_idx on confirmations (user_id)")
    op.execute("create index confirmations_expires_at_idx on confirmations (expires_at)")
    grant("confirmations")
    op.execute("""
        create table mail_turns (
            email_hmac bytea not null,
            taken timestamptz[] not null,
            last_at timestamptz not null,
            constraint mail_turns_pkey primary key (email_hmac),
            constraint mail_turns_hmac_is_sha256_check check (length(email_hmac) = 32)
        )
    """)
    op.execute("create index mail_turns_last_at_idx on mail_turns (last_at)")
    grant("mail_turns")


def downgrade() -> None:
    drop(["mail_turns", "confirmations"])
