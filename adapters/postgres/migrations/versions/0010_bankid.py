"""People found by BankID, and sign-ins on their way through it."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, grant, only_the_owner_sees

revision: Final = "0010"
down_revision: Final = "0009"


def upgrade() -> None:
    _links()
    _directory()
    _attempts()


def _links() -> None:
    op.execute("""
        create table bankid_links (
            user_id uuid not null,
            id uuid not null,
            issuer text not null,
            assurance text not null,
            method text not null,
            verified_at timestamptz not null,
            linked_at timestamptz not null,
            unlinked_at timestamptz,
            number bytea,
            born_on bytea,
            name bytea,
            constraint bankid_links_pkey primary key (user_id, id),
            constraint bankid_links_assurance_is_known_check
                check (assurance in ('substantial', 'high')),
            constraint bankid_links_issuer_is_short_check check (length(issuer) between 1 and 255),
            constraint bankid_links_method_is_short_check check (length(method) between 1 and 64),
            constraint bankid_links_verified_after_linked_check check (verified_at >= linked_at),
            constraint bankid_links_unlinked_is_forgotten_check check (
                unlinked_at is null or (number is null and born_on is null and name is null))
        )
    """)
    op.execute(
        "create unique index bankid_links_present_key on bankid_links (user_id)"
        " where unlinked_at is null"
    )
    only_the_owner_sees("bankid_links")


def _directory() -> None:
    op.execute("""
        create table bankid_directory (
            key_hmac bytea not null constraint bankid_directory_pkey primary key,
            kind text not null,
            user_id uuid not null,
            constraint bankid_directory_kind_is_known_check
                check (kind in ('number', 'stable', 'subject')),
            constraint bankid_directory_hmac_is_sha256_check check (length(key_hmac) = 32)
        )
    """)
    op.execute("create index bankid_directory_user_id_idx on bankid_directory (user_id)")
    grant("bankid_directory")


def _attempts() -> None:
    op.execute("""
        create table bankid_attempts (
            state_digest bytea not null constraint bankid_attempts_pkey primary key,
            browser_digest bytea not null,
            nonce_digest bytea not null,
            issued_at timestamptz not null,
            expires_at timestamptz not null,
            user_id uuid,
            session_id uuid,
            cookies boolean not null,
            used_at timestamptz,
            constraint bankid_attempts_digests_are_sha256_check check (
                length(state_digest) = 32 and length(browser_digest) = 32
                and length(nonce_digest) = 32),
            constraint bankid_attempts_linking_has_a_session_check
                check ((user_id is null) = (session_id is null)),
            constraint bankid_attempts_lives_forwards_check check (issued_at < expires_at)
        )
    """)
    op.execute("create index bankid_attempts_expires_at_idx on bankid_attempts (expires_at)")
    grant("bankid_attempts")


def downgrade() -> None:
    drop(["bankid_attempts", "bankid_directory", "bankid_links"])
