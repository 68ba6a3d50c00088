"""What waits for a token to come back by mail, and how often an address was written to.

Kept: confirmations a day after they ran out; turns an hour. No owner policies: both are asked for
before anybody is signed in. Addresses, names and hashes of passwords are sealed.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.postgres.schema import id_column, instant, metadata, one_of
from domain.identity.confirmation import Purpose

confirmations: Final = Table(
    "confirmations",
    metadata,
    id_column(),
    Column("purpose", Text, nullable=False),
    Column("user_id", Uuid),
    Column("sealed", LargeBinary, nullable=False),
    Column("token_hash", LargeBinary),
    instant("asked_at"),
    instant("expires_at"),
    instant("written_at", nullable=True),
    instant("used_at", nullable=True),
    one_of("purpose", Purpose),
    CheckConstraint("length(token_hash) = 32", name="token_is_sha256"),
    CheckConstraint("asked_at < expires_at", name="lives_forwards"),
    CheckConstraint("token_hash is null or written_at is not null", name="token_was_written"),
    CheckConstraint("used_at is null or token_hash is not null", name="use_has_a_token"),
    Index("confirmations_token_hash_key", "token_hash", unique=True),
    Index("confirmations_user_id_idx", "user_id"),
    Index("confirmations_expires_at_idx", "expires_at"),
)

mail_turns: Final = Table(
    "mail_turns",
    metadata,
    Column("email_hmac", LargeBinary, primary_key=True),
    Column("taken", ARRAY(DateTime(timezone=True)), nullable=False),
    instant("last_at"),
    CheckConstraint("length(email_hmac) = 32", name="hmac_is_sha256"),
    Index("mail_turns_last_at_idx", "last_at"),
)
