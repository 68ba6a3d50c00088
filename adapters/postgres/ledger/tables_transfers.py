"""Transfers between a person's own accounts, and exchange rates, which are everybody's."""

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from adapters.postgres.schema import currency_is_iso, id_column, instant, metadata, one_of, owner
from domain.ledger.transfers import Method, TransferState

transfers: Final = Table(
    "transfers",
    metadata,
    owner(),
    id_column(),
    Column("out_entry", Uuid, nullable=False),
    Column("in_entry", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("confidence", SmallInteger, nullable=False),
    Column("pairer", SmallInteger, nullable=False),
    Column("by_person", Boolean, nullable=False),
    instant("made_at"),
    instant("decided_at", nullable=True),
    one_of("state", TransferState),
    one_of("method", Method),
    CheckConstraint("confidence between 0 and 100", name="confidence_is_per_cent"),
    CheckConstraint("out_entry <> in_entry", name="takes_two"),
    # A pair has one row for good: what a person said of it is found again.
    Index("transfers_pair_key", "user_id", "out_entry", "in_entry", unique=True),
    Index("transfers_in_idx", "user_id", "in_entry"),
    # Neither side is in two transfers, whatever the code believes.
    Index(
        "transfers_out_once_key",
        "user_id",
        "out_entry",
        unique=True,
        postgresql_where=text("state = 'paired'"),
    ),
    Index(
        "transfers_in_once_key",
        "user_id",
        "in_entry",
        unique=True,
        postgresql_where=text("state = 'paired'"),
    ),
    Index(
        "transfers_suggested_idx",
        "user_id",
        "id",
        postgresql_where=text("state = 'suggested'"),
    ),
)

fx_rates: Final = Table(
    "fx_rates",
    metadata,
    Column("base", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("quote", Text, nullable=False),
    # As text: exactly the digits that the source gave.
    Column("rate", Text, nullable=False),
    currency_is_iso("base"),
    currency_is_iso("quote"),
    CheckConstraint(
        "rate ~ '^[0-9]{1,12}([.][0-9]{1,20})?$' and rate ~ '[1-9]'", name="rate_is_a_number"
    ),
)
"""One unit of `base` cost `rate` of `quote` on that day, as the source said it."""
