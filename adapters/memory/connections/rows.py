from typing import Final

from adapters.memory.tables import Table
from application.connections.ports import LinkedName
from domain.connections.attempt import Attempt
from domain.connections.connection import Connection
from domain.connections.ids import AttemptId
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, ExternalId
from domain.shared.secret import Secret

CONNECTIONS: Final = Table[ConnectionId, Connection]("connections")
ATTEMPTS: Final = Table[AttemptId, Attempt]("link_attempts")
ACCESSES: Final = Table[ConnectionId, Secret]("connection_secrets")
NAMES: Final = Table[tuple[Provider, ExternalId], LinkedName]("provider_objects")
