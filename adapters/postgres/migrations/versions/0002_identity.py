"""People, credentials, sessions, refresh tokens, and the directory that finds them."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, grant, only_the_owner_sees

revision: Final = "0002"
down_revision: Final = "0001"


def upgrade() -> None:
    _people()
    _sessions()
    _finding_the_owner()


def _people() -> None:
    op.execute("""
        create table people (
            user_id uuid not null constraint people_pkey primary key,
            name bytea not null,
            email bytea not null,
            locale text not null,
            time_zone text not null,
            currency varchar(3) not null,
            status text not null,
            created_at timestamptz not null,
            constraint people_currency_is_iso_check check (currency ~ '^[A-Z]{3}$'),
            constraint people_status_is_known_check
                check (status in ('active', 'locked', 'banned', 'deleted')),
            constraint people_locale_is_a_tag_check
                check (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
            constraint people_time_zone_is_short_check
                check (length(time_zone) between 1 and 64)
        )
    """)
    only_the_owner_sees("people")
    op.execute("""
        create table credentials (
            user_id uuid not null,
            id uuid not null,
            kind text not null,
            secret_hash text not null,
            created_at timestamptz not null,
            changed_at timestamptz not null,
            constraint credentials_pkey primary key (user_id, id),
            constraint credentials_kind_is_known_check check (kind in ('password')),
            constraint credentials_password_is_argon2id_check
                check (kind <> 'password' or secret_hash like '$argon2id$%'),
            constraint credentials_changed_after_created_check check (changed_at >= created_at)
        )
    """)
    op.execute(
        "create unique index credentials_one_password_key on credentials (user_id)"
        " where kind = 'password'"
    )
    only_the_owner_sees("credentials")


def _sessions() -> None:
    op.execute("""
        create table sessions (
            user_id uuid not null,
            id uuid not null,
            device text not null,
            address text,
            created_at timestamptz not null,
            last_used_at timestamptz not null,
            idle_expires_at timestamptz not null,
            expires_at timestamptz not null,
            ended_at timestamptz,
            ended text,
            constraint sessions_pkey primary key (user_id, id),
            constraint sessions_ended_is_known_check
                check (ended in ('signed_out', 'token_reused')),
            constraint sessions_device_is_short_check check (length(device) between 1 and 120),
            constraint sessions_address_is_short_check check (length(address) between 1 and 45),
            constraint sessions_end_has_a_reason_check
                check ((ended_at is null) = (ended is null)),
            constraint sessions_lives_forwards_check
                check (created_at < idle_expires_at and idle_expires_at <= expires_at)
        )
    """)
    only_the_owner_sees("sessions")


def _finding_the_owner() -> None:
    op.execute("""
        create table refresh_tokens (
            hash bytea not null constraint refresh_tokens_pkey primary key,
            user_id uuid not null,
            session_id uuid not null,
            issued_at timestamptz not null,
            expires_at timestamptz not null,
            used_at timestamptz,
            successor_hash bytea,
            constraint refresh_tokens_hash_is_sha256_check check (length(hash) = 32),
            constraint refresh_tokens_successor_is_sha256_check
                check (length(successor_hash) = 32),
            constraint refresh_tokens_successor_is_another_check check (successor_hash <> hash),
            constraint refresh_tokens_use_has_a_successor_check
                check ((used_at is null) = (successor_hash is null)),
            constraint refresh_tokens_lives_forwards_check check (issued_at < expires_at)
        )
    """)
    op.execute("create index refresh_tokens_expires_at_idx on refresh_tokens (expires_at)")
    grant("refresh_tokens")
    op.execute("""
        create table login_directory (
            email_hmac bytea not null constraint login_directory_pkey primary key,
            user_id uuid not null,
            constraint login_directory_hmac_is_sha256_check check (length(email_hmac) = 32)
        )
    """)
    op.execute("create unique index login_directory_user_id_key on login_directory (user_id)")
    grant("login_directory")


def downgrade() -> None:
    drop(["login_directory", "refresh_tokens", "sessions", "credentials", "people"])
