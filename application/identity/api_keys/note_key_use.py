from dataclasses import dataclass

from application.identity.ports import BeginIdentityTx
from application.shared.caller import Claims
from application.shared.clock import Clock


@dataclass(frozen=True, slots=True)
class NoteKeyUse:
    """An API key was used now. A key that has ended meanwhile is left as it ended."""

    begin: BeginIdentityTx
    clock: Clock

    async def __call__(self, claims: Claims) -> None:
        """Raises SessionNotFoundError."""
        async with self.begin(claims.user_id) as tx:
            session = await tx.sessions.get(claims.session_id)
            now = self.clock.now()
            used = session.used(now)
            if used != session and session.alive(now):
                await tx.sessions.save(used)
                await tx.commit()
