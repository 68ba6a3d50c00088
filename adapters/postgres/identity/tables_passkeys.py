"""Passkeys, and what is asked of them. A passkey's name is sealed; its key is a public one.

Kept: passkeys and handles as long as the person stays; challenges until they run out.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.postgres.schema import id_column, instant, metadata, one_of, owner
from domain.identity.passkey import PUBLIC_KEY_BYTES_MAX
from domain.identity.passkey_challenge import Purpose

passkeys: Final = Table(
    "passkeys",
    metadata,
    owner(),
    id_column(),
    Column("name", LargeBinary, nullable=False),
    Column("credential_id", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("algorithm", Integer, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("aaguid", Uuid),
    Column("transports", ARRAY(Text), nullable=False),
    Column("backup_eligible", Boolean, nullable=False),
    Column("backed_up", Boolean, nullable=False),
    instant("created_at"),
    instant("last_used_at", nullable=True),
    CheckConstraint("length(credential_id) between 1 and 1023", name="credential_id_is_short"),
    CheckConstraint(
        f"length(public_key) between 1 and {PUBLIC_KEY_BYTES_MAX}", name="public_key_is_short"
    ),
    CheckConstraint("algorithm in (-7, -8, -257)", name="algorithm_is_known"),
    CheckConstraint("sign_count between 0 and 4294967295", name="sign_count_is_32_bits"),
    CheckConstraint("backup_eligible or not backed_up", name="backed_up_is_eligible"),
    CheckConstraint("last_used_at >= created_at", name="used_after_created"),
    Index("passkeys_credential_id_key", "user_id", "credential_id", unique=True),
)

passkey_handles: Final = Table(
    "passkey_handles",
    metadata,
    owner(),
    Column("handle", LargeBinary, nullable=False),
    CheckConstraint("length(handle) = 64", name="handle_is_64_bytes"),
)

# No owner policies below: these rows are asked for before anybody is signed in.

passkey_directory: Final = Table(
    "passkey_directory",
    metadata,
    Column("credential_hash", LargeBinary, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    CheckConstraint("length(credential_hash) = 32", name="hash_is_sha256"),
    Index("passkey_directory_user_id_idx", "user_id"),
)

passkey_challenges: Final = Table(
    "passkey_challenges",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("user_id", Uuid),
    Column("bound_to", LargeBinary),
    instant("expires_at"),
    CheckConstraint("length(hash) = 32", name="hash_is_sha256"),
    CheckConstraint("length(bound_to) between 16 and 32", name="bound_to_is_an_id_or_a_hash"),
    CheckConstraint(
        "(purpose = 'sign_in') = (user_id is null) and (user_id is null) = (bound_to is null)",
        name="only_a_sign_in_is_anybodys",
    ),
    one_of("purpose", Purpose),
    Index("passkey_challenges_expires_at_idx", "expires_at"),
)
