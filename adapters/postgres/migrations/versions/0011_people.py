"""Settings of people, the directory that administrators list, and what staff did to others."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, grant, only_the_owner_sees

revision: Final = "0011"
down_revision: Final = "0010"


def upgrade() -> None:
    _directory()
    _choices()
    _actions()


def _directory() -> None:
    op.execute("""
        create table people_directory (
            user_id uuid not null constraint people_directory_pkey primary key,
            status text not null,
            role text not null,
            created_at timestamptz not null,
            constraint people_directory_status_is_known_check
                check (status in ('active', 'locked', 'banned', 'deleted')),
            constraint people_directory_role_is_known_check
                check (role in ('user', 'support', 'compliance', 'admin'))
        )
    """)
    op.execute("create index people_directory_status_idx on people_directory (status, user_id)")
    op.execute("create index people_directory_role_idx on people_directory (role, user_id)")
    grant("people_directory")
    # Who was here before is entered, too; a migration may look at everybody for that long.
    op.execute("alter table people no force row level security")
    op.execute(
        "insert into people_directory (user_id, status, role, created_at)"
        " select user_id, status, role, created_at from people"
    )
    op.execute("alter table people force row level security")


def _choices() -> None:
    op.execute("""
        create table notification_choices (
            user_id uuid not null,
            notice text not null,
            channel text not null,
            wanted boolean not null,
            constraint notification_choices_pkey primary key (user_id, notice, channel),
            constraint notification_choices_notice_is_known_check check (notice in
                ('security', 'sync_problems', 'consent_expiry', 'weekly_summary', 'product_news')),
            constraint notification_choices_channel_is_known_check
                check (channel in ('email', 'in_app')),
            constraint notification_choices_security_stays_on_check
                check (notice <> 'security' or wanted)
        )
    """)
    only_the_owner_sees("notification_choices")


def _actions() -> None:
    op.execute("""
        create table audit_actions (
            actor_id uuid not null,
            user_id uuid not null,
            seq bigint not null,
            action text not null,
            at timestamptz not null,
            constraint audit_actions_pkey primary key (actor_id, user_id, seq),
            constraint audit_actions_actor_is_another_check check (actor_id <> user_id)
        )
    """)
    op.execute("create index audit_actions_at_idx on audit_actions (actor_id, at, user_id, seq)")
    # Like the trail itself: what was done cannot be changed or taken away.
    grant("audit_actions", "select, insert")


def downgrade() -> None:
    drop(["audit_actions", "notification_choices", "people_directory"])
