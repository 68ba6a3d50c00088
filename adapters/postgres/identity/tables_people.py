"""The list of people, and what they chose. Both are kept as long as the person stays."""

from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Table, Text, Uuid

from adapters.postgres.schema import instant, metadata, one_of, owner
from domain.identity.person import PersonStatus
from domain.identity.roles import Role
from domain.identity.settings import Channel, Notice

# No owner policy: staff list people before they name one. Nothing personal is in it; it says of
# each person what `people` says, because one transaction writes both.
people_directory: Final = Table(
    "people_directory",
    metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("status", Text, nullable=False),
    Column("role", Text, nullable=False),
    instant("created_at"),
    one_of("status", PersonStatus),
    one_of("role", Role),
    Index("people_directory_status_idx", "status", "user_id"),
    Index("people_directory_role_idx", "role", "user_id"),
)

notification_choices: Final = Table(
    "notification_choices",
    metadata,
    owner(),
    Column("notice", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("wanted", Boolean, nullable=False),
    one_of("notice", Notice),
    one_of("channel", Channel),
    # The domain refuses this too; a row written by anything but our code must not slip past it.
    CheckConstraint("notice <> 'security' or wanted", name="security_stays_on"),
)
