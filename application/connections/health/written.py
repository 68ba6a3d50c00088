"""How a run's end is written, in the transaction that ends it, and counted after its commit."""

from datetime import datetime

from application.connections.health.ports import RunEnd, SyncMeter
from application.connections.ports import ConnectionsTx
from domain.connections.connection import Connection


async def ended(tx: ConnectionsTx, connection: Connection, end: RunEnd) -> float | None:
    """How many seconds the run took; None when nobody had begun one."""
    began_at: datetime | None = await tx.runs.end(connection.id, end)
    return None if began_at is None else (end.at - began_at).total_seconds()


def counted(meter: SyncMeter, connection: Connection, end: RunEnd, seconds: float | None) -> None:
    if seconds is not None:
        meter.ended(connection.provider, end.outcome, max(seconds, 0.0))
