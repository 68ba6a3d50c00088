from dataclasses import dataclass

from application.identity.ports import BeginIdentityTx
from application.shared.caller import Caller
from application.shared.clock import Clock
from domain.identity.session import Ended


@dataclass(frozen=True, slots=True)
class LogOutCommand:
    caller: Caller


@dataclass(frozen=True, slots=True)
class LogOut:
    """End the session that asks. Its access token is refused on the very next request."""

    begin: BeginIdentityTx
    clock: Clock

    async def __call__(self, command: LogOutCommand) -> None:
        caller = command.caller
        async with self.begin(caller.user_id) as tx:
            session = await tx.sessions.get(caller.session_id)
            ended = session.end(Ended.SIGNED_OUT, self.clock.now())
            if ended == session:
                return
            await tx.sessions.save(ended)
            await tx.audit.record(
                caller.user_id, "identity.logged_out", {"session": str(session.id)}
            )
            await tx.commit()
