"""People found by BankID. What tells who they are is sealed; the directory knows keyed hashes.

Kept: links and the directory as long as the person stays, what is sealed until they unlink,
attempts one day after they ran out.
"""

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from adapters.postgres.schema import id_column, instant, metadata, one_of, owner
from domain.identity.bankid import Assurance, KeyKind

bankid_links: Final = Table(
    "bankid_links",
    metadata,
    owner(),
    id_column(),
    Column("issuer", Text, nullable=False),
    Column("assurance", Text, nullable=False),
    Column("method", Text, nullable=False),
    instant("verified_at"),
    instant("linked_at"),
    instant("unlinked_at", nullable=True),
    Column("number", LargeBinary),
    Column("born_on", LargeBinary),
    Column("name", LargeBinary),
    one_of("assurance", Assurance),
    CheckConstraint("length(issuer) between 1 and 255", name="issuer_is_short"),
    CheckConstraint("length(method) between 1 and 64", name="method_is_short"),
    CheckConstraint("verified_at >= linked_at", name="verified_after_linked"),
    CheckConstraint(
        "unlinked_at is null or (number is null and born_on is null and name is null)",
        name="unlinked_is_forgotten",
    ),
    Index(
        "bankid_links_present_key",
        "user_id",
        unique=True,
        postgresql_where=text("unlinked_at is null"),
    ),
)

# No owner policies below: these rows are asked before anybody is signed in.

bankid_directory: Final = Table(
    "bankid_directory",
    metadata,
    Column("key_hmac", LargeBinary, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("user_id", Uuid, nullable=False),
    one_of("kind", KeyKind),
    CheckConstraint("length(key_hmac) = 32", name="hmac_is_sha256"),
    Index("bankid_directory_user_id_idx", "user_id"),
)

bankid_attempts: Final = Table(
    "bankid_attempts",
    metadata,
    Column("state_digest", LargeBinary, primary_key=True),
    Column("browser_digest", LargeBinary, nullable=False),
    Column("nonce_digest", LargeBinary, nullable=False),
    instant("issued_at"),
    instant("expires_at"),
    Column("user_id", Uuid),
    Column("session_id", Uuid),
    Column("cookies", Boolean, nullable=False),
    instant("used_at", nullable=True),
    CheckConstraint(
        "length(state_digest) = 32 and length(browser_digest) = 32 and length(nonce_digest) = 32",
        name="digests_are_sha256",
    ),
    CheckConstraint("(user_id is null) = (session_id is null)", name="linking_has_a_session"),
    CheckConstraint("issued_at < expires_at", name="lives_forwards"),
    Index("bankid_attempts_expires_at_idx", "expires_at"),
)
