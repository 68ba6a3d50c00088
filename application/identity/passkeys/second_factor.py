from dataclasses import dataclass

from application.identity.passkeys.options import Described, RequestOptions
from application.identity.passkeys.ports import PasskeyVerifier, PresentedAssertion, RelyingParty
from application.identity.passkeys.proof import PasskeyProof
from application.identity.passkeys.questions import PasskeyQuestions
from application.identity.ports import BeginIdentityTx
from application.identity.signing_in.challenges import SignInChallenges
from application.identity.signing_in.tokens import SignedIn
from domain.identity.challenge import hash_of
from domain.identity.errors_factors import SecondFactorOffError
from domain.identity.passkey_challenge import Asked, Purpose
from domain.identity.session import Origin
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class AskForSecondPasskeyCommand:
    challenge: Secret
    """The sign-in that is to be finished."""


@dataclass(frozen=True, slots=True)
class AskForSecondPasskey:
    """What a browser needs to finish a sign-in with one of this person's passkeys."""

    challenges: SignInChallenges
    begin: BeginIdentityTx
    questions: PasskeyQuestions
    party: RelyingParty

    async def __call__(self, command: AskForSecondPasskeyCommand) -> RequestOptions:
        """Raises ChallengeOverError, AccountNotActiveError, SecondFactorOffError."""
        user_id = (await self.challenges.waiting(command.challenge)).user_id
        async with self.begin(user_id) as tx:
            await self.challenges.held(tx, user_id, command.challenge)
            passkeys = await tx.passkeys.all()
        if not passkeys:
            raise SecondFactorOffError
        return RequestOptions(
            challenge=await self.questions.ask(_asked(user_id, command.challenge)),
            party=self.party,
            allowed=Described.all(passkeys),
            verified=False,
        )


@dataclass(frozen=True, slots=True)
class FinishWithPasskeyCommand:
    challenge: Secret
    """The sign-in that is to be finished."""
    presented: PresentedAssertion
    origin: Origin


@dataclass(frozen=True, slots=True)
class FinishWithPasskey:
    """A person whose password was right shows one of their passkeys."""

    challenges: SignInChallenges
    questions: PasskeyQuestions
    verifier: PasskeyVerifier

    async def __call__(self, command: FinishWithPasskeyCommand) -> SignedIn:
        """The session that the person gets for it.

        Raises:
            ChallengeOverError, PasskeyChallengeError, PasskeyRefusedError, PasskeyClonedError,
            AccountNotActiveError, SignInLockedError
        """
        presented = command.presented
        waiting = await self.challenges.waiting(command.challenge)
        asked = _asked(waiting.user_id, command.challenge)
        challenge = await self.questions.answered(presented.client_data, asked)
        proof = PasskeyProof(presented, challenge, asked.purpose, self.verifier)
        return await self.challenges.finish(command.challenge, command.origin, proof)


def _asked(user_id: UserId, challenge: Secret) -> Asked:
    return Asked(Purpose.SECOND_FACTOR, user_id, hash_of(challenge))
