"""Statements that prove the ledger, and months that are closed."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, only_the_owner_sees

revision: Final = "0017"
down_revision: Final = "0016"


def upgrade() -> None:
    _statements()
    _readings()
    _closed_months()
    _late_changes()


def _statements() -> None:
    op.execute("""
        create table account_statements (
            user_id uuid not null,
            id uuid not null,
            account_id uuid not null,
            feed_id uuid not null,
            import_id uuid,
            fingerprint bytea not null,
            reference text,
            number bigint,
            first date not null,
            last date not null,
            told boolean not null,
            opening_minor bigint,
            closing_minor bigint,
            booked integer not null,
            total_minor bigint not null,
            currency varchar(3) not null,
            imported_at timestamptz not null,
            constraint account_statements_pkey primary key (user_id, id),
            constraint account_statements_user_id_account_id_fkey
                foreign key (user_id, account_id) references accounts (user_id, id),
            constraint account_statements_currency_is_iso_check check (currency ~ '^[A-Z]{3}$'),
            constraint account_statements_days_are_in_order_check check (first <= last)
        )
    """)
    op.execute(
        "create unique index account_statements_fingerprint_key"
        " on account_statements (user_id, account_id, fingerprint)"
    )
    op.execute(
        "create index account_statements_days_idx on account_statements (user_id, account_id, last)"
    )
    op.execute("create index account_statements_feed_idx on account_statements (user_id, feed_id)")
    only_the_owner_sees("account_statements")


def _readings() -> None:
    op.execute("""
        create table balance_readings (
            user_id uuid not null,
            account_id uuid not null,
            day date not null,
            feed_id uuid not null,
            amount_minor bigint not null,
            currency varchar(3) not null,
            as_of timestamptz not null,
            constraint balance_readings_pkey primary key (user_id, account_id, day),
            constraint balance_readings_user_id_account_id_fkey
                foreign key (user_id, account_id) references accounts (user_id, id),
            constraint balance_readings_currency_is_iso_check check (currency ~ '^[A-Z]{3}$')
        )
    """)
    op.execute("create index balance_readings_feed_idx on balance_readings (user_id, feed_id)")
    only_the_owner_sees("balance_readings")


def _closed_months() -> None:
    op.execute("""
        create table closed_months (
            user_id uuid not null,
            account_id uuid not null,
            month date not null,
            closed_at timestamptz not null,
            currency varchar(3),
            opening_minor bigint,
            closing_minor bigint,
            witnesses jsonb not null,
            constraint closed_months_pkey primary key (user_id, account_id, month),
            constraint closed_months_user_id_account_id_fkey
                foreign key (user_id, account_id) references accounts (user_id, id),
            constraint closed_months_currency_is_iso_check check (currency ~ '^[A-Z]{3}$'),
            constraint closed_months_month_is_its_first_day_check
                check (extract(day from month) = 1),
            constraint closed_months_figures_are_whole_check
                check (num_nulls(currency, opening_minor, closing_minor) in (0, 3))
        )
    """)
    only_the_owner_sees("closed_months")


def _late_changes() -> None:
    op.execute("""
        create table late_changes (
            user_id uuid not null,
            feed_id uuid not null,
            number bigint not null,
            name text not null,
            account_id uuid not null,
            entry_id uuid,
            lead text not null,
            plain boolean not null,
            before_minor bigint,
            before_currency text,
            before_on date,
            before_text text,
            after_minor bigint,
            after_currency text,
            after_on date,
            after_text text,
            constraint late_changes_pkey primary key (user_id, feed_id, number, name),
            constraint late_changes_user_id_account_id_fkey
                foreign key (user_id, account_id) references accounts (user_id, id),
            constraint late_changes_before_currency_is_iso_check
                check (before_currency ~ '^[A-Z]{3}$'),
            constraint late_changes_after_currency_is_iso_check
                check (after_currency ~ '^[A-Z]{3}$'),
            constraint late_changes_figures_are_whole_check check (
                num_nulls(before_minor, before_currency, before_on, before_text) in (0, 4)
                and num_nulls(after_minor, after_currency, after_on, after_text) in (0, 4))
        )
    """)
    op.execute("create index late_changes_account_idx on late_changes (user_id, account_id)")
    only_the_owner_sees("late_changes")


def downgrade() -> None:
    drop(["late_changes", "closed_months", "balance_readings", "account_statements"])
