"""Why and how connections were read, and how their providers are doing.

What is a person's has their wall; the rest names nobody. Figures are unlogged: they cost no
write-ahead log, and are empty again after a crash of the database, which counters may be.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.postgres.schema import id_column, instant, metadata, one_of, owner
from domain.connections.provider import Provider
from domain.connections.runs import RunOutcome
from domain.connections.wishes import SyncReason

sync_wishes: Final = Table(
    "sync_wishes",
    metadata,
    owner(),
    id_column("connection_id"),
    Column("reason", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    instant("at"),
    one_of("reason", SyncReason),
)

unattended_reads: Final = Table(
    "unattended_reads",
    metadata,
    owner(),
    id_column(),
    id_column("connection_id", primary_key=False),
    id_column("job_id", primary_key=False),
    Column("provider", Text, nullable=False),
    Column("accounts", ARRAY(Uuid), nullable=False),
    instant("at"),
    one_of("provider", Provider),
    Index("unattended_reads_at_idx", "user_id", "provider", "at"),
)

sync_runs: Final = Table(
    "sync_runs",
    metadata,
    owner(),
    id_column(),
    id_column("connection_id", primary_key=False),
    id_column("feed_id", primary_key=False),
    Column("reason", Text, nullable=False),
    Column("attended", Boolean, nullable=False),
    instant("began_at"),
    instant("ended_at", nullable=True),
    Column("outcome", Text),
    Column("error", Text),
    Column("pages", Integer, nullable=False),
    Column("accounts", Integer, nullable=False),
    Column("transactions", Integer, nullable=False),
    Column("gone", Integer, nullable=False),
    Column("update_number", BigInteger),
    one_of("reason", SyncReason),
    one_of("outcome", RunOutcome),
    CheckConstraint("(ended_at is null) = (outcome is null)", name="ended_somehow"),
    Index("sync_runs_newest_idx", "user_id", "connection_id", "id"),
    Index(
        "sync_runs_one_running_key",
        "user_id",
        "connection_id",
        unique=True,
        postgresql_where=text("ended_at is null"),
    ),
)

provider_figures: Final = Table(
    "provider_figures",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("endpoint", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    # The beginning of five minutes; the end of the year 9999 for all that there ever was.
    Column("slot", instant("slot").type, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("took_us", BigInteger, nullable=False),
    Column("buckets", ARRAY(BigInteger), nullable=False),
    Index("provider_figures_slot_idx", "slot"),
    prefixes=["UNLOGGED"],
)

provider_circuits: Final = Table(
    "provider_circuits",
    metadata,
    Column("process", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("state", Text, nullable=False),
    instant("since"),
    instant("seen_at"),
    prefixes=["UNLOGGED"],
)

sync_lags: Final = Table(
    "sync_lags",
    metadata,
    Column("provider", Text, primary_key=True),
    instant("counted_at"),
    Column("connections", Integer, nullable=False),
    Column("never", Integer, nullable=False),
    Column("behind", Integer, nullable=False),
    Column("buckets", ARRAY(Integer), nullable=False),
    one_of("provider", Provider),
    prefixes=["UNLOGGED"],
)
