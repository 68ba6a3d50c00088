"""What statements and providers promise, months that are closed, and what came too late."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.schema import (
    currency,
    currency_is_iso,
    id_column,
    instant,
    metadata,
    owner,
)


def _of_an_account() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["user_id", "account_id"], ["accounts.user_id", "accounts.id"])


account_statements: Final = Table(
    "account_statements",
    metadata,
    owner(),
    id_column(),
    Column("account_id", Uuid, nullable=False),
    Column("feed_id", Uuid, nullable=False),
    Column("import_id", Uuid),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("reference", Text),
    Column("number", BigInteger),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("opening_minor", BigInteger),
    Column("closing_minor", BigInteger),
    Column("booked", Integer, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    currency(),
    instant("imported_at"),
    _of_an_account(),
    currency_is_iso(),
    CheckConstraint("first <= last", name="days_are_in_order"),
    # The same statement in another file is the same statement.
    Index(
        "account_statements_fingerprint_key", "user_id", "account_id", "fingerprint", unique=True
    ),
    Index("account_statements_days_idx", "user_id", "account_id", "last"),
    Index("account_statements_feed_idx", "user_id", "feed_id"),
)

balance_readings: Final = Table(
    "balance_readings",
    metadata,
    owner(),
    Column("account_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("feed_id", Uuid, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    currency(),
    instant("as_of"),
    _of_an_account(),
    currency_is_iso(),
    Index("balance_readings_feed_idx", "user_id", "feed_id"),
)

closed_months: Final = Table(
    "closed_months",
    metadata,
    owner(),
    Column("account_id", Uuid, primary_key=True),
    Column("month", Date, primary_key=True),
    instant("closed_at"),
    currency(nullable=True),
    Column("opening_minor", BigInteger),
    Column("closing_minor", BigInteger),
    # Which statements it rests on, as they were named then.
    Column("witnesses", JSONB, nullable=False),
    _of_an_account(),
    currency_is_iso(),
    CheckConstraint("extract(day from month) = 1", name="month_is_its_first_day"),
    CheckConstraint(
        "num_nulls(currency, opening_minor, closing_minor) in (0, 3)", name="figures_are_whole"
    ),
)

late_changes: Final = Table(
    "late_changes",
    metadata,
    owner(),
    Column("feed_id", Uuid, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("entry_id", Uuid),
    # Words that belong together have one name under which it is told what they would do.
    Column("lead", Text, nullable=False),
    Column("plain", Boolean, nullable=False),
    Column("before_minor", BigInteger),
    Column("before_currency", Text),
    Column("before_on", Date),
    Column("before_text", Text),
    Column("after_minor", BigInteger),
    Column("after_currency", Text),
    Column("after_on", Date),
    Column("after_text", Text),
    _of_an_account(),
    currency_is_iso("before_currency"),
    currency_is_iso("after_currency"),
    CheckConstraint(
        "num_nulls(before_minor, before_currency, before_on, before_text) in (0, 4)"
        " and num_nulls(after_minor, after_currency, after_on, after_text) in (0, 4)",
        name="figures_are_whole",
    ),
    Index("late_changes_account_idx", "user_id", "account_id"),
)
