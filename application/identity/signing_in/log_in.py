from dataclasses import dataclass

from application.identity.ports import (
    BeginIdentityTx,
    Directory,
    PasswordHasher,
)
from application.identity.second_factor.factors import factors_of
from application.identity.signing_in.challenges import SecondFactorAsked, SignInChallenges
from application.identity.signing_in.devices import known_device
from application.identity.signing_in.guard import Admitted, Attempt, Guard, Outcome
from application.identity.signing_in.opening import SessionOpening
from application.identity.signing_in.tokens import SignedIn
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity import password as passwords
from domain.identity.challenge import Begun
from domain.identity.email import EmailAddress
from domain.identity.errors import AccountNotActiveError, BadCredentialsError
from domain.identity.lockout import CountedBy
from domain.identity.password import PasswordCredential, PasswordHash
from domain.identity.session import Method, Origin
from domain.shared.errors import UnavailableError
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
    statements and commits, the same slow hash, the same answer, the same lock after too many
    failures. Only nothing is kept of it but counts under keyed hashes.
    """

    directory: Directory
    begin: BeginIdentityTx
    guard: Guard
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
            device = await known_device(tx, command.origin.device_token, self.clock.now())

        # Counted before it is looked at, so that whoever is locked out costs no hash.
        attempt = Attempt.to_sign_in(email, command.origin.address, device)
        admitted = await self.guard.admit(attempt)
        right = await self._look_at(password, kept, admitted)
        if kept is None or not right:
            await self._note_failure(user_id, admitted.locks, keep=known is not None)
            raise BadCredentialsError
        await self.guard.settle(admitted, Outcome.RIGHT)
        newer = await self.hasher.hash(password) if self.hasher.outdated(kept.hash) else None
        try:
            return await self._open(kept, newer, command.origin)
        except (AccountNotActiveError, BadCredentialsError) as refusal:
            await self._note_refusal(user_id, refusal.code)
            raise

    async def _look_at(
        self, password: Secret, kept: PasswordCredential | None, admitted: Admitted
    ) -> bool:
        try:
            # Slow, and the event loop goes on; no transaction is open while we wait.
            return await self.hasher.verify(password, kept.hash if kept else None)
        except UnavailableError:
            await self.guard.settle(admitted, Outcome.UNDECIDED)
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
                begun = Begun(origin, await known_device(tx, origin.device_token, now))
                answer = await self.challenges.issue(tx, verified, begun, factors, now)
            else:
                answer = await self.opening(tx, user_id, origin, (Method.PASSWORD,), now)
            await tx.commit()
        return answer

    async def _note_failure(self, user_id: UserId, locks: CountedBy | None, *, keep: bool) -> None:
        """The failure, and what it locked; tries while it is locked leave no further trace."""
        async with self.begin(user_id) as tx:
            async with tx.part(keep=keep):
                await tx.audit.record(
                    user_id, "identity.log_in_refused", {"why": BadCredentialsError.code}
                )
                if locks is not None:
                    await tx.audit.record(user_id, "identity.sign_in_locked", {"by": locks.value})
            # Also of nothing: a commit waits for the disk, and that can be measured from outside.
            await tx.commit()

    async def _note_refusal(self, user_id: UserId, why: str) -> None:
        """In a transaction of its own: the refusal must not take its trace with it."""
        async with self.begin(user_id) as tx:
            await tx.audit.record(user_id, "identity.log_in_refused", {"why": why})
            await tx.commit()
