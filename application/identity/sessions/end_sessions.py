from dataclasses import dataclass

from application.identity.ports import BeginIdentityTx
from application.shared.caller import FreshCaller
from application.shared.clock import Clock
from domain.identity.session import Ended, SessionKind


@dataclass(frozen=True, slots=True)
class EndSessionsCommand:
    caller: FreshCaller
    current: bool = False
    """Whether the session that asks ends, too."""


@dataclass(frozen=True, slots=True)
class SessionsEnded:
    ended: int


@dataclass(frozen=True, slots=True)
class EndSessions:
    """Sign all other devices out; it takes a fresh proof, as EndSession does.

    Keys stay: they are revoked one by one.
    """

    begin: BeginIdentityTx
    clock: Clock

    async def __call__(self, command: EndSessionsCommand) -> SessionsEnded:
        caller = command.caller
        spared = None if command.current else caller.session_id
        async with self.begin(caller.user_id) as tx:
            # Held, so that no device signs in while we look which ones there are.
            await tx.people.hold(caller.user_id)
            ended = await tx.sessions.end_all(
                Ended.SIGNED_OUT_ELSEWHERE,
                self.clock.now(),
                but=spared,
                kinds=(SessionKind.DEVICE,),
            )
            await tx.audit.record(
                caller.user_id,
                "identity.sessions_ended",
                {"count": ended, "by": str(caller.session_id), "current": command.current},
            )
            await tx.commit()
        return SessionsEnded(ended)
