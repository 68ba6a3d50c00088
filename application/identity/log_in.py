from dataclasses import dataclass

from application.identity.challenges import SecondFactorAsked, SignInChallenges
from application.identity.factors import factors_of
from application.identity.opening import SessionOpening
from application.identity.ports import (
    BeginIdentityTx,
    Directory,
    PasswordHasher,
)
from application.identity.tokens import SignedIn
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity import password as passwords
from domain.identity.challenge import Begun
from domain.identity.email import EmailAddress
from domain.identity.errors import AccountNotActiveError, BadCredentialsError
from domain.identity.password import PasswordCredential, PasswordHash
from domain.identity.session import Method, Origin
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class LogInCommand:
    email: str
    password: Secret
    origin: Origin


@dataclass(frozen=True, slots=True)
class LogIn:
    """A person opens a session with e-mail address and password.

    Who has a second factor gets no session yet, but is asked for it.

    Who does not exist is treated like who typed a wrong password, step by step: the same
    statements, the same slow hash, the same answer. Only nothing is kept of it.
    """

    directory: Directory
    begin: BeginIdentityTx
    hasher: PasswordHasher
    opening: SessionOpening
    challenges: SignInChallenges
    ids: NewIds
    clock: Clock

    async def __call__(self, command: LogInCommand) -> SignedIn | SecondFactorAsked:
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
    ) -> SignedIn | SecondFactorAsked:
        now = self.clock.now()
        user_id = verified.user_id
        async with self.begin(user_id) as tx:
            # It may have been changed, or the person banned, while we hashed.
            (await tx.people.hold(user_id)).ensure_active()
            if await tx.credentials.password_of(user_id) != verified:
                raise BadCredentialsError
            if newer is not None:
                await tx.credentials.put(verified.rehashed(newer))
            factors = await factors_of(tx)
            answer: SignedIn | SecondFactorAsked
            if factors.on:
                answer = await self.challenges.issue(tx, verified, Begun(origin), factors, now)
            else:
                answer = await self.opening(tx, user_id, origin, (Method.PASSWORD,), now)
            await tx.commit()
        return answer

    async def _note_refusal(self, user_id: UserId, why: str, *, keep: bool) -> None:
        """In a transaction of its own: the refusal must not take its trace with it."""
        async with self.begin(user_id) as tx:
            await tx.audit.record(user_id, "identity.log_in_refused", {"why": why})
            if keep:
                await tx.commit()
