from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from application.identity.jobs import SendNoticeJob
from application.identity.ports import BeginIdentityTx
from application.identity.second_factor.factors import ensure_proved_as_asked, factors_of
from application.shared.caller import FreshCaller
from application.shared.chance import Chance, NewIds
from application.shared.clock import Clock
from domain.identity.api_key import (
    ApiKey,
    KeyName,
    ensure_room,
    expiry,
    hash_of,
    parse_scopes,
    written,
)
from domain.identity.confirmation import Letter
from domain.identity.session import SessionKind
from domain.shared.ids import SessionId
from domain.shared.scopes import Scope
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class CreateApiKeyCommand:
    caller: FreshCaller
    name: str
    scopes: Collection[Scope]
    expires_in_days: int


@dataclass(frozen=True, slots=True)
class NewApiKey:
    id: SessionId
    key: Secret = field(repr=False)
    """Told now and never again: only its hash is kept."""
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CreateApiKey:
    """A person lets a program of theirs in, with as much as it needs and no longer than it needs.

    They are told by mail, for somebody else may have done it. An answer that got lost is not
    given again, for that would mean keeping the key: whoever waited for it finds the key in the
    list, revokes it, and makes another.
    """

    begin: BeginIdentityTx
    ids: NewIds
    chance: Chance
    clock: Clock

    async def __call__(self, command: CreateApiKeyCommand) -> NewApiKey:
        """The key, with its words in clear.

        Raises:
            InvalidFieldsError, TooManyApiKeysError, SessionEndedError
            StepUpRequiredError: the session has not shown the second factor that there is.
        """
        now = self.clock.now()
        name = KeyName.parse(command.name)
        scopes = parse_scopes(command.scopes)
        expires_at = expiry(command.expires_in_days, now)
        caller = command.caller
        secret = written(self.chance.token())
        async with self.begin(caller.user_id) as tx:
            # Held, so that no key outlives a ban, and two requests do not both take the last place.
            (await tx.people.hold(caller.user_id)).ensure_active()
            parent = await ensure_proved_as_asked(tx, caller, await factors_of(tx), now)
            living = [s for s in await tx.sessions.living(now) if s.kind is SessionKind.API_KEY]
            ensure_room(len(living))
            session = parent.key(SessionId(self.ids.one()), expires_at, now)
            key = ApiKey(
                user_id=caller.user_id,
                id=session.id,
                hash=hash_of(secret),
                name=name,
                scopes=scopes,
                created_at=now,
                expires_at=expires_at,
            )
            await tx.sessions.add(session)
            await tx.api_keys.add(key)
            await tx.audit.record(
                caller.user_id,
                "identity.api_key_created",
                {
                    "session": str(session.id),
                    "by": str(caller.session_id),
                    "scopes": " ".join(sorted(scopes)),
                    "expires_at": expires_at.isoformat(),
                },
            )
            await tx.jobs.enqueue(
                SendNoticeJob(user_id=caller.user_id, letter=Letter.API_KEY_CREATED)
            )
            await tx.commit()
        return NewApiKey(session.id, secret, name.text, scopes, now, expires_at)
