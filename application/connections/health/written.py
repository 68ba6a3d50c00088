"""How a run's end is written, in the transaction that ends it, and counted after its commit."""

from datetime import datetime

from application.connections.health.ports import RunEnd, SyncMeter
from application.connections.ports import ConnectionsTx
from domain.connections.connection import Connection


async def ended(tx: ConnectionsTx, connection: Connection, end: RunEnd) -> datetime | None:
    """When the run began; None when nobody had begun one."""
    began_at: datetime | None = await tx.runs.end(connection.id, end)
    return began_at


def counted(
    meter: SyncMeter, connection: Connection, end: RunEnd, began_at: datetime | None
) -> None:
    if began_at is not None:
        seconds = (end.at - began_at).total_seconds()
        meter.ended(connection.provider, end.outcome, max(seconds, 0.0))
