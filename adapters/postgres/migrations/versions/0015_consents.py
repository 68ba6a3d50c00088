"""The life of consents: renewals offered, revocations and their receipts."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, grant, only_the_owner_sees

revision: Final = "0015"
down_revision: Final = "0014"


def upgrade() -> None:
    _notices()
    _terms()
    _receipts()
    op.execute("alter table connections add column lapsed_at timestamptz")
    op.execute("alter table webhook_deliveries add column connection_id uuid")
    op.execute(
        "create index webhook_deliveries_about_idx on webhook_deliveries (user_id, connection_id)"
        " where connection_id is not null"
    )


def _notices() -> None:
    op.execute("""
        create table consent_notices (
            user_id uuid not null,
            id uuid not null,
            connection_id uuid not null,
            kind text not null,
            epoch timestamptz not null,
            at timestamptz not null,
            until timestamptz,
            seen_at timestamptz,
            constraint consent_notices_pkey primary key (user_id, id),
            constraint consent_notices_kind_is_known_check
                check (kind in ('renewal_offered', 'renewal_required', 'consent_expired',
                    'access_withdrawn_at_bank', 'disconnected')),
            constraint consent_notices_offers_have_an_end_check
                check ((until is not null) = (kind = 'renewal_offered'))
        )
    """)
    op.execute(
        "create unique index consent_notices_once_key"
        " on consent_notices (user_id, connection_id, kind, epoch)"
    )
    only_the_owner_sees("consent_notices")


def _terms() -> None:
    op.execute("""
        create table consent_terms (
            user_id uuid not null,
            connection_id uuid not null,
            due_at timestamptz not null,
            constraint consent_terms_pkey primary key (user_id, connection_id)
        )
    """)
    op.execute(
        "create index consent_terms_due_idx on consent_terms (due_at, user_id, connection_id)"
    )
    grant("consent_terms")
    # Links from before are looked at once, and get their own date by it: it is not known here,
    # where nobody's connections can be seen.
    op.execute("""
        insert into consent_terms (user_id, connection_id, due_at)
        select distinct user_id, connection_id, now() from provider_objects
    """)


def _receipts() -> None:
    op.execute("""
        create table withdrawal_receipts (
            user_id uuid not null,
            connection_id uuid not null,
            erase boolean not null,
            asked_at timestamptz not null,
            tries integer not null,
            last_error text,
            revoked_at timestamptz,
            revocation text,
            link_done_at timestamptz,
            ledger_done_at timestamptz,
            constraint withdrawal_receipts_pkey primary key (user_id, connection_id),
            constraint withdrawal_receipts_revocation_is_known_check
                check (revocation in ('confirmed', 'gone_already')),
            constraint withdrawal_receipts_tries_count_check check (tries >= 0),
            constraint withdrawal_receipts_says_how_it_ended_check
                check ((revoked_at is null) = (revocation is null))
        )
    """)
    only_the_owner_sees("withdrawal_receipts")
    op.execute("""
        create table withdrawal_lines (
            user_id uuid not null,
            connection_id uuid not null,
            thing text not null,
            fate text not null,
            count bigint not null,
            why text,
            constraint withdrawal_lines_pkey primary key (user_id, connection_id, thing, fate),
            constraint withdrawal_lines_thing_is_known_check
                check (thing in ('access', 'raw_pages', 'observations', 'webhooks', 'accounts',
                    'entries', 'suggestions', 'links', 'transfers')),
            constraint withdrawal_lines_fate_is_known_check check (fate in ('deleted', 'kept')),
            constraint withdrawal_lines_why_is_known_check
                check (why in ('not_asked', 'of_others_too', 'goes_by_itself')),
            constraint withdrawal_lines_counts_up_check check ("count" >= 0),
            constraint withdrawal_lines_kept_for_a_reason_check
                check ((why is not null) = (fate = 'kept'))
        )
    """)
    only_the_owner_sees("withdrawal_lines")


def downgrade() -> None:
    op.execute("drop index webhook_deliveries_about_idx")
    op.execute("alter table webhook_deliveries drop column connection_id")
    op.execute("alter table connections drop column lapsed_at")
    drop(["withdrawal_lines", "withdrawal_receipts", "consent_terms", "consent_notices"])
