"""The audit trail: one hash chain per person. Kept five years after the person left."""

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary, Table, Text, Uuid

from adapters.postgres.schema import instant, metadata, owner

audit_log: Final = Table(
    "audit_log",
    metadata,
    owner(),
    Column("seq", BigInteger, primary_key=True),
    instant("at"),
    Column("action", Text, nullable=False),
    Column("actor_id", Uuid, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("payload_hash", LargeBinary, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("seq >= 1", name="seq_counts_from_one"),
)

# No owner policy: the verifier must know whose chains there are. Nothing personal is in it.
audit_heads: Final = Table(
    "audit_heads",
    metadata,
    owner(),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

# No owner policy: it is asked by who acted, not by whom it was done to. It only says where in
# which chain an action of somebody else stands; the chain is what is believed.
audit_actions: Final = Table(
    "audit_actions",
    metadata,
    Column("actor_id", Uuid, primary_key=True),
    Column("user_id", Uuid, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("action", Text, nullable=False),
    instant("at"),
    CheckConstraint("actor_id <> user_id", name="actor_is_another"),
    Index("audit_actions_at_idx", "actor_id", "at", "user_id", "seq"),
)
