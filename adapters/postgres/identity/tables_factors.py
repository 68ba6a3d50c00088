"""Authenticator apps, recovery codes, and sign-ins that wait for one of them.

An app's secret is sealed; codes are keyed hashes, challenges hashes of 256 random bits.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from adapters.postgres.schema import id_column, instant, metadata, one_of, owner
from domain.identity.challenge import TRIES_MAX

totps: Final = Table(
    "totps",
    metadata,
    owner(),
    id_column(),
    Column("secret", LargeBinary, nullable=False),
    instant("begun_at"),
    instant("confirmed_at", nullable=True),
    Column("last_step", BigInteger, nullable=False),
    CheckConstraint("confirmed_at >= begun_at", name="confirmed_after_begun"),
    CheckConstraint("last_step >= 0", name="last_step_is_a_step"),
    CheckConstraint("confirmed_at is null or last_step > 0", name="confirmed_with_a_code"),
    Index("totps_one_app_key", "user_id", unique=True),
)

recovery_codes: Final = Table(
    "recovery_codes",
    metadata,
    owner(),
    Column("code_hmac", LargeBinary, primary_key=True),
    instant("made_at"),
    instant("used_at", nullable=True),
    CheckConstraint("length(code_hmac) = 32", name="hmac_is_sha256"),
    CheckConstraint("used_at >= made_at", name="used_after_made"),
)

# No owner policy: it says whose sign-in it is before anybody is signed in.

sign_in_challenges: Final = Table(
    "sign_in_challenges",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    id_column(primary_key=False),
    Column("user_id", Uuid, nullable=False),
    Column("proved", Text, nullable=False),
    instant("password_of"),
    Column("origin", LargeBinary, nullable=False),
    Column("device_id", Uuid),
    instant("begun_at"),
    instant("expires_at"),
    Column("misses", SmallInteger, nullable=False),
    instant("finished_at", nullable=True),
    one_of("proved", ("password",)),
    CheckConstraint("length(hash) = 32", name="hash_is_sha256"),
    CheckConstraint(f"misses between 0 and {TRIES_MAX}", name="misses_are_few"),
    CheckConstraint("begun_at < expires_at", name="lives_forwards"),
    Index("sign_in_challenges_expires_at_idx", "expires_at"),
)
