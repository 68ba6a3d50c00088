"""Failed tries, and the devices that are known.

Tries are counted before anybody is signed in, and for addresses that nobody has as well. So that
table has no owner: two keyed hashes and instants, nothing that says whose they are.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, Table
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.postgres.schema import id_column, instant, metadata, owner

guarded_counts: Final = Table(
    "guarded_counts",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("account", LargeBinary, nullable=False),
    Column("tries", ARRAY(DateTime(timezone=True)), nullable=False),
    instant("expires_at"),
    CheckConstraint("length(key) = 32", name="key_is_sha256"),
    CheckConstraint("length(account) = 32", name="account_is_sha256"),
    CheckConstraint("cardinality(tries) <= 1000", name="tries_are_few"),
    Index("guarded_counts_account_idx", "account"),
    Index("guarded_counts_expires_at_idx", "expires_at"),
)

known_devices: Final = Table(
    "known_devices",
    metadata,
    owner(),
    id_column(),
    Column("token_hash", LargeBinary, nullable=False),
    instant("created_at"),
    instant("last_used_at"),
    CheckConstraint("length(token_hash) = 32", name="token_is_sha256"),
    CheckConstraint("last_used_at >= created_at", name="used_after_created"),
    Index("known_devices_token_hash_key", "user_id", "token_hash", unique=True),
)
