from dataclasses import dataclass

from application.identity.passkeys.ports import PasskeyChallenges, PasskeyVerifier
from application.shared.chance import Chance
from application.shared.clock import Clock
from domain.identity.errors_passkeys import PasskeyChallengeError
from domain.identity.passkey_challenge import Asked, PasskeyChallenge
from domain.identity.refresh import could_be_one, hash_of
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class PasskeyQuestions:
    """The one place where challenges are given out, and taken back."""

    challenges: PasskeyChallenges
    verifier: PasskeyVerifier
    chance: Chance
    clock: Clock

    async def ask(self, asked: Asked) -> Secret:
        token = self.chance.token()
        await self.challenges.put(PasskeyChallenge.issue(token, asked, self.clock.now()))
        return token

    async def answered(self, client_data: bytes, asked: Asked) -> Secret:
        """The challenge that this answers, if it was given out for that; it is used up now.

        Raises:
            PasskeyChallengeError
        """
        challenge = self.verifier.challenge_in(client_data)
        if challenge is None:
            raise PasskeyChallengeError
        await self.take(challenge, asked)
        return challenge

    async def take(self, challenge: Secret, asked: Asked) -> None:
        """Use it up, committed before anything is verified: nobody gets a second try with it.

        Raises:
            PasskeyChallengeError
        """
        kept = None
        if could_be_one(challenge):
            kept = await self.challenges.take(hash_of(challenge))
        if kept is None:
            raise PasskeyChallengeError
        kept.ensure_for(asked, self.clock.now())
