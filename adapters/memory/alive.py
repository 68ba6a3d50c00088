from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.tables import SESSIONS
from application.shared.caller import Claims
from domain.identity.errors import SessionEndedError


def ensure_alive(database: MemoryDatabase, claims: Claims) -> None:
    """For reads that look at the session themselves. Raises SessionEndedError."""
    session = database.tables.of(SESSIONS).get((claims.user_id, claims.session_id))
    if session is None:
        raise SessionEndedError
    session.ensure_alive(database.clock.now())
