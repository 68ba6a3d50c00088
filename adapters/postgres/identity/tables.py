"""People and how they get in. Name and e-mail address are sealed; the directory knows hashes.

Kept: people, credentials and the directory as long as the person stays; sessions 90 days after
they ended; refresh tokens until they run out.
"""

from typing import Final

from sqlalchemy import (
    ARRAY,
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

from adapters.postgres.schema import (
    currency,
    currency_is_iso,
    id_column,
    instant,
    metadata,
    one_of,
    owner,
)
from domain.identity.person import PersonStatus
from domain.identity.roles import Role
from domain.identity.session import Ended, Method, SessionKind

people: Final = Table(
    "people",
    metadata,
    owner(),
    Column("name", LargeBinary, nullable=False),
    Column("email", LargeBinary),
    Column("locale", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    currency(),
    Column("status", Text, nullable=False),
    Column("role", Text, nullable=False),
    instant("created_at"),
    currency_is_iso(),
    one_of("status", PersonStatus),
    one_of("role", Role),
    CheckConstraint("locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'", name="locale_is_a_tag"),
    CheckConstraint("length(time_zone) between 1 and 64", name="time_zone_is_short"),
)

credentials: Final = Table(
    "credentials",
    metadata,
    owner(),
    id_column(),
    Column("kind", Text, nullable=False),
    Column("secret_hash", Text, nullable=False),
    instant("created_at"),
    instant("changed_at"),
    Column("suffices_alone", Boolean, nullable=False),
    one_of("kind", ("password",)),
    CheckConstraint(
        "kind <> 'password' or secret_hash like '$argon2id$%'", name="password_is_argon2id"
    ),
    CheckConstraint("changed_at >= created_at", name="changed_after_created"),
    Index(
        "credentials_one_password_key",
        "user_id",
        unique=True,
        postgresql_where=text("kind = 'password'"),
    ),
)

_METHODS: Final = "array[" + ", ".join(f"'{method}'" for method in Method) + "]"

sessions: Final = Table(
    "sessions",
    metadata,
    owner(),
    id_column(),
    Column("device", Text, nullable=False),
    Column("address", Text),
    instant("created_at"),
    instant("last_used_at"),
    instant("idle_expires_at"),
    instant("expires_at"),
    instant("proved_at"),
    Column("methods", ARRAY(Text), nullable=False),
    Column("kind", Text, nullable=False),
    instant("ended_at", nullable=True),
    Column("ended", Text),
    one_of("ended", Ended),
    one_of("kind", SessionKind),
    CheckConstraint(
        f"methods <@ {_METHODS} and cardinality(methods) > 0", name="methods_are_known"
    ),
    CheckConstraint("proved_at >= created_at", name="proved_after_created"),
    CheckConstraint("length(device) between 1 and 120", name="device_is_short"),
    CheckConstraint("length(address) between 1 and 45", name="address_is_short"),
    CheckConstraint("(ended_at is null) = (ended is null)", name="end_has_a_reason"),
    CheckConstraint(
        "created_at < idle_expires_at and idle_expires_at <= expires_at", name="lives_forwards"
    ),
)

# No owner policies below: these rows say who somebody is before anybody is signed in.

refresh_tokens: Final = Table(
    "refresh_tokens",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    id_column("session_id", primary_key=False),
    instant("issued_at"),
    instant("expires_at"),
    instant("used_at", nullable=True),
    Column("successor_hash", LargeBinary),
    CheckConstraint("length(hash) = 32", name="hash_is_sha256"),
    CheckConstraint("length(successor_hash) = 32", name="successor_is_sha256"),
    CheckConstraint("successor_hash <> hash", name="successor_is_another"),
    CheckConstraint("(used_at is null) = (successor_hash is null)", name="use_has_a_successor"),
    CheckConstraint("issued_at < expires_at", name="lives_forwards"),
    Index("refresh_tokens_expires_at_idx", "expires_at"),
)

login_directory: Final = Table(
    "login_directory",
    metadata,
    Column("email_hmac", LargeBinary, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    CheckConstraint("length(email_hmac) = 32", name="hmac_is_sha256"),
    Index("login_directory_user_id_key", "user_id", unique=True),
)
