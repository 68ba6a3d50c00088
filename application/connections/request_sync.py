from dataclasses import dataclass

from application.connections.jobs import SyncConnectionJob, sync_key
from application.connections.ports import BeginConnectionsTx
from domain.shared.ids import ConnectionId, JobId, UserId


@dataclass(frozen=True, slots=True)
class RequestSyncCommand:
    user_id: UserId
    connection_id: ConnectionId


@dataclass(frozen=True, slots=True)
class RequestedSync:
    job_id: JobId


@dataclass(frozen=True, slots=True)
class RequestSync:
    """Have a connection read now. A wish during a sync is remembered: another one follows."""

    begin: BeginConnectionsTx

    async def __call__(self, command: RequestSyncCommand) -> RequestedSync:
        """Raises ConnectionNotFoundError, ConnectionEndedError, ConsentLapsedError."""
        async with self.begin(command.user_id) as tx:
            connection = await tx.connections.get(command.connection_id)
            await tx.connections.save(connection.sync_wanted())
            job_id = await tx.jobs.enqueue(
                SyncConnectionJob(user_id=command.user_id, connection_id=connection.id),
                unique=sync_key(connection.id),
            )
            await tx.commit()
        return RequestedSync(job_id)
