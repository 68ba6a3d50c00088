"""The ledger: accounts, entries and their sources, kept sums, revisions, imports."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, only_the_owner_sees

revision: Final = "0004"
down_revision: Final = "0003"

_ISO: Final = "check (currency ~ '^[A-Z]{3}$')"


def upgrade() -> None:
    _accounts()
    _entries()
    _sums()
    _progress()


def _accounts() -> None:
    op.execute(f"""
        create table accounts (
            user_id uuid not null,
            id uuid not null,
            name text not null,
            kind text not null,
            currency varchar(3) not null,
            origin text not null,
            number text,
            institution text,
            anchor_minor bigint,
            anchor_at timestamptz,
            available_minor bigint,
            balance_minor bigint not null,
            created_at timestamptz not null,
            constraint accounts_pkey primary key (user_id, id),
            constraint accounts_currency_is_iso_check {_ISO},
            constraint accounts_kind_is_known_check check (kind in (
                'checking', 'savings', 'credit_card', 'loan', 'investment', 'cash', 'other')),
            constraint accounts_origin_is_known_check check (origin in (
                'connection', 'statement', 'manual')),
            constraint accounts_anchor_is_whole_check check (
                (anchor_minor is null) = (anchor_at is null))
        )
    """)
    only_the_owner_sees("accounts")
    op.execute("""
        create table account_sources (
            user_id uuid not null,
            feed_id uuid not null,
            external_id text not null,
            account_id uuid not null,
            recognise boolean not null default false,
            constraint account_sources_pkey primary key (user_id, feed_id, external_id),
            constraint account_sources_user_id_account_id_fkey
                foreign key (user_id, account_id) references accounts (user_id, id)
        )
    """)
    op.execute("create index account_sources_account_idx on account_sources (user_id, account_id)")
    only_the_owner_sees("account_sources")


def _entries() -> None:
    op.execute(f"""
        create table entries (
            user_id uuid not null,
            id uuid not null,
            account_id uuid not null,
            status text not null,
            amount_minor bigint not null,
            currency varchar(3) not null,
            booked_on date not null,
            value_on date,
            text text not null,
            counterparty text,
            category text not null,
            note text,
            is_split boolean not null default false,
            edited text[] not null default '{{}}',
            removed text,
            version integer not null default 1,
            revision bigint not null,
            constraint entries_pkey primary key (user_id, id),
            constraint entries_currency_is_iso_check {_ISO},
            constraint entries_status_is_known_check check (status in ('pending', 'booked')),
            constraint entries_removed_is_known_check check (
                removed in ('by_feed', 'by_person', 'expired')),
            constraint entries_amount_is_sane_check check (
                abs(amount_minor) <= 10000000000000000),
            constraint entries_user_id_account_id_fkey
                foreign key (user_id, account_id) references accounts (user_id, id)
        )
    """)
    op.execute(
        "create index entries_page_idx on entries (user_id, booked_on desc, id desc)"
        " where removed is null"
    )
    op.execute(
        "create index entries_account_idx on entries (user_id, account_id, booked_on desc, id desc)"
    )
    op.execute("create index entries_revision_idx on entries (user_id, revision)")
    op.execute(
        "create index entries_pending_idx on entries (user_id, removed, account_id)"
        " where status = 'pending'"
    )
    only_the_owner_sees("entries")
    op.execute("""
        create table entry_parts (
            user_id uuid not null,
            entry_id uuid not null,
            ordinal smallint not null,
            amount_minor bigint not null,
            category text not null,
            note text,
            constraint entry_parts_pkey primary key (user_id, entry_id, ordinal),
            constraint entry_parts_user_id_entry_id_fkey
                foreign key (user_id, entry_id) references entries (user_id, id)
        )
    """)
    only_the_owner_sees("entry_parts")
    op.execute("""
        create table entry_sources (
            user_id uuid not null,
            feed_id uuid not null,
            external_id text not null,
            entry_id uuid not null,
            digest bigint not null,
            state text not null default 'live',
            constraint entry_sources_pkey primary key (user_id, feed_id, external_id),
            constraint entry_sources_state_is_known_check check (state in (
                'live', 'superseded', 'former'))
        )
    """)
    op.execute("create index entry_sources_entry_idx on entry_sources (user_id, entry_id)")
    only_the_owner_sees("entry_sources")


def _sums() -> None:
    op.execute(f"""
        create table month_sums (
            user_id uuid not null,
            month date not null,
            account_id uuid not null,
            category text not null,
            currency text not null,
            in_minor bigint not null,
            out_minor bigint not null,
            parts integer not null,
            constraint month_sums_pkey
                primary key (user_id, month, account_id, category, currency),
            constraint month_sums_currency_is_iso_check {_ISO},
            constraint month_sums_month_is_its_first_day_check
                check (extract(day from month) = 1),
            constraint month_sums_signs_check
                check (in_minor >= 0 and out_minor <= 0 and parts >= 0)
        )
    """)
    only_the_owner_sees("month_sums")
    op.execute(f"""
        create table day_sums (
            user_id uuid not null,
            account_id uuid not null,
            day date not null,
            currency text not null,
            net_minor bigint not null,
            constraint day_sums_pkey primary key (user_id, account_id, day, currency),
            constraint day_sums_currency_is_iso_check {_ISO}
        )
    """)
    only_the_owner_sees("day_sums")


def _progress() -> None:
    op.execute("""
        create table ledger_feeds (
            user_id uuid not null,
            feed_id uuid not null,
            applied bigint not null,
            ended boolean not null default false,
            constraint ledger_feeds_pkey primary key (user_id, feed_id),
            constraint ledger_feeds_counts_check check (applied >= 0)
        )
    """)
    only_the_owner_sees("ledger_feeds")
    op.execute("""
        create table ledger_revisions (
            user_id uuid not null constraint ledger_revisions_pkey primary key,
            revision bigint not null
        )
    """)
    only_the_owner_sees("ledger_revisions")
    op.execute("""
        create table ledger_changes (
            user_id uuid not null,
            revision bigint not null,
            at timestamptz not null,
            cause text not null,
            feed_id uuid,
            update_number bigint,
            accounts uuid[] not null,
            added integer not null,
            changed integer not null,
            removed integer not null,
            constraint ledger_changes_pkey primary key (user_id, revision)
        )
    """)
    only_the_owner_sees("ledger_changes")
    op.execute("""
        create table imports (
            user_id uuid not null,
            id uuid not null,
            state text not null,
            dry_run boolean not null,
            options jsonb not null,
            file_sealed bytea,
            file_sha256 bytea not null,
            report jsonb,
            refusal jsonb,
            created_at timestamptz not null,
            finished_at timestamptz,
            constraint imports_pkey primary key (user_id, id)
        )
    """)
    only_the_owner_sees("imports")


def downgrade() -> None:
    drop(["imports", "ledger_changes", "ledger_revisions", "ledger_feeds", "day_sums"])
    drop(["month_sums", "entry_sources", "entry_parts", "entries", "account_sources", "accounts"])
