from dataclasses import dataclass, field
from datetime import datetime

from application.identity.ports import BeginIdentityTx, PasswordHasher
from application.identity.second_factor.factors import factors_of
from application.identity.signing_in.guard import Admitted, Attempt, Guard, Guessable
from application.identity.signing_in.guarded import note_lock, one_try
from application.identity.signing_in.opening import SessionOpening
from application.identity.signing_in.proofs import (
    PasswordProof,
    Proof,
    RecoveryCodeProof,
    TotpProof,
)
from application.identity.signing_in.tokens import SignedIn
from application.shared.caller import Caller
from application.shared.clock import Clock
from domain.identity import password as passwords
from domain.identity.errors import BadCredentialsError, StepUpRequiredError
from domain.identity.errors_factors import PasswordNotEnoughError, ProofWrongError
from domain.identity.session import PROOF_FRESH, Origin, SessionKind
from domain.shared.errors import FieldProblem, InvalidFieldsError
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class SteppedUp:
    """The session that took the place of the one that asked."""

    signed_in: SignedIn
    fresh_until: datetime
    """Until when the person may do what is dangerous without being asked again."""


@dataclass(frozen=True, slots=True)
class SteppingUp:
    """The one place where somebody signs in again in a living session, whatever they show.

    Another session takes its place (OWASP ASVS 5.0, 7.2.4); of two who do this at once in one
    session the second finds it ended, with its proof unused.
    """

    begin: BeginIdentityTx
    guard: Guard
    opening: SessionOpening
    clock: Clock

    async def __call__(self, caller: Caller, proof: Proof, origin: Origin) -> SteppedUp:
        """Raises ProofWrongError and what else the proof raises, SignInLockedError."""
        attempt = Attempt.in_session(Guessable.SECOND_FACTOR, caller.user_id, caller.session_id)
        async with one_try(self.guard, attempt) as admitted:
            return await self.judge(caller, proof, origin, admitted)

    async def judge(
        self, caller: Caller, proof: Proof, origin: Origin, admitted: Admitted
    ) -> SteppedUp:
        """For whoever had the try counted themselves, before something slow."""
        async with self.begin(caller.user_id) as tx:
            await tx.people.hold(caller.user_id)
            session = await tx.sessions.get(caller.session_id)
            now = self.clock.now()
            session.ensure_alive(now)
            if session.kind is not SessionKind.DEVICE:
                raise StepUpRequiredError  # a key is nobody who could be there
            facts = {"session": str(session.id), "with": proof.method.value}
            try:
                await proof(tx, caller.user_id, now)
            except (ProofWrongError, BadCredentialsError):
                await tx.audit.record(caller.user_id, "identity.step_up_refused", facts)
                await note_lock(tx, caller.user_id, admitted)
                await tx.commit()
                raise
            opened = await self.opening.in_place_of(tx, session, origin, proof.method, now)
            facts["followed_by"] = str(opened.session_id)
            await tx.audit.record(caller.user_id, "identity.stepped_up", facts)
            await tx.commit()
        return SteppedUp(opened, now + PROOF_FRESH)


@dataclass(frozen=True, slots=True)
class StepUpCommand:
    """One of three: the password counts for those only who have no second factor."""

    caller: Caller
    origin: Origin
    code: Secret | None = field(default=None, repr=False)
    recovery_code: Secret | None = field(default=None, repr=False)
    password: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class StepUp:
    """A person who is signed in proves again that it is they, before something dangerous."""

    stepping_up: SteppingUp
    begin: BeginIdentityTx
    guard: Guard
    hasher: PasswordHasher

    async def __call__(self, command: StepUpCommand) -> SteppedUp:
        caller, origin = command.caller, command.origin
        match (command.code, command.recovery_code, command.password):
            case (Secret() as code, None, None):
                return await self.stepping_up(caller, TotpProof.of(code), origin)
            case (None, Secret() as code, None):
                proof = RecoveryCodeProof.of(code, "recovery_code")
                return await self.stepping_up(caller, proof, origin)
            case (None, None, Secret() as password):
                return await self._with_password(caller, password, origin)
            case _:
                said = "send one of code, recovery_code and password"
                raise InvalidFieldsError(FieldProblem("", "one_of", said))

    async def _with_password(self, caller: Caller, typed: Secret, origin: Origin) -> SteppedUp:
        attempt = Attempt.in_session(Guessable.PASSWORD, caller.user_id, caller.session_id)
        async with one_try(self.guard, attempt) as admitted:
            proof = await self._look_at(caller, typed)
            return await self.stepping_up.judge(caller, proof, origin, admitted)

    async def _look_at(self, caller: Caller, typed: Secret) -> PasswordProof:
        password = passwords.normalised(typed)
        async with self.begin(caller.user_id) as tx:
            if (await factors_of(tx)).on:
                raise PasswordNotEnoughError
            kept = await tx.credentials.password_of(caller.user_id)
        if password is None or kept is None:
            return PasswordProof(None)
        # Slow, and no transaction is open while we wait.
        right = await self.hasher.verify(password, kept.hash)
        return PasswordProof(kept if right else None)
