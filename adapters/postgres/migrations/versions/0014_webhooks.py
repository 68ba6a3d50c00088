"""What providers tell on their own account, kept before the reply."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, grant, only_the_owner_sees

revision: Final = "0014"
down_revision: Final = "0013"


def upgrade() -> None:
    op.execute("""
        create table webhook_deliveries (
            id uuid not null,
            provider text not null,
            body bytea not null,
            state text not null,
            happening text,
            user_id uuid,
            received_at timestamptz not null,
            settled_at timestamptz,
            expires_at timestamptz not null,
            constraint webhook_deliveries_pkey primary key (id),
            constraint webhook_deliveries_provider_is_known_check
                check (provider in ('tink', 'plaid')),
            constraint webhook_deliveries_state_is_known_check
                check (state in ('waiting', 'done', 'ignored', 'unknown', 'unreadable')),
            constraint webhook_deliveries_happening_is_known_check
                check (happening in ('transactions_changed', 'history_complete',
                    'accounts_changed', 'new_accounts', 'sign_in_required', 'sign_in_repaired',
                    'consent_ends_soon', 'consent_revoked', 'link_broken', 'bank_trouble',
                    'nothing')),
            constraint webhook_deliveries_settled_when_over_check
                check ((state = 'waiting') = (settled_at is null)),
            constraint webhook_deliveries_done_for_somebody_check
                check ((state = 'done') = (user_id is not null))
        )
    """)
    op.execute("create index webhook_deliveries_expires_idx on webhook_deliveries (expires_at)")
    op.execute(
        "create index webhook_deliveries_odd_idx on webhook_deliveries (id) where state <> 'done'"
    )
    grant("webhook_deliveries")
    _people()
    _notes()
    op.execute("alter table connections add column told_at timestamptz")


def _people() -> None:
    op.execute("""
        create table provider_people (
            provider text not null,
            external_id text not null,
            user_id uuid not null,
            constraint provider_people_pkey primary key (provider, external_id),
            constraint provider_people_provider_is_known_check
                check (provider in ('tink', 'plaid'))
        )
    """)
    op.execute("create index provider_people_user_idx on provider_people (user_id)")
    grant("provider_people", "select, insert, delete")
    # Whoever linked through Tink before has a name there already: `tink_name_of`, as SQL.
    op.execute("""
        insert into provider_people (provider, external_id, user_id)
        select distinct 'tink',
            'd-' || left(
                encode(sha256('daler.tink.user:'::bytea || uuid_send(user_id)), 'hex'), 40),
            user_id
        from provider_objects where provider = 'tink'
    """)


def _notes() -> None:
    op.execute("""
        create table sync_notes (
            user_id uuid not null,
            id uuid not null,
            connection_id uuid not null,
            wanted bigint not null,
            account text,
            gone text,
            since date,
            constraint sync_notes_pkey primary key (user_id, id),
            constraint sync_notes_says_one_thing_check check ((gone is null) <> (since is null))
        )
    """)
    op.execute("create index sync_notes_wanted_idx on sync_notes (user_id, connection_id, wanted)")
    only_the_owner_sees("sync_notes", "select, insert, delete")


def downgrade() -> None:
    op.execute("alter table connections drop column told_at")
    drop(["sync_notes", "provider_people", "webhook_deliveries"])
