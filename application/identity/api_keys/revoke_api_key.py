from dataclasses import dataclass

from application.identity.ports import BeginIdentityTx
from application.shared.caller import FreshCaller
from application.shared.clock import Clock
from domain.identity.errors import SessionNotFoundError
from domain.identity.errors_api_keys import ApiKeyNotFoundError
from domain.identity.session import Ended, SessionKind
from domain.shared.ids import SessionId


@dataclass(frozen=True, slots=True)
class RevokeApiKeyCommand:
    caller: FreshCaller
    key_id: SessionId


@dataclass(frozen=True, slots=True)
class RevokeApiKey:
    """The key is refused on the very next request. Doing it again is harmless.

    It takes a fresh proof, or whoever finds a session open could stop the owner's programs.
    """

    begin: BeginIdentityTx
    clock: Clock

    async def __call__(self, command: RevokeApiKeyCommand) -> None:
        """Raises ApiKeyNotFoundError: there is none, or it is somebody else's."""
        user_id = command.caller.user_id
        async with self.begin(user_id) as tx:
            try:
                session = await tx.sessions.get(command.key_id)
            except SessionNotFoundError:
                raise ApiKeyNotFoundError(command.key_id) from None
            if session.kind is not SessionKind.API_KEY:
                raise ApiKeyNotFoundError(command.key_id)
            ended = session.end(Ended.KEY_REVOKED, self.clock.now())
            if ended == session:
                return
            await tx.sessions.save(ended)
            await tx.audit.record(
                user_id,
                "identity.api_key_revoked",
                {"session": str(session.id), "by": str(command.caller.session_id)},
            )
            await tx.commit()
