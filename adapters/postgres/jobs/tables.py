"""Jobs, events, marks and kept replies: the machinery below every use case.

Kept: finished jobs and delivered events 14 days, dead jobs until an administrator decides,
idempotency keys 24 hours, schedule slots 90 days.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.schema import id_column, instant, metadata, one_of, owner
from application.shared.jobs import JobState

UNFINISHED: Final = "state in ('ready', 'leased')"

jobs: Final = Table(
    "jobs",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("user_id", Uuid),
    Column("state", Text, nullable=False),
    instant("run_at"),
    Column("attempts", Integer, nullable=False),
    Column("attempts_max", Integer, nullable=False),
    Column("fence", BigInteger, nullable=False),
    instant("lease_until", nullable=True),
    Column("unique_key", Text),
    instant("created_at"),
    instant("finished_at", nullable=True),
    Column("error", Text),
    one_of("state", JobState),
    CheckConstraint("(state = 'leased') = (lease_until is not null)", name="lease_has_an_end"),
    CheckConstraint("attempts >= 0 and attempts_max > 0 and fence >= 0", name="counts"),
    Index("jobs_due_idx", "run_at", postgresql_where=text("state = 'ready'")),
    Index("jobs_leased_idx", "lease_until", postgresql_where=text("state = 'leased'")),
    Index("jobs_unique_key", "unique_key", unique=True, postgresql_where=text(UNFINISHED)),
    Index("jobs_dead_idx", "finished_at", postgresql_where=text("state = 'dead'")),
    Index(
        "jobs_syncs_idx",
        "run_at",
        postgresql_where=text(f"name = 'connections.sync' and {UNFINISHED}"),
    ),
)

outbox: Final = Table(
    "outbox",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("payload", JSONB, nullable=False),
    instant("at"),
    Index("outbox_at_idx", "at"),
)

inbox: Final = Table(
    "inbox",
    metadata,
    owner(),
    Column("consumer", Text, primary_key=True),
    Column("event", Text, primary_key=True),
    instant("at"),
)

idempotency_keys: Final = Table(
    "idempotency_keys",
    metadata,
    owner(),
    Column("operation", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("result", LargeBinary, nullable=False),
    instant("at"),
)

schedule_slots: Final = Table(
    "schedule_slots",
    metadata,
    Column("name", Text, primary_key=True),
    Column("slot", BigInteger, primary_key=True),
    instant("at"),
)
