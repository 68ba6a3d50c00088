"""Devices and keys, with everything they touch held in the hand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from application.identity.api_keys.create_api_key import (
    CreateApiKey,
    CreateApiKeyCommand,
    NewApiKey,
)
from application.identity.api_keys.list_api_keys import ApiKeyView, ListApiKeys, ListApiKeysQuery
from application.identity.api_keys.note_key_use import NoteKeyUse
from application.identity.api_keys.revoke_api_key import RevokeApiKey, RevokeApiKeyCommand
from application.identity.api_keys.use_api_key import UseApiKey
from application.identity.sessions.end_session import EndSession, EndSessionCommand
from application.identity.sessions.end_sessions import EndSessions, EndSessionsCommand
from application.identity.sessions.list_sessions import ListSessions, ListSessionsQuery, SessionView
from application.identity.signing_in.tokens import SignedIn
from application.shared.caller import Caller, Claims, FreshCaller
from domain.shared.ids import SessionId
from domain.shared.scopes import Scope
from domain.shared.secret import Secret
from tests.support.identity import World
from tests.support.key_uses import ListedKeyUses

READS = (Scope.LEDGER_READ, Scope.PROFILE_READ)


def caller(signed_in: SignedIn) -> FreshCaller:
    return FreshCaller(signed_in.user_id, signed_in.session_id)


@dataclass(frozen=True, slots=True)
class Keys:
    world: World

    async def makes(
        self,
        who: SignedIn,
        name: str = "Spreadsheet",
        scopes: Collection[Scope] = READS,
        days: int = 90,
    ) -> NewApiKey:
        create = CreateApiKey(self.world.begin, self.world.ids, self.world.chance, self.world.clock)
        return await create(CreateApiKeyCommand(caller(who), name, scopes, days))

    async def of(self, who: SignedIn) -> Sequence[ApiKeyView]:
        return await ListApiKeys(self.world.begin, self.world.clock)(ListApiKeysQuery(caller(who)))

    async def revokes(self, who: SignedIn, key_id: SessionId) -> None:
        revoke = RevokeApiKey(self.world.begin, self.world.clock)
        await revoke(RevokeApiKeyCommand(caller(who), key_id))

    async def claims(self, key: Secret) -> Claims:
        """And its use is written at once."""
        uses = ListedKeyUses()
        claims = await UseApiKey(self.world.key_directory, uses).claims_of(key)
        for used in uses.noted:
            await NoteKeyUse(self.world.begin, self.world.clock)(used)
        return claims

    async def asks(self, key: Secret) -> Caller:
        """What every request with a key does first."""
        return (await self.world.check.standing(await self.claims(key))).caller


@dataclass(frozen=True, slots=True)
class Devices:
    world: World

    async def of(self, who: SignedIn) -> Sequence[SessionView]:
        return await ListSessions(self.world.begin, self.world.clock)(
            ListSessionsQuery(caller(who))
        )

    async def ends(self, who: SignedIn, session_id: SessionId) -> None:
        await EndSession(self.world.begin, self.world.clock)(
            EndSessionCommand(caller(who), session_id)
        )

    async def ends_others(self, who: SignedIn, *, current: bool = False) -> int:
        end = EndSessions(self.world.begin, self.world.clock)
        return (await end(EndSessionsCommand(caller(who), current))).ended
