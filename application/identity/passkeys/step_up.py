from dataclasses import dataclass

from application.identity.passkeys.options import Described, RequestOptions
from application.identity.passkeys.ports import PasskeyVerifier, PresentedAssertion, RelyingParty
from application.identity.passkeys.proof import PasskeyProof
from application.identity.passkeys.questions import PasskeyQuestions
from application.identity.ports import BeginIdentityTx
from application.identity.signing_in.step_up import SteppedUp, SteppingUp
from application.shared.caller import Caller
from domain.identity.errors_factors import SecondFactorOffError
from domain.identity.passkey_challenge import Asked, Purpose
from domain.identity.session import Origin


@dataclass(frozen=True, slots=True)
class AskToStepUpCommand:
    caller: Caller


@dataclass(frozen=True, slots=True)
class AskToStepUp:
    """What a browser needs so that this person proves with a passkey that they are there."""

    begin: BeginIdentityTx
    questions: PasskeyQuestions
    party: RelyingParty

    async def __call__(self, command: AskToStepUpCommand) -> RequestOptions:
        """Raises SecondFactorOffError."""
        caller = command.caller
        async with self.begin(caller.user_id) as tx:
            passkeys = await tx.passkeys.all()
        if not passkeys:
            raise SecondFactorOffError
        return RequestOptions(
            challenge=await self.questions.ask(_asked(caller)),
            party=self.party,
            allowed=Described.all(passkeys),
            verified=True,
        )


@dataclass(frozen=True, slots=True)
class StepUpWithPasskeyCommand:
    caller: Caller
    origin: Origin
    presented: PresentedAssertion


@dataclass(frozen=True, slots=True)
class StepUpWithPasskey:
    """A person who is signed in proves with a passkey that it is they."""

    stepping_up: SteppingUp
    questions: PasskeyQuestions
    verifier: PasskeyVerifier

    async def __call__(self, command: StepUpWithPasskeyCommand) -> SteppedUp:
        """The session that takes the place of theirs.

        Raises:
            PasskeyChallengeError, PasskeyRefusedError, PasskeyClonedError, SignInLockedError
        """
        caller, presented = command.caller, command.presented
        challenge = await self.questions.answered(presented.client_data, _asked(caller))
        proof = PasskeyProof(presented, challenge, Purpose.STEP_UP, self.verifier)
        return await self.stepping_up(caller, proof, command.origin)


def _asked(caller: Caller) -> Asked:
    return Asked(Purpose.STEP_UP, caller.user_id, caller.session_id.bytes)
