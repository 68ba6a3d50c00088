from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from application.connections.consent.former import end_what_is_left
from application.connections.jobs import (
    KeepInStepJob,
    RevokeConnectionJob,
    SyncConnectionJob,
    revoke_key,
    step_key,
    sync_key,
)
from application.connections.pace.pressure import DEFAULT_PRESSURE, Pressure
from application.connections.ports import BeginConnectionsTx, ConnectionsTx
from application.connections.rhythm import SIX_HOURLY, Rhythm
from application.shared.clock import Clock
from application.shared.jobs import Lease
from domain.connections.connection import Connection, ConnectionStatus
from domain.connections.errors import ConnectionNotFoundError
from domain.connections.wishes import SyncReason, Wish
from domain.shared.ids import ConnectionId


class Step(StrEnum):
    SYNC = "sync"
    WAIT = "wait"
    REVOKE = "revoke"
    END = "end"
    """Disconnected, or the person must act first: linking or renewing begins a new rhythm."""


@dataclass(frozen=True, slots=True)
class KeepInStep:
    """Sync a connection when its time has come, and be there again for the next time.

    An access that a renewal replaced, and that should have been ended, is ended after all.
    While the line of syncs is too long, it comes back a little later instead of adding to it.
    """

    begin: BeginConnectionsTx
    clock: Clock
    rhythm: Rhythm = SIX_HOURLY
    pressure: Pressure = DEFAULT_PRESSURE

    async def __call__(self, job: KeepInStepJob, lease: Lease) -> Step:
        now = self.clock.now()
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            connection = await _find(tx, job.connection_id)
            # After the connection: whoever has it and enqueues our successor would wait for us.
            await tx.jobs.finish(lease)
            step = Step.END if connection is None else self._next_step(connection, now)
            if connection is not None:
                await self._take(step, tx, connection, now)
                await end_what_is_left(tx, connection)
            await tx.commit()
        return step

    def _next_step(self, connection: Connection, now: datetime) -> Step:
        if connection.status is ConnectionStatus.DISCONNECTING:
            # Its own job may have died; nobody who withdrew is left with a consent that lives on.
            return Step.REVOKE
        if not connection.may_be_read:
            return Step.END
        if connection.wanted > connection.served or self._due_at(connection) <= now:
            return Step.SYNC
        return Step.WAIT

    def _due_at(self, connection: Connection) -> datetime:
        return self.rhythm.due_at(connection.synced_at, connection.granted_at)

    async def _take(
        self, step: Step, tx: ConnectionsTx, connection: Connection, now: datetime
    ) -> None:
        match step:
            case Step.END:
                return
            case Step.REVOKE:
                await _revoke(tx, connection)
            case Step.SYNC:
                at = now + self.rhythm.every
                if await self.pressure.is_too_much(tx.line, connection.provider):
                    at = now + self.pressure.a_while(connection.id)
                else:
                    await _sync(tx, connection, now)
                await _come_back(tx, connection, at)
            case Step.WAIT:
                await _come_back(tx, connection, self._due_at(connection))


async def _find(tx: ConnectionsTx, connection_id: ConnectionId) -> Connection | None:
    try:
        return await tx.connections.get(connection_id)
    except ConnectionNotFoundError:
        return None


async def _revoke(tx: ConnectionsTx, connection: Connection) -> None:
    await tx.jobs.enqueue(
        RevokeConnectionJob(
            user_id=connection.owner, connection_id=connection.id, erase=connection.erase
        ),
        unique=revoke_key(connection.id),
    )


async def _sync(tx: ConnectionsTx, connection: Connection, now: datetime) -> None:
    if connection.wanted == connection.served:
        wished = connection.sync_wanted()
        await tx.connections.save(wished)
        await tx.wishes.add(wished.id, Wish(SyncReason.RHYTHM, wished.wanted, now))
    await tx.jobs.enqueue(
        SyncConnectionJob(
            user_id=connection.owner,
            connection_id=connection.id,
            provider=connection.provider,
        ),
        unique=sync_key(connection.id),
    )


async def _come_back(tx: ConnectionsTx, connection: Connection, at: datetime) -> None:
    await tx.jobs.enqueue(
        KeepInStepJob(user_id=connection.owner, connection_id=connection.id),
        run_at=at,
        unique=step_key(connection.id),
    )
