"""Bank links. What opens a bank is sealed, and alone in its table.

Kept: connections as long as the person stays, secrets until they disconnect, attempts 30 days,
provider objects as long as the link lives.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
)

from adapters.postgres.schema import id_column, instant, metadata, one_of, owner
from domain.connections.attempt import AttemptStatus
from domain.connections.connection import ConnectionStatus
from domain.connections.provider import Provider

connections: Final = Table(
    "connections",
    metadata,
    owner(),
    id_column(),
    Column("provider", Text, nullable=False),
    id_column("feed_id", primary_key=False),
    Column("external_id", Text, nullable=False),
    Column("institution", Text),
    Column("status", Text, nullable=False),
    instant("consent_expires_at", nullable=True),
    instant("granted_at"),
    instant("created_at"),
    Column("cursor", Text),
    Column("wanted", BigInteger, nullable=False),
    Column("served", BigInteger, nullable=False),
    instant("synced_at", nullable=True),
    Column("last_error", Text),
    instant("told_at", nullable=True),
    instant("lapsed_at", nullable=True),
    Column("erase", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    one_of("provider", Provider),
    one_of("status", ConnectionStatus),
    CheckConstraint("served >= 0 and wanted >= served", name="wishes_count"),
    CheckConstraint("version >= 1", name="version_counts_from_one"),
    Index("connections_feed_key", "user_id", "feed_id", unique=True),
)

connection_secrets: Final = Table(
    "connection_secrets",
    metadata,
    owner(),
    id_column("connection_id"),
    Column("access", LargeBinary, nullable=False),
)

link_attempts: Final = Table(
    "link_attempts",
    metadata,
    owner(),
    id_column(),
    Column("provider", Text, nullable=False),
    Column("state_digest", LargeBinary, nullable=False),
    instant("issued_at"),
    instant("expires_at"),
    Column("renews", Uuid),
    Column("status", Text, nullable=False),
    Column("return_digest", LargeBinary),
    instant("lease_until", nullable=True),
    Column("failure", Text),
    Column("version", BigInteger, nullable=False),
    one_of("provider", Provider),
    one_of("status", AttemptStatus),
    CheckConstraint("octet_length(state_digest) = 32", name="digest_is_sha256"),
    CheckConstraint(
        "(status = 'exchanging') = (lease_until is not null)", name="lease_while_exchanging"
    ),
    CheckConstraint("(status = 'failed') = (failure is not null)", name="failure_has_a_code"),
    Index("link_attempts_state_key", "user_id", "state_digest", unique=True),
)

provider_objects: Final = Table(
    "provider_objects",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("connection_id", Uuid, nullable=False),
    one_of("provider", Provider),
    Index("provider_objects_connection_idx", "user_id", "connection_id"),
)
