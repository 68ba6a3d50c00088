"""A person's ledger. Everything here lives as long as the person keeps it; nothing cascades."""

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
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from adapters.postgres.schema import (
    currency,
    currency_is_iso,
    id_column,
    instant,
    metadata,
    one_of,
    owner,
)
from domain.ledger.account import AccountOrigin
from domain.ledger.entry import Removed
from domain.ledger.matching.evidence import Method
from domain.ledger.matching.facts import SourceState
from domain.shared.observations import AccountKind, EntryStatus

accounts: Final = Table(
    "accounts",
    metadata,
    owner(),
    id_column(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    currency(),
    Column("origin", Text, nullable=False),
    Column("number", Text),
    Column("institution", Text),
    Column("anchor_minor", BigInteger),
    instant("anchor_at", nullable=True),
    Column("available_minor", BigInteger),
    Column("balance_minor", BigInteger, nullable=False),
    instant("created_at"),
    # Who vouches for the anchor, where several feeds tell of the account.
    Column("anchored_by", Text),
    Column("last_four", Text),
    Column("institution_id", Text),
    currency_is_iso(),
    one_of("kind", AccountKind),
    one_of("origin", AccountOrigin),
    one_of("anchored_by", AccountOrigin),
    CheckConstraint("(anchor_minor is null) = (anchor_at is null)", name="anchor_is_whole"),
)

account_sources: Final = Table(
    "account_sources",
    metadata,
    owner(),
    Column("feed_id", Uuid, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("account_id", Uuid, nullable=False),
    # The account was there before it had this name: so may be what is told under it.
    Column("recognise", Boolean, nullable=False, server_default=text("false")),
    ForeignKeyConstraint(["user_id", "account_id"], ["accounts.user_id", "accounts.id"]),
    Index("account_sources_account_idx", "user_id", "account_id"),
)

entries: Final = Table(
    "entries",
    metadata,
    owner(),
    id_column(),
    Column("account_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    currency(),
    Column("booked_on", Date, nullable=False),
    Column("value_on", Date),
    Column("text", Text, nullable=False),
    Column("counterparty", Text),
    Column("category", Text, nullable=False),
    Column("note", Text),
    Column("is_split", Boolean, nullable=False, server_default=text("false")),
    Column("edited", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("removed", Text),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("revision", BigInteger, nullable=False),
    # The other side of the transfer that it is one side of, so that lists need not look for it.
    Column("transfer_id", Uuid),
    Column("transfer_entry_id", Uuid),
    Column("transfer_account_id", Uuid),
    Column("transfer_beneath", Text),
    # The entry that it turned out to be.
    Column("merged_into", Uuid),
    currency_is_iso(),
    CheckConstraint(
        "num_nulls(transfer_id, transfer_entry_id, transfer_account_id, transfer_beneath)"
        " in (0, 4)",
        name="transfer_is_whole",
    ),
    one_of("status", EntryStatus),
    one_of("removed", Removed),
    CheckConstraint("abs(amount_minor) <= 10000000000000000", name="amount_is_sane"),
    ForeignKeyConstraint(["user_id", "account_id"], ["accounts.user_id", "accounts.id"]),
    # The page everybody opens first, newest on top.
    Index(
        "entries_page_idx",
        "user_id",
        text("booked_on desc"),
        text("id desc"),
        postgresql_where=text("removed is null"),
    ),
    Index("entries_account_idx", "user_id", "account_id", text("booked_on desc"), text("id desc")),
    Index("entries_revision_idx", "user_id", "revision"),
    # What may come again under another name.
    Index(
        "entries_lost_idx",
        "user_id",
        "account_id",
        "booked_on",
        postgresql_where=text("removed in ('by_feed', 'by_person')"),
    ),
    # Sides of transfers that were taken away a moment ago.
    Index(
        "entries_parting_idx",
        "user_id",
        "booked_on",
        postgresql_where=text("removed is not null and transfer_id is not null"),
    ),
    Index(
        "entries_merged_idx",
        "user_id",
        "merged_into",
        postgresql_where=text("merged_into is not null"),
    ),
    # `removed` is there because holds that expired stay pending, and screens ask for the others.
    Index(
        "entries_pending_idx",
        "user_id",
        "removed",
        "account_id",
        postgresql_where=text("status = 'pending'"),
    ),
)

entry_parts: Final = Table(
    "entry_parts",
    metadata,
    owner(),
    Column("entry_id", Uuid, primary_key=True),
    Column("ordinal", SmallInteger, primary_key=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("category", Text, nullable=False),
    Column("note", Text),
    ForeignKeyConstraint(["user_id", "entry_id"], ["entries.user_id", "entries.id"]),
)

entry_sources: Final = Table(
    "entry_sources",
    metadata,
    owner(),
    Column("feed_id", Uuid, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("entry_id", Uuid, nullable=False),
    Column("digest", BigInteger, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'live'")),
    # Why it is that entry. The defaults are those of the time before there was evidence.
    Column("method", Text, nullable=False, server_default=text("'named'")),
    Column("confidence", SmallInteger, nullable=False, server_default=text("100")),
    Column("matcher", SmallInteger, nullable=False, server_default=text("1")),
    Column("founding", Boolean, nullable=False, server_default=text("true")),
    Column("evidence", JSONB),
    one_of("state", SourceState),
    one_of("method", Method),
    CheckConstraint("confidence between 0 and 100", name="confidence_is_per_cent"),
    Index("entry_sources_entry_idx", "user_id", "entry_id"),
)

month_sums: Final = Table(
    "month_sums",
    metadata,
    owner(),
    Column("month", Date, primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("in_minor", BigInteger, nullable=False),
    Column("out_minor", BigInteger, nullable=False),
    Column("parts", Integer, nullable=False),
    currency_is_iso(),
    CheckConstraint("extract(day from month) = 1", name="month_is_its_first_day"),
    CheckConstraint("in_minor >= 0 and out_minor <= 0 and parts >= 0", name="signs"),
)

day_sums: Final = Table(
    "day_sums",
    metadata,
    owner(),
    Column("account_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("net_minor", BigInteger, nullable=False),
    currency_is_iso(),
)

ledger_feeds: Final = Table(
    "ledger_feeds",
    metadata,
    owner(),
    Column("feed_id", Uuid, primary_key=True),
    Column("applied", BigInteger, nullable=False),
    Column("ended", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("applied >= 0", name="counts"),
)

ledger_revisions: Final = Table(
    "ledger_revisions",
    metadata,
    owner(),
    Column("revision", BigInteger, nullable=False),
)

ledger_changes: Final = Table(
    "ledger_changes",
    metadata,
    owner(),
    Column("revision", BigInteger, primary_key=True),
    instant("at"),
    Column("cause", Text, nullable=False),
    Column("feed_id", Uuid),
    Column("update_number", BigInteger),
    Column("accounts", ARRAY(Uuid), nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Index(
        "ledger_changes_update_idx",
        "user_id",
        "feed_id",
        "update_number",
        postgresql_where=text("feed_id is not null"),
    ),
)

imports: Final = Table(
    "imports",
    metadata,
    owner(),
    id_column(),
    Column("state", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("file_sealed", LargeBinary),
    Column("file_sha256", LargeBinary, nullable=False),
    Column("report", JSONB),
    Column("refusal", JSONB),
    instant("created_at"),
    instant("finished_at", nullable=True),
)
