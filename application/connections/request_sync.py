from dataclasses import dataclass

from application.connections.jobs import SyncConnectionJob, sync_key
from application.connections.ports import BeginConnectionsTx
from application.shared.clock import Clock
from domain.connections.wishes import SyncReason, Wish
from domain.shared.ids import ConnectionId, JobId, UserId


@dataclass(frozen=True, slots=True)
class RequestSyncCommand:
    user_id: UserId
    connection_id: ConnectionId
    attended: bool = True
    """Somebody signed in is there; False for a program with an API key."""


@dataclass(frozen=True, slots=True)
class RequestedSync:
    job_id: JobId


@dataclass(frozen=True, slots=True)
class RequestSync:
    """Have a connection read now. A wish during a sync is remembered: another one follows.

    One that waits for later (for a provider to be well again, for tomorrow's four) is brought
    forward, and goes before what nobody waits for.
    """

    begin: BeginConnectionsTx
    clock: Clock

    async def __call__(self, command: RequestSyncCommand) -> RequestedSync:
        """Raises ConnectionNotFoundError, ConnectionEndedError, ConsentLapsedError."""
        async with self.begin(command.user_id) as tx:
            connection = await tx.connections.get(command.connection_id)
            wished = connection.sync_wanted()
            await tx.connections.save(wished)
            reason = SyncReason.PERSON if command.attended else SyncReason.KEY
            await tx.wishes.add(wished.id, Wish(reason, wished.wanted, self.clock.now()))
            job_id = await tx.jobs.enqueue(
                SyncConnectionJob(
                    user_id=command.user_id,
                    connection_id=connection.id,
                    provider=connection.provider,
                ),
                unique=sync_key(connection.id),
                ahead=True,
            )
            await tx.commit()
        return RequestedSync(job_id)
