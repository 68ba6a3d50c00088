"""Transfers between own accounts, and kept exchange rates."""

from typing import Final

from alembic import op

from adapters.postgres.migrations.support import drop, grant, only_the_owner_sees

revision: Final = "0013"
down_revision: Final = "0012"

_MARK: Final = ("transfer_id", "transfer_entry_id", "transfer_account_id", "transfer_beneath")


def upgrade() -> None:
    # Nullable and without defaults: nothing is rewritten, however many entries there are.
    op.execute("""
        alter table entries
            add column transfer_id uuid,
            add column transfer_entry_id uuid,
            add column transfer_account_id uuid,
            add column transfer_beneath text,
            add constraint entries_transfer_is_whole_check check (num_nulls(
                transfer_id, transfer_entry_id, transfer_account_id, transfer_beneath)
                in (0, 4))
    """)
    op.execute(
        "create index entries_parting_idx on entries (user_id, booked_on)"
        " where removed is not null and transfer_id is not null"
    )
    _transfers()
    _rates()


def _transfers() -> None:
    op.execute("""
        create table transfers (
            user_id uuid not null,
            id uuid not null,
            out_entry uuid not null,
            in_entry uuid not null,
            state text not null,
            method text not null,
            confidence smallint not null,
            pairer smallint not null,
            by_person boolean not null,
            made_at timestamptz not null,
            decided_at timestamptz,
            constraint transfers_pkey primary key (user_id, id),
            constraint transfers_state_is_known_check check (state in
                ('suggested', 'paired', 'rejected', 'dissolved')),
            constraint transfers_method_is_known_check check (method in
                ('person', 'account_number', 'masked_number', 'words', 'amount')),
            constraint transfers_confidence_is_per_cent_check
                check (confidence between 0 and 100),
            constraint transfers_takes_two_check check (out_entry <> in_entry)
        )
    """)
    op.execute("create unique index transfers_pair_key on transfers (user_id, out_entry, in_entry)")
    op.execute("create index transfers_in_idx on transfers (user_id, in_entry)")
    for side in ("out", "in"):
        op.execute(
            f"create unique index transfers_{side}_once_key on transfers (user_id, {side}_entry)"
            " where state = 'paired'"
        )
    op.execute(
        "create index transfers_suggested_idx on transfers (user_id, id) where state = 'suggested'"
    )
    only_the_owner_sees("transfers")


def _rates() -> None:
    op.execute("""
        create table fx_rates (
            base text not null,
            day date not null,
            quote text not null,
            rate text not null,
            constraint fx_rates_pkey primary key (base, day),
            constraint fx_rates_base_is_iso_check check (base ~ '^[A-Z]{3}$'),
            constraint fx_rates_quote_is_iso_check check (quote ~ '^[A-Z]{3}$'),
            constraint fx_rates_rate_is_a_number_check
                check (rate ~ '^[0-9]{1,12}([.][0-9]{1,20})?$' and rate ~ '[1-9]')
        )
    """)
    grant("fx_rates", "select, insert")


def downgrade() -> None:
    drop(["fx_rates", "transfers"])
    # A category that an entry had for its transfer's sake goes back to what the bank said, in
    # entries and in sums alike. A migration may look at everybody for that long.
    for table in ("entries", "month_sums"):
        op.execute(f"alter table {table} no force row level security")
    op.execute("""
        create temporary table moved on commit drop as
        select user_id, account_id, date_trunc('month', booked_on)::date as month, currency,
            category, transfer_beneath as beneath,
            greatest(amount_minor, 0) as in_minor, least(amount_minor, 0) as out_minor
        from entries
        where transfer_id is not null and category <> transfer_beneath
            and not 'category' = any(edited) and not is_split
            and status = 'booked' and removed is null
    """)
    op.execute("""
        update month_sums set
            in_minor = month_sums.in_minor - less.in_minor,
            out_minor = month_sums.out_minor - less.out_minor,
            parts = month_sums.parts - less.parts
        from (
            select user_id, account_id, month, currency, category,
                sum(in_minor)::bigint as in_minor, sum(out_minor)::bigint as out_minor,
                count(*)::int as parts
            from moved group by 1, 2, 3, 4, 5) less
        where month_sums.user_id = less.user_id and month_sums.account_id = less.account_id
            and month_sums.month = less.month and month_sums.currency = less.currency
            and month_sums.category = less.category
    """)
    op.execute("""
        insert into month_sums (
            user_id, account_id, month, currency, category, in_minor, out_minor, parts)
        select user_id, account_id, month, currency, beneath, sum(in_minor)::bigint,
            sum(out_minor)::bigint, count(*)::int
        from moved group by 1, 2, 3, 4, 5
        on conflict (user_id, month, account_id, category, currency) do update set
            in_minor = month_sums.in_minor + excluded.in_minor,
            out_minor = month_sums.out_minor + excluded.out_minor,
            parts = month_sums.parts + excluded.parts
    """)
    op.execute("""
        update entries set category = transfer_beneath
        where transfer_id is not null and not 'category' = any(edited)
    """)
    for table in ("entries", "month_sums"):
        op.execute(f"alter table {table} force row level security")
    for column in _MARK:
        op.execute(f"alter table entries drop column {column}")
