"""Bank links, what opens them, and the feeds of pages that they bring."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, grant, only_the_owner_sees

revision: Final = "0003"
down_revision: Final = "0002"


def upgrade() -> None:
    _connections()
    _attempts()
    _finding_the_owner()
    _feeds()
    _pages()


def _connections() -> None:
    op.execute("""
        create table connections (
            user_id uuid not null,
            id uuid not null,
            provider text not null,
            feed_id uuid not null,
            external_id text not null,
            institution text,
            status text not null,
            consent_expires_at timestamptz,
            granted_at timestamptz not null,
            created_at timestamptz not null,
            cursor text,
            wanted bigint not null,
            served bigint not null,
            synced_at timestamptz,
            last_error text,
            erase boolean not null,
            version bigint not null,
            constraint connections_pkey primary key (user_id, id),
            constraint connections_provider_is_known_check check (provider in ('tink', 'plaid')),
            constraint connections_status_is_known_check check (status in
                ('active', 'requires_renewal', 'degraded', 'disconnecting', 'disconnected')),
            constraint connections_wishes_count_check check (served >= 0 and wanted >= served),
            constraint connections_version_counts_from_one_check check (version >= 1)
        )
    """)
    op.execute("create unique index connections_feed_key on connections (user_id, feed_id)")
    only_the_owner_sees("connections")
    op.execute("""
        create table connection_secrets (
            user_id uuid not null,
            connection_id uuid not null,
            access bytea not null,
            constraint connection_secrets_pkey primary key (user_id, connection_id)
        )
    """)
    only_the_owner_sees("connection_secrets")


def _attempts() -> None:
    op.execute("""
        create table link_attempts (
            user_id uuid not null,
            id uuid not null,
            provider text not null,
            state_digest bytea not null,
            issued_at timestamptz not null,
            expires_at timestamptz not null,
            renews uuid,
            status text not null,
            return_digest bytea,
            lease_until timestamptz,
            failure text,
            version bigint not null,
            constraint link_attempts_pkey primary key (user_id, id),
            constraint link_attempts_provider_is_known_check
                check (provider in ('tink', 'plaid')),
            constraint link_attempts_status_is_known_check
                check (status in ('issued', 'exchanging', 'linked', 'failed')),
            constraint link_attempts_digest_is_sha256_check
                check (octet_length(state_digest) = 32),
            constraint link_attempts_lease_while_exchanging_check
                check ((status = 'exchanging') = (lease_until is not null)),
            constraint link_attempts_failure_has_a_code_check
                check ((status = 'failed') = (failure is not null))
        )
    """)
    op.execute(
        "create unique index link_attempts_state_key on link_attempts (user_id, state_digest)"
    )
    only_the_owner_sees("link_attempts")


def _finding_the_owner() -> None:
    op.execute("""
        create table provider_objects (
            provider text not null,
            external_id text not null,
            user_id uuid not null,
            connection_id uuid not null,
            constraint provider_objects_pkey primary key (provider, external_id),
            constraint provider_objects_provider_is_known_check
                check (provider in ('tink', 'plaid'))
        )
    """)
    op.execute(
        "create index provider_objects_connection_idx on provider_objects (user_id, connection_id)"
    )
    grant("provider_objects", "select, insert, delete")


def _feeds() -> None:
    op.execute("""
        create table feeds (
            user_id uuid not null,
            id uuid not null,
            kind text not null,
            numbers bigint not null,
            constraint feeds_pkey primary key (user_id, id),
            constraint feeds_kind_is_known_check check (kind in ('connection', 'statement')),
            constraint feeds_numbers_count_check check (numbers >= 0)
        )
    """)
    only_the_owner_sees("feeds")
    op.execute("""
        create table feed_updates (
            user_id uuid not null,
            id uuid not null,
            feed_id uuid not null,
            number bigint,
            state text not null,
            position text,
            pages integer not null,
            observations bigint not null,
            opened_at timestamptz not null,
            completed_at timestamptz,
            constraint feed_updates_pkey primary key (user_id, id),
            constraint feed_updates_feed_fkey
                foreign key (user_id, feed_id) references feeds (user_id, id),
            constraint feed_updates_state_is_known_check
                check (state in ('collecting', 'complete')),
            constraint feed_updates_complete_has_a_number_check check (
                (state = 'complete') = (number is not null)
                and (state = 'complete') = (completed_at is not null)),
            constraint feed_updates_numbers_count_from_one_check check (number >= 1)
        )
    """)
    op.execute(
        "create unique index feed_updates_number_key on feed_updates (user_id, feed_id, number)"
    )
    op.execute(
        "create unique index feed_updates_one_collecting_key on feed_updates (user_id, feed_id)"
        " where state = 'collecting'"
    )
    only_the_owner_sees("feed_updates")


def _pages() -> None:
    op.execute("""
        create table page_bodies (
            user_id uuid not null,
            feed_id uuid not null,
            sha256 bytea not null,
            observations bytea not null,
            raw bytea,
            raw_expires_at timestamptz,
            constraint page_bodies_pkey primary key (user_id, feed_id, sha256),
            constraint page_bodies_raw_expires_check
                check ((raw is not null) = (raw_expires_at is not null)),
            constraint page_bodies_digest_is_sha256_check check (octet_length(sha256) = 32)
        )
    """)
    # Both are compressed already; trying once more costs time and gains nothing.
    op.execute(
        "alter table page_bodies alter column observations set storage external,"
        " alter column raw set storage external"
    )
    op.execute(
        "create index page_bodies_raw_expires_idx on page_bodies"
        " (user_id, feed_id, raw_expires_at) where raw_expires_at is not null"
    )
    only_the_owner_sees("page_bodies")
    op.execute("""
        create table feed_pages (
            user_id uuid not null,
            update_id uuid not null,
            ordinal integer not null,
            feed_id uuid not null,
            sha256 bytea not null,
            constraint feed_pages_pkey primary key (user_id, update_id, ordinal),
            constraint feed_pages_update_fkey
                foreign key (user_id, update_id) references feed_updates (user_id, id),
            constraint feed_pages_body_fkey foreign key (user_id, feed_id, sha256)
                references page_bodies (user_id, feed_id, sha256)
        )
    """)
    op.execute("create index feed_pages_body_idx on feed_pages (user_id, feed_id, sha256)")
    only_the_owner_sees("feed_pages")


def downgrade() -> None:
    drop(["feed_pages", "page_bodies", "feed_updates", "feeds"])
    drop(["provider_objects", "link_attempts", "connection_secrets", "connections"])
