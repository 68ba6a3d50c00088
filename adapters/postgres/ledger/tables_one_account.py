"""Accounts that several feeds tell of: who they are, and what each of them says."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Table,
    Text,
    Uuid,
    text,
)

from adapters.postgres.schema import (
    currency,
    currency_is_iso,
    id_column,
    instant,
    metadata,
    one_of,
    owner,
)
from domain.ledger.one_account.told import TellerKind
from domain.shared.observations import AccountKind, EntryStatus

account_tellers: Final = Table(
    "account_tellers",
    metadata,
    owner(),
    Column("account_id", Uuid, primary_key=True),
    Column("feed_id", Uuid, primary_key=True),
    Column("teller", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Text),
    Column("institution", Text),
    Column("last_four", Text),
    Column("institution_id", Text),
    currency(),
    Column("anchor_minor", BigInteger),
    instant("anchor_at", nullable=True),
    Column("available_minor", BigInteger),
    Column("was", Uuid),
    instant("heard_at", nullable=True),
    currency_is_iso(),
    one_of("teller", TellerKind),
    one_of("kind", AccountKind),
    CheckConstraint("(anchor_minor is null) = (anchor_at is null)", name="anchor_is_whole"),
)
"""The feeds of accounts that have several, and what each of them says of the account itself."""

entry_tellings: Final = Table(
    "entry_tellings",
    metadata,
    owner(),
    Column("entry_id", Uuid, primary_key=True),
    Column("feed_id", Uuid, primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    currency(),
    Column("booked_on", Date, nullable=False),
    Column("value_on", Date),
    # Null: the person wrote over the bank's word before it was kept here.
    Column("text", Text),
    Column("counterparty", Text),
    Column("category", Text),
    Column("removed", Text),
    instant("told_at"),
    Column("provisional", Boolean, nullable=False, server_default=text("false")),
    # The entry that it was of before two became one.
    Column("was", Uuid),
    currency_is_iso(),
    one_of("status", EntryStatus),
    one_of("removed", ("by_feed", "expired")),
    Index("entry_tellings_day_idx", "user_id", "account_id", "feed_id", "booked_on"),
    Index(
        "entry_tellings_pending_idx",
        "user_id",
        "feed_id",
        postgresql_where=text("status = 'pending'"),
    ),
    Index(
        "entry_tellings_back_idx",
        "user_id",
        "feed_id",
        "booked_on",
        postgresql_where=text("removed = 'by_feed'"),
    ),
)

former_accounts: Final = Table(
    "former_accounts",
    metadata,
    owner(),
    id_column(),
    Column("account_id", Uuid, nullable=False),
)
"""Accounts that were joined into others."""

accounts_kept_apart: Final = Table(
    "accounts_kept_apart",
    metadata,
    owner(),
    id_column(),
    instant("said_at"),
)
"""Proposals that two accounts are one to which the person said no."""
