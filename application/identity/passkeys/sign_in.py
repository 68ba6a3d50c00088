from dataclasses import dataclass

from application.identity.passkeys.options import RequestOptions
from application.identity.passkeys.ports import (
    PasskeyDirectory,
    PasskeyVerifier,
    PresentedAssertion,
    RelyingParty,
)
from application.identity.passkeys.proof import PasskeyProof
from application.identity.passkeys.questions import PasskeyQuestions
from application.identity.ports import BeginIdentityTx
from application.identity.signing_in.opening import SessionOpening
from application.identity.signing_in.tokens import SignedIn
from application.shared.clock import Clock
from domain.identity.errors import AccountNotActiveError
from domain.identity.errors_factors import ProofWrongError
from domain.identity.errors_passkeys import PasskeyRefusedError
from domain.identity.passkey_challenge import Asked, Purpose
from domain.identity.session import Method, Origin
from domain.shared.ids import UserId
from domain.shared.secret import Secret

_ASKED = Asked(Purpose.SIGN_IN)


@dataclass(frozen=True, slots=True)
class AskForPasskey:
    """What anybody's browser needs to sign in with a passkey. It asks nobody who they are."""

    questions: PasskeyQuestions
    party: RelyingParty

    async def __call__(self) -> RequestOptions:
        challenge = await self.questions.ask(_ASKED)
        return RequestOptions(challenge=challenge, party=self.party, verified=True)


@dataclass(frozen=True, slots=True)
class SignInWithPasskeyCommand:
    challenge: Secret
    presented: PresentedAssertion
    origin: Origin


@dataclass(frozen=True, slots=True)
class SignInWithPasskey:
    """A person opens a session with a passkey alone: they have it, and their device knows them."""

    questions: PasskeyQuestions
    directory: PasskeyDirectory
    begin: BeginIdentityTx
    verifier: PasskeyVerifier
    opening: SessionOpening
    clock: Clock

    async def __call__(self, command: SignInWithPasskeyCommand) -> SignedIn:
        """The session that the person gets for it.

        Raises:
            PasskeyChallengeError, PasskeyRefusedError, PasskeyClonedError, AccountNotActiveError
        """
        await self.questions.take(command.challenge, _ASKED)
        user_id = await self.directory.owner_of_passkey(command.presented.credential_id)
        if user_id is None:
            raise PasskeyRefusedError("unknown")
        try:
            return await self._open(user_id, command)
        except AccountNotActiveError as refusal:
            await self._note_refusal(user_id, refusal.code)
            raise

    async def _open(self, user_id: UserId, command: SignInWithPasskeyCommand) -> SignedIn:
        proof = PasskeyProof(command.presented, command.challenge, Purpose.SIGN_IN, self.verifier)
        async with self.begin(user_id) as tx:
            # The person before the passkey, as everywhere, so that nobody waits in a circle.
            await tx.people.hold(user_id)
            now = self.clock.now()
            try:
                await proof(tx, user_id, now)
            except ProofWrongError as refusal:
                await tx.audit.record(user_id, "identity.log_in_refused", _why(refusal))
                await tx.commit()
                raise
            opened = await self.opening(tx, user_id, command.origin, (Method.PASSKEY,), now)
            await tx.commit()
        return opened

    async def _note_refusal(self, user_id: UserId, why: str) -> None:
        """In a transaction of its own: the refusal must not take its trace with it."""
        async with self.begin(user_id) as tx:
            await tx.audit.record(
                user_id, "identity.log_in_refused", {"why": why, "with": Method.PASSKEY}
            )
            await tx.commit()


def _why(refusal: ProofWrongError) -> dict[str, str]:
    facts = {"why": refusal.code, "with": Method.PASSKEY.value}
    if isinstance(refusal, PasskeyRefusedError):
        facts["check"] = refusal.why
    return facts
