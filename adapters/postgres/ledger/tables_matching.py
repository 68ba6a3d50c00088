"""What the matcher suggests, what people said of it, and what it learnt of each bank."""

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from adapters.postgres.schema import id_column, instant, metadata, one_of, owner
from application.ledger.suggestions import SuggestionState

entry_suggestions: Final = Table(
    "entry_suggestions",
    metadata,
    owner(),
    id_column(),
    Column("feed_id", Uuid, nullable=False),
    Column("pending_name", Text, nullable=False),
    Column("pending_id", Uuid, nullable=False),
    Column("booked_name", Text, nullable=False),
    Column("booked_id", Uuid, nullable=False),
    Column("confidence", SmallInteger, nullable=False),
    Column("matcher", SmallInteger, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    instant("made_at"),
    instant("decided_at", nullable=True),
    # Two feeds of one account tell of the two; else one is booked and the other was pending.
    Column("between_feeds", Boolean, nullable=False, server_default=text("false")),
    one_of("state", SuggestionState),
    CheckConstraint("confidence between 0 and 99", name="confidence_is_per_cent"),
    CheckConstraint("(state = 'open') = (decided_at is null)", name="decided_has_a_time"),
    Index("entry_suggestions_pair_key", "user_id", "pending_id", "booked_id", unique=True),
    Index("entry_suggestions_open_idx", "user_id", "id", postgresql_where=text("state = 'open'")),
)

link_words: Final = Table(
    "link_words",
    metadata,
    owner(),
    Column("feed_id", Uuid, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("entry_id", Uuid, primary_key=True),
    instant("said_at"),
)
"""Names that a person said are not that entry's."""

bank_manners: Final = Table(
    "bank_manners",
    metadata,
    owner(),
    # As its provider knows it (`Account.bank`), not as people do: that may change.
    Column("institution", Text, primary_key=True),
    Column("days", ARRAY(Integer), nullable=False),
    Column("growth", ARRAY(Integer), nullable=False),
    Column("version", SmallInteger, nullable=False),
)
