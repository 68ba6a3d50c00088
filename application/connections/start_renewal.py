from dataclasses import dataclass

from application.connections.gateway import AccessGoneError, LinkBrokenError
from application.connections.ports import BeginConnectionsTx
from application.connections.start_link import Attempting, StartedLink
from domain.shared.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True)
class StartRenewalCommand:
    user_id: UserId
    connection_id: ConnectionId


@dataclass(frozen=True, slots=True)
class StartRenewal:
    """Send a person to their bank to say yes again; the way back is the same as for a new link."""

    begin: BeginConnectionsTx
    attempting: Attempting

    async def __call__(self, command: StartRenewalCommand) -> StartedLink:
        """Raises ConnectionNotFoundError, ConnectionEndedError, ProviderUnavailableError."""
        async with self.begin(command.user_id) as tx:
            connection = await tx.connections.get(command.connection_id)
            access = await tx.accesses.find(connection.id)
        connection.ensure_not_ended()
        try:
            return await self.attempting.start(
                command.user_id, connection.provider, renews=connection.id, access=access
            )
        except (AccessGoneError, LinkBrokenError):
            # Nothing is left there to be renewed: a fresh link continues the same history.
            return await self.attempting.start(
                command.user_id, connection.provider, renews=connection.id
            )
