"""Second factors, recovery codes, and sign-ins that wait for one."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, grant, only_the_owner_sees

revision: Final = "0008"
down_revision: Final = "0007"


def upgrade() -> None:
    _passwords()
    _factors()
    _challenges()


def _passwords() -> None:
    # Until now every password had to be long enough to stand alone.
    op.execute("alter table credentials add column suffices_alone boolean not null default true")
    op.execute("alter table credentials alter column suffices_alone drop default")


def _factors() -> None:
    op.execute("""
        create table totps (
            user_id uuid not null,
            id uuid not null,
            secret bytea not null,
            begun_at timestamptz not null,
            confirmed_at timestamptz,
            last_step bigint not null,
            constraint totps_pkey primary key (user_id, id),
            constraint totps_confirmed_after_begun_check check (confirmed_at >= begun_at),
            constraint totps_last_step_is_a_step_check check (last_step >= 0),
            constraint totps_confirmed_with_a_code_check
                check (confirmed_at is null or last_step > 0)
        )
    """)
    op.execute("create unique index totps_one_app_key on totps (user_id)")
    only_the_owner_sees("totps")
    op.execute("""
        create table recovery_codes (
            user_id uuid not null,
            code_hmac bytea not null,
            made_at timestamptz not null,
            used_at timestamptz,
            constraint recovery_codes_pkey primary key (user_id, code_hmac),
            constraint recovery_codes_hmac_is_sha256_check check (length(code_hmac) = 32),
            constraint recovery_codes_used_after_made_check check (used_at >= made_at)
        )
    """)
    only_the_owner_sees("recovery_codes")


def _challenges() -> None:
    op.execute("""
        create table sign_in_challenges (
            hash bytea not null constraint sign_in_challenges_pkey primary key,
            id uuid not null,
            user_id uuid not null,
            proved text not null,
            password_of timestamptz not null,
            origin bytea not null,
            device_id uuid,
            begun_at timestamptz not null,
            expires_at timestamptz not null,
            misses smallint not null,
            finished_at timestamptz,
            constraint sign_in_challenges_proved_is_known_check check (proved in ('password')),
            constraint sign_in_challenges_hash_is_sha256_check check (length(hash) = 32),
            constraint sign_in_challenges_misses_are_few_check check (misses between 0 and 5),
            constraint sign_in_challenges_lives_forwards_check check (begun_at < expires_at)
        )
    """)
    op.execute("create index sign_in_challenges_expires_at_idx on sign_in_challenges (expires_at)")
    grant("sign_in_challenges")


def downgrade() -> None:
    drop(["sign_in_challenges", "recovery_codes", "totps"])
    # A password that leant on a second factor is too short without one: it has to be chosen anew.
    op.execute("alter table credentials no force row level security")
    op.execute("delete from credentials where not suffices_alone")
    op.execute("alter table credentials force row level security")
    op.execute("alter table credentials drop column suffices_alone")
