"""API keys: what finds a key's session before anybody is signed in.

No owner policy, so nothing personal in clear: a hash, ids, scopes, and a sealed name. Kept as long
as its session.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.postgres.schema import id_column, instant, metadata
from domain.shared.scopes import Scope

_SCOPES: Final = "array[" + ", ".join(f"'{scope}'" for scope in Scope) + "]"

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    id_column("session_id", primary_key=False),
    Column("name", LargeBinary, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    instant("created_at"),
    instant("expires_at"),
    CheckConstraint("length(hash) = 32", name="hash_is_sha256"),
    CheckConstraint(f"scopes <@ {_SCOPES} and cardinality(scopes) > 0", name="scopes_are_known"),
    CheckConstraint("created_at < expires_at", name="lives_forwards"),
    Index("api_keys_user_id_session_id_key", "user_id", "session_id", unique=True),
)
