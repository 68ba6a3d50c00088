from dataclasses import dataclass

from application.connections.jobs import RevokeConnectionJob, revoke_key
from application.connections.ports import BeginConnectionsTx, ConnectionsTx
from application.shared.receipts import Part
from domain.connections.connection import Connection, ConnectionStatus
from domain.shared.events import ConnectionEnded
from domain.shared.ids import ConnectionId, JobId, UserId


@dataclass(frozen=True, slots=True)
class DisconnectCommand:
    user_id: UserId
    connection_id: ConnectionId
    erase: bool


@dataclass(frozen=True, slots=True)
class Disconnecting:
    id: ConnectionId
    status: ConnectionStatus
    job_id: JobId | None
    """None when everything that was asked for is done already."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """A person withdraws. Nothing is read from this moment on; the rest is done by a job.

    Saying it again is harmless, and may add that the data is to be erased, too.
    """

    begin: BeginConnectionsTx

    async def __call__(self, command: DisconnectCommand) -> Disconnecting:
        """Raises ConnectionNotFoundError."""
        async with self.begin(command.user_id) as tx:
            connection = await tx.connections.get(command.connection_id)
            withdrawn = connection.withdrawn(erase=command.erase)
            if withdrawn.status is ConnectionStatus.DISCONNECTED:
                if command.erase and not await tx.receipts.is_done(withdrawn.id, Part.LEDGER):
                    # Should the erasure have died on its way, asking again begins it anew. What
                    # is done stays done: nobody would fill in that part of the receipt again.
                    await tx.outbox.append(
                        ConnectionEnded(
                            withdrawn.owner, withdrawn.id, withdrawn.feed_id, erase=True
                        )
                    )
                    await tx.commit()
                return Disconnecting(withdrawn.id, withdrawn.status, None)
            if withdrawn != connection:
                await self._note(tx, withdrawn)
            job_id = await tx.jobs.enqueue(
                RevokeConnectionJob(
                    user_id=withdrawn.owner, connection_id=withdrawn.id, erase=withdrawn.erase
                ),
                unique=revoke_key(withdrawn.id),
            )
            await tx.commit()
        return Disconnecting(withdrawn.id, withdrawn.status, job_id)

    async def _note(self, tx: ConnectionsTx, withdrawn: Connection) -> None:
        await tx.connections.save(withdrawn)
        await tx.terms.put(withdrawn.id, None)
        await tx.receipts.begin(withdrawn.id, erase=withdrawn.erase)
        await tx.audit.record(
            withdrawn.owner,
            "connections.withdrawn",
            {"connection_id": str(withdrawn.id), "erase": withdrawn.erase},
        )
