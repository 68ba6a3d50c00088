"""Feeds, their numbered updates, and the pages of each; the same page twice is kept once.

Kept: what pages say as long as the entries that came of it, pages as they came 90 days.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from adapters.postgres.schema import id_column, instant, metadata, one_of, owner
from application.shared.feeds import FeedKind

feeds: Final = Table(
    "feeds",
    metadata,
    owner(),
    id_column(),
    Column("kind", Text, nullable=False),
    Column("numbers", BigInteger, nullable=False),
    one_of("kind", FeedKind),
    CheckConstraint("numbers >= 0", name="numbers_count"),
)

feed_updates: Final = Table(
    "feed_updates",
    metadata,
    owner(),
    id_column(),
    id_column("feed_id", primary_key=False),
    Column("number", BigInteger),
    Column("state", Text, nullable=False),
    Column("position", Text),
    Column("pages", Integer, nullable=False),
    Column("observations", BigInteger, nullable=False),
    instant("opened_at"),
    instant("completed_at", nullable=True),
    ForeignKeyConstraint(
        ["user_id", "feed_id"], ["feeds.user_id", "feeds.id"], name="feed_updates_feed_fkey"
    ),
    one_of("state", ("collecting", "complete")),
    CheckConstraint(
        "(state = 'complete') = (number is not null)"
        " and (state = 'complete') = (completed_at is not null)",
        name="complete_has_a_number",
    ),
    CheckConstraint("number >= 1", name="numbers_count_from_one"),
    Index("feed_updates_number_key", "user_id", "feed_id", "number", unique=True),
    Index(
        "feed_updates_one_collecting_key",
        "user_id",
        "feed_id",
        unique=True,
        postgresql_where=text("state = 'collecting'"),
    ),
)

page_bodies: Final = Table(
    "page_bodies",
    metadata,
    owner(),
    id_column("feed_id"),
    Column("sha256", LargeBinary, primary_key=True),
    Column("observations", LargeBinary, nullable=False),
    Column("raw", LargeBinary),
    instant("raw_expires_at", nullable=True),
    CheckConstraint("(raw is not null) = (raw_expires_at is not null)", name="raw_expires"),
    CheckConstraint("octet_length(sha256) = 32", name="digest_is_sha256"),
    Index(
        "page_bodies_raw_expires_idx",
        "user_id",
        "feed_id",
        "raw_expires_at",
        postgresql_where=text("raw_expires_at is not null"),
    ),
)

feed_pages: Final = Table(
    "feed_pages",
    metadata,
    owner(),
    id_column("update_id"),
    Column("ordinal", Integer, primary_key=True),
    id_column("feed_id", primary_key=False),
    Column("sha256", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["user_id", "update_id"],
        ["feed_updates.user_id", "feed_updates.id"],
        name="feed_pages_update_fkey",
    ),
    ForeignKeyConstraint(
        ["user_id", "feed_id", "sha256"],
        ["page_bodies.user_id", "page_bodies.feed_id", "page_bodies.sha256"],
        name="feed_pages_body_fkey",
    ),
    Index("feed_pages_body_idx", "user_id", "feed_id", "sha256"),
)
