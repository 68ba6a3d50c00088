"""How a session was opened and when last proved; API keys; roles; people without an address."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, grant

revision: Final = "0005"
down_revision: Final = "0004"

_ENDED: Final = (
    "'signed_out', 'signed_out_elsewhere', 'password_changed', 'factor_removed', 'key_revoked',"
    " 'banned', 'locked', 'deleted', 'by_staff', 'superseded', 'token_reused'"
)


def upgrade() -> None:
    op.execute("""
        alter table sessions
            add column proved_at timestamptz,
            add column methods text[] not null default array['password'],
            add column kind text not null default 'device',
            drop constraint sessions_ended_is_known_check,
            add constraint sessions_kind_is_known_check check (kind in ('device', 'api_key')),
            add constraint sessions_methods_are_known_check
                check (methods <@ array['password', 'totp', 'recovery_code', 'passkey', 'bankid']
                    and cardinality(methods) > 0)
    """)
    op.execute(
        f"alter table sessions add constraint sessions_ended_is_known_check"
        f" check (ended in ({_ENDED}))"
    )
    op.execute("alter table sessions no force row level security")
    op.execute("update sessions set proved_at = created_at")
    op.execute("alter table sessions force row level security")
    op.execute("""
        alter table sessions
            alter column proved_at set not null,
            alter column methods drop default,
            alter column kind drop default,
            add constraint sessions_proved_after_created_check check (proved_at >= created_at)
    """)
    op.execute("""
        alter table people
            alter column email drop not null,
            add column role text not null default 'user',
            add constraint people_role_is_known_check
                check (role in ('user', 'support', 'compliance', 'admin'))
    """)
    op.execute("alter table people alter column role drop default")
    _api_keys()


def _api_keys() -> None:
    op.execute("""
        create table api_keys (
            hash bytea not null constraint api_keys_pkey primary key,
            user_id uuid not null,
            session_id uuid not null,
            name bytea not null,
            scopes text[] not null,
            created_at timestamptz not null,
            expires_at timestamptz not null,
            constraint api_keys_hash_is_sha256_check check (length(hash) = 32),
            constraint api_keys_scopes_are_known_check
                check (scopes <@ array['profile:read', 'profile:write', 'connections:read',
                        'connections:write', 'ledger:read', 'ledger:write', 'jobs:read']
                    and cardinality(scopes) > 0),
            constraint api_keys_lives_forwards_check check (created_at < expires_at)
        )
    """)
    op.execute(
        "create unique index api_keys_user_id_session_id_key on api_keys (user_id, session_id)"
    )
    grant("api_keys")


def downgrade() -> None:
    drop(["api_keys"])
    op.execute("alter table people no force row level security")
    # Nobody could find them again: there was no way in without an e-mail address.
    op.execute("delete from people where email is null")
    op.execute("alter table people force row level security")
    op.execute("alter table people drop column role, alter column email set not null")
    op.execute("alter table sessions no force row level security")
    op.execute(
        "update sessions set ended = 'signed_out' where ended not in ('signed_out', 'token_reused')"
    )
    op.execute("delete from sessions where kind <> 'device'")
    op.execute("alter table sessions force row level security")
    op.execute("""
        alter table sessions
            drop column proved_at,
            drop column methods,
            drop column kind,
            drop constraint sessions_ended_is_known_check,
            add constraint sessions_ended_is_known_check
                check (ended in ('signed_out', 'token_reused'))
    """)
