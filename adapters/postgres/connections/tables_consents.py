"""What a person was told of their consents, when each is looked at next, and receipts.

Notices and receipts are the person's own. Terms have no owner policy: whose turn it is has to be
found out without naming anybody, and they hold ids and a moment only.
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
)

from adapters.postgres.schema import id_column, instant, metadata, one_of, owner
from application.shared.receipts import Fate, Revocation, Thing, Why
from domain.shared.notices import NoticeKind

consent_notices: Final = Table(
    "consent_notices",
    metadata,
    owner(),
    id_column(),
    id_column("connection_id", primary_key=False),
    Column("kind", Text, nullable=False),
    instant("epoch"),
    instant("at"),
    instant("until", nullable=True),
    instant("seen_at", nullable=True),
    one_of("kind", NoticeKind),
    CheckConstraint("(until is not null) = (kind = 'renewal_offered')", name="offers_have_an_end"),
    Index("consent_notices_once_key", "user_id", "connection_id", "kind", "epoch", unique=True),
)

consent_terms: Final = Table(
    "consent_terms",
    metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("connection_id", Uuid, primary_key=True),
    instant("due_at"),
    Index("consent_terms_due_idx", "due_at", "user_id", "connection_id"),
)

withdrawal_receipts: Final = Table(
    "withdrawal_receipts",
    metadata,
    owner(),
    id_column("connection_id"),
    Column("erase", Boolean, nullable=False),
    instant("asked_at"),
    Column("tries", Integer, nullable=False),
    Column("last_error", Text),
    instant("revoked_at", nullable=True),
    Column("revocation", Text),
    instant("link_done_at", nullable=True),
    instant("ledger_done_at", nullable=True),
    one_of("revocation", Revocation),
    CheckConstraint("tries >= 0", name="tries_count"),
    CheckConstraint("(revoked_at is null) = (revocation is null)", name="says_how_it_ended"),
)

withdrawal_lines: Final = Table(
    "withdrawal_lines",
    metadata,
    owner(),
    id_column("connection_id"),
    Column("thing", Text, primary_key=True),
    Column("fate", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("why", Text),
    one_of("thing", Thing),
    one_of("fate", Fate),
    one_of("why", Why),
    CheckConstraint('"count" >= 0', name="counts_up"),
    CheckConstraint("(why is not null) = (fate = 'kept')", name="kept_for_a_reason"),
)
