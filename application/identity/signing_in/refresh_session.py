from dataclasses import dataclass
from datetime import datetime

from application.identity.ports import (
    AccessTokenIssuer,
    BeginIdentityTx,
    Directory,
    IdentityTx,
    Successors,
)
from application.identity.signing_in.tokens import SignedIn, signed_in
from application.shared.clock import Clock
from domain.identity.errors import (
    RefreshTokenExpiredError,
    RefreshTokenReusedError,
    RefreshTokenUnknownError,
    SessionEndedError,
)
from domain.identity.refresh import (
    Presented,
    RefreshToken,
    could_be_one,
    hash_of,
    judge,
)
from domain.identity.session import Ended, Session
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class RefreshSessionCommand:
    token: Secret


@dataclass(frozen=True, slots=True)
class RefreshSession:
    """Trade a refresh token for its successor and a new access token.

    One transaction: if anything fails, the token is as unused as before. The row lock on the
    token lets one of many simultaneous callers rotate; the others get what it got.
    """

    directory: Directory
    begin: BeginIdentityTx
    issuer: AccessTokenIssuer
    successors: Successors
    clock: Clock

    async def __call__(self, command: RefreshSessionCommand) -> SignedIn:
        if not could_be_one(command.token):
            raise RefreshTokenUnknownError
        presented = hash_of(command.token)
        user_id = await self.directory.owner_of_token(presented)
        if user_id is None:
            raise RefreshTokenUnknownError
        async with self.begin(user_id) as tx:
            token = await tx.refresh_tokens.get(presented)
            if token is None:
                raise RefreshTokenUnknownError
            session = await tx.sessions.get(token.session_id)
            # Asked for only now: while we waited for the lock, another caller may have used it.
            now = self.clock.now()
            match judge(token, session, now):
                case Presented.ROTATE:
                    return await self._rotate(tx, command.token, token, session, now)
                case Presented.REPEAT:
                    return await self._repeat(tx, command.token, token, session, now)
                case Presented.REUSED:
                    await self._end_family(tx, session, now)
                    raise RefreshTokenReusedError
                case Presented.EXPIRED:
                    raise RefreshTokenExpiredError(token.expires_at)
                case Presented.SESSION_OVER:
                    raise SessionEndedError

    async def _rotate(
        self, tx: IdentityTx, secret: Secret, token: RefreshToken, session: Session, now: datetime
    ) -> SignedIn:
        (await tx.people.get(session.user_id)).ensure_active()
        successor = self.successors.of(secret)[0]
        follower = RefreshToken.issue(successor, session, now)
        await tx.refresh_tokens.save(token.used(follower.hash, now))
        await tx.refresh_tokens.add(follower)
        used = session.used(now)
        if used != session:
            await tx.sessions.save(used)
        await tx.commit()
        return signed_in(used, self.issuer, successor, follower, now)

    async def _repeat(
        self, tx: IdentityTx, secret: Secret, token: RefreshToken, session: Session, now: datetime
    ) -> SignedIn:
        (await tx.people.get(session.user_id)).ensure_active()
        given = [s for s in self.successors.of(secret) if hash_of(s) == token.successor]
        if not given:
            # The key it was derived with has left the ring: nothing can be repeated.
            raise RefreshTokenUnknownError
        follower = RefreshToken.issue(given[0], session, token.used_at or now)
        return signed_in(session, self.issuer, given[0], follower, now)

    async def _end_family(self, tx: IdentityTx, session: Session, now: datetime) -> None:
        await tx.sessions.save(session.end(Ended.TOKEN_REUSED, now))
        await tx.audit.record(
            session.user_id, "identity.refresh_token_reused", {"session": str(session.id)}
        )
        await tx.commit()
