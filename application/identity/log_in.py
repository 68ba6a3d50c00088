from dataclasses import dataclass

from application.identity.ports import (
    AccessTokenIssuer,
    BeginIdentityTx,
    Directory,
    PasswordHasher,
)
from application.identity.tokens import SignedIn, signed_in
from application.shared.chance import Chance, NewIds
from application.shared.clock import Clock
from domain.identity import password as passwords
from domain.identity.email import EmailAddress
from domain.identity.errors import AccountNotActiveError, BadCredentialsError
from domain.identity.password import PasswordCredential, PasswordHash
from domain.identity.refresh import RefreshToken
from domain.identity.session import Origin, Session
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class LogInCommand:
    email: str
    password: Secret
    origin: Origin


@dataclass(frozen=True, slots=True)
class LogIn:
    """A person opens a session with e-mail address and password.

    Who does not exist is treated like who typed a wrong password, step by step: the same
    statements, the same slow hash, the same answer. Only nothing is kept of it.
    """

    directory: Directory
    begin: BeginIdentityTx
    hasher: PasswordHasher
    issuer: AccessTokenIssuer
    ids: NewIds
    chance: Chance
    clock: Clock

    async def __call__(self, command: LogInCommand) -> SignedIn:
        email = EmailAddress.parse(command.email)
        password = passwords.normalised(command.password)
        if password is None:
            # Too long to be anybody's; that is no reason to hash it.
            raise BadCredentialsError
        known = await self.directory.owner_of_email(email)
        user_id = known or UserId(self.ids.one())
        async with self.begin(user_id) as tx:
            kept = await tx.credentials.password_of(user_id)

        # Slow, and the event loop goes on; no transaction is open while we wait.
        right = await self.hasher.verify(password, kept.hash if kept else None)
        if kept is None or not right:
            await self._note_refusal(user_id, "bad_credentials", keep=known is not None)
            raise BadCredentialsError
        newer = await self.hasher.hash(password) if self.hasher.outdated(kept.hash) else None
        try:
            return await self._open(kept, newer, command.origin)
        except (AccountNotActiveError, BadCredentialsError) as refusal:
            await self._note_refusal(user_id, refusal.code, keep=True)
            raise

    async def _open(
        self, verified: PasswordCredential, newer: PasswordHash | None, origin: Origin
    ) -> SignedIn:
        now = self.clock.now()
        user_id = verified.user_id
        session = Session.begin(SessionId(self.ids.one()), user_id, origin, now)
        token = self.chance.token()
        refresh = RefreshToken.issue(token, session, now)
        async with self.begin(user_id) as tx:
            # It may have been changed, or the person banned, while we hashed.
            if await tx.credentials.password_of(user_id) != verified:
                raise BadCredentialsError
            (await tx.people.get(user_id)).ensure_active()
            if newer is not None:
                await tx.credentials.put(verified.rehashed(newer))
            await tx.sessions.add(session)
            await tx.refresh_tokens.add(refresh)
            await tx.audit.record(
                user_id, "identity.logged_in", {"session": str(session.id), "with": "password"}
            )
            await tx.commit()
        return signed_in(session, self.issuer, token, refresh, now)

    async def _note_refusal(self, user_id: UserId, why: str, *, keep: bool) -> None:
        """In a transaction of its own: the refusal must not take its trace with it."""
        async with self.begin(user_id) as tx:
            await tx.audit.record(user_id, "identity.log_in_refused", {"why": why})
            if keep:
                await tx.commit()
