"""What providers tell on their own account, and by what names they call people.

Deliveries and names have no owner policy: whose a webhook is has to be found out first. A body is
sealed, and a provider's name for a person is one that we made and that tells nothing. What the
next sync has to know of it is the person's own.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from adapters.postgres.schema import id_column, instant, metadata, one_of, owner
from application.connections.webhook_ports import DeliveryState
from domain.connections.provider import Provider
from domain.connections.webhook import Happening

webhook_deliveries: Final = Table(
    "webhook_deliveries",
    metadata,
    id_column(),
    Column("provider", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("happening", Text),
    Column("user_id", Uuid),
    Column("connection_id", Uuid),
    instant("received_at"),
    instant("settled_at", nullable=True),
    instant("expires_at"),
    one_of("provider", Provider),
    one_of("state", DeliveryState),
    one_of("happening", Happening),
    CheckConstraint("(state = 'waiting') = (settled_at is null)", name="settled_when_over"),
    CheckConstraint("(state = 'done') = (user_id is not null)", name="done_for_somebody"),
    Index("webhook_deliveries_expires_idx", "expires_at"),
    Index("webhook_deliveries_odd_idx", "id", postgresql_where=text("state <> 'done'")),
    Index(
        "webhook_deliveries_about_idx",
        "user_id",
        "connection_id",
        postgresql_where=text("connection_id is not null"),
    ),
)

provider_people: Final = Table(
    "provider_people",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    one_of("provider", Provider),
    Index("provider_people_user_idx", "user_id"),
)

sync_notes: Final = Table(
    "sync_notes",
    metadata,
    owner(),
    id_column(),
    id_column("connection_id", primary_key=False),
    Column("wanted", BigInteger, nullable=False),
    Column("account", Text),
    Column("gone", Text),
    Column("since", Date),
    CheckConstraint("(gone is null) <> (since is null)", name="says_one_thing"),
    Index("sync_notes_wanted_idx", "user_id", "connection_id", "wanted"),
)
