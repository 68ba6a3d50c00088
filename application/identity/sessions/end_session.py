from dataclasses import dataclass

from application.identity.ports import BeginIdentityTx
from application.shared.caller import FreshCaller
from application.shared.clock import Clock
from domain.identity.errors import SessionNotFoundError
from domain.identity.session import Ended, SessionKind
from domain.shared.ids import SessionId


@dataclass(frozen=True, slots=True)
class EndSessionCommand:
    caller: FreshCaller
    session_id: SessionId


@dataclass(frozen=True, slots=True)
class EndSession:
    """Sign another device out. It is refused on its very next request.

    That takes a fresh proof, or whoever holds a copy of one session could throw the owner out of
    the others (OWASP ASVS 5.0, 7.5.2). Signing out here is LogOut. Doing it again is harmless.
    """

    begin: BeginIdentityTx
    clock: Clock

    async def __call__(self, command: EndSessionCommand) -> None:
        """Raises SessionNotFoundError: there is none, or it is somebody else's, or a key's."""
        caller = command.caller
        async with self.begin(caller.user_id) as tx:
            session = await tx.sessions.get(command.session_id)
            if session.kind is not SessionKind.DEVICE:
                raise SessionNotFoundError(command.session_id)
            here = session.id == caller.session_id
            why = Ended.SIGNED_OUT if here else Ended.SIGNED_OUT_ELSEWHERE
            ended = session.end(why, self.clock.now())
            if ended == session:
                return
            await tx.sessions.save(ended)
            await tx.audit.record(
                caller.user_id,
                "identity.session_ended",
                {"session": str(session.id), "by": str(caller.session_id)},
            )
            await tx.commit()
