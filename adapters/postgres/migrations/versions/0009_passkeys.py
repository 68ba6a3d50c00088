"""Passkeys and their challenges."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, grant, only_the_owner_sees

revision: Final = "0009"
down_revision: Final = "0008"


def upgrade() -> None:
    _passkeys()
    _before_anybody_is_signed_in()


def _passkeys() -> None:
    op.execute("""
        create table passkeys (
            user_id uuid not null,
            id uuid not null,
            name bytea not null,
            credential_id bytea not null,
            public_key bytea not null,
            algorithm integer not null,
            sign_count bigint not null,
            aaguid uuid,
            transports text[] not null,
            backup_eligible boolean not null,
            backed_up boolean not null,
            created_at timestamptz not null,
            last_used_at timestamptz,
            constraint passkeys_pkey primary key (user_id, id),
            constraint passkeys_credential_id_is_short_check
                check (length(credential_id) between 1 and 1023),
            constraint passkeys_public_key_is_short_check
                check (length(public_key) between 1 and 2048),
            constraint passkeys_algorithm_is_known_check check (algorithm in (-7, -8, -257)),
            constraint passkeys_sign_count_is_32_bits_check
                check (sign_count between 0 and 4294967295),
            constraint passkeys_backed_up_is_eligible_check
                check (backup_eligible or not backed_up),
            constraint passkeys_used_after_created_check check (last_used_at >= created_at)
        )
    """)
    op.execute(
        "create unique index passkeys_credential_id_key on passkeys (user_id, credential_id)"
    )
    only_the_owner_sees("passkeys")
    op.execute("""
        create table passkey_handles (
            user_id uuid not null constraint passkey_handles_pkey primary key,
            handle bytea not null,
            constraint passkey_handles_handle_is_64_bytes_check check (length(handle) = 64)
        )
    """)
    only_the_owner_sees("passkey_handles")


def _before_anybody_is_signed_in() -> None:
    op.execute("""
        create table passkey_directory (
            credential_hash bytea not null constraint passkey_directory_pkey primary key,
            user_id uuid not null,
            constraint passkey_directory_hash_is_sha256_check check (length(credential_hash) = 32)
        )
    """)
    op.execute("create index passkey_directory_user_id_idx on passkey_directory (user_id)")
    grant("passkey_directory")
    op.execute("""
        create table passkey_challenges (
            hash bytea not null constraint passkey_challenges_pkey primary key,
            purpose text not null,
            user_id uuid,
            bound_to bytea,
            expires_at timestamptz not null,
            constraint passkey_challenges_hash_is_sha256_check check (length(hash) = 32),
            constraint passkey_challenges_bound_to_is_an_id_or_a_hash_check
                check (length(bound_to) between 16 and 32),
            constraint passkey_challenges_only_a_sign_in_is_anybodys_check check (
                (purpose = 'sign_in') = (user_id is null)
                and (user_id is null) = (bound_to is null)
            ),
            constraint passkey_challenges_purpose_is_known_check
                check (purpose in ('register', 'sign_in', 'second_factor', 'step_up'))
        )
    """)
    op.execute("create index passkey_challenges_expires_at_idx on passkey_challenges (expires_at)")
    grant("passkey_challenges")


def downgrade() -> None:
    drop(["passkey_challenges", "passkey_directory", "passkey_handles", "passkeys"])
