"""Whether a connection of the pool still stands: asked no oftener than is safe."""

from collections.abc import Callable
from time import monotonic
from typing import Any, Final

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine

_TRUSTED_FOR_S: Final = 5.0
_LEFT_AT: Final = "left_at"


def watch_connections(engine: AsyncEngine, now: Callable[[], float] = monotonic) -> None:
    """Never hand out a connection that is known to be dead, nor one unused for long and unasked.

    A server that stops closes its connections, and the driver hears of that at once; only what
    lay idle can have died without a word. SQLAlchemy's own `pool_pre_ping` asks before every
    transaction, which takes three round trips: as much as a short transaction itself.
    """
    dialect = engine.dialect

    def left(_: object, record: Any) -> None:  # noqa: ANN401 - the driver publishes no types
        record.info[_LEFT_AT] = now()

    def taken(connection: Any, record: Any, _: object) -> None:  # noqa: ANN401 - as above
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        left_at = record.info.get(_LEFT_AT)
        if left_at is None or now() - left_at < _TRUSTED_FOR_S:
            return
        try:
            dialect.do_ping(connection)
        except (dialect.loaded_dbapi.Error, asyncpg.InternalClientError) as error:
            # The second is said while the server's last words still lie unread.
            raise InvalidatePoolError from error

    event.listen(engine.sync_engine, "checkin", left)
    event.listen(engine.sync_engine, "checkout", taken)
