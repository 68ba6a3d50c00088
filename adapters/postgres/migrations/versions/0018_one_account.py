"""One account that several feeds tell of."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, only_the_owner_sees

revision: Final = "0018"
down_revision: Final = "0017"

_TABLES: Final = ("account_tellers", "entry_tellings", "former_accounts", "accounts_kept_apart")


def upgrade() -> None:
    # Nullable, or with a constant: nothing is rewritten, however many rows there are.
    op.execute("""
        alter table accounts
            add column anchored_by text,
            add column last_four text,
            add constraint accounts_anchored_by_is_known_check check (anchored_by in
                ('connection', 'statement', 'manual'))
    """)
    op.execute("alter table entries add column merged_into uuid")
    op.execute(
        "create index entries_merged_idx on entries (user_id, merged_into)"
        " where merged_into is not null"
    )
    _methods_may_be("named", "exact", "assigned", "again", "person", "twin")
    op.execute("""
        alter table entry_suggestions
            add column between_feeds boolean not null default false
    """)
    _tellers()
    _tellings()
    _words()


def _methods_may_be(*words: str) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute("alter table entry_sources drop constraint entry_sources_method_is_known_check")
    op.execute(
        "alter table entry_sources add constraint entry_sources_method_is_known_check"
        f" check (method in ({listed}))"
    )


def _tellers() -> None:
    op.execute("""
        create table account_tellers (
            user_id uuid not null,
            account_id uuid not null,
            feed_id uuid not null,
            teller text not null,
            name text not null,
            kind text not null,
            number text,
            institution text,
            last_four text,
            currency varchar(3) not null,
            anchor_minor bigint,
            anchor_at timestamptz,
            available_minor bigint,
            was uuid,
            heard_at timestamptz,
            constraint account_tellers_pkey primary key (user_id, account_id, feed_id),
            constraint account_tellers_currency_is_iso_check check (currency ~ '^[A-Z]{3}$'),
            constraint account_tellers_teller_is_known_check check (teller in
                ('statement', 'tink', 'plaid', 'other')),
            constraint account_tellers_kind_is_known_check check (kind in
                ('checking', 'savings', 'credit_card', 'loan', 'investment', 'cash', 'other')),
            constraint account_tellers_anchor_is_whole_check
                check ((anchor_minor is null) = (anchor_at is null))
        )
    """)
    only_the_owner_sees("account_tellers")


def _tellings() -> None:
    op.execute("""
        create table entry_tellings (
            user_id uuid not null,
            entry_id uuid not null,
            feed_id uuid not null,
            account_id uuid not null,
            status text not null,
            amount_minor bigint not null,
            currency varchar(3) not null,
            booked_on date not null,
            value_on date,
            text text,
            counterparty text,
            category text,
            removed text,
            told_at timestamptz not null,
            provisional boolean not null default false,
            was uuid,
            constraint entry_tellings_pkey primary key (user_id, entry_id, feed_id),
            constraint entry_tellings_currency_is_iso_check check (currency ~ '^[A-Z]{3}$'),
            constraint entry_tellings_status_is_known_check
                check (status in ('pending', 'booked')),
            constraint entry_tellings_removed_is_known_check
                check (removed in ('by_feed', 'expired'))
        )
    """)
    op.execute(
        "create index entry_tellings_day_idx"
        " on entry_tellings (user_id, account_id, feed_id, booked_on)"
    )
    op.execute(
        "create index entry_tellings_pending_idx on entry_tellings (user_id, feed_id)"
        " where status = 'pending'"
    )
    op.execute(
        "create index entry_tellings_back_idx on entry_tellings (user_id, feed_id, booked_on)"
        " where removed = 'by_feed'"
    )
    only_the_owner_sees("entry_tellings")


def _words() -> None:
    op.execute("""
        create table former_accounts (
            user_id uuid not null,
            id uuid not null,
            account_id uuid not null,
            constraint former_accounts_pkey primary key (user_id, id)
        )
    """)
    op.execute("""
        create table accounts_kept_apart (
            user_id uuid not null,
            id uuid not null,
            said_at timestamptz not null,
            constraint accounts_kept_apart_pkey primary key (user_id, id)
        )
    """)
    for table in ("former_accounts", "accounts_kept_apart"):
        only_the_owner_sees(table)


def downgrade() -> None:
    # What was joined stays joined: its feeds know its entries by their names, as feeds that told
    # of one account one after the other always did.
    drop(_TABLES)
    op.execute("alter table entry_suggestions no force row level security")
    op.execute("delete from entry_suggestions where between_feeds")
    op.execute("alter table entry_suggestions force row level security")
    op.execute("alter table entry_suggestions drop column between_feeds")
    op.execute("alter table entry_sources no force row level security")
    op.execute("update entry_sources set method = 'again' where method = 'twin'")
    op.execute("alter table entry_sources force row level security")
    _methods_may_be("named", "exact", "assigned", "again", "person")
    op.execute("alter table entries drop column merged_into")
    op.execute("alter table accounts drop column anchored_by, drop column last_four")
