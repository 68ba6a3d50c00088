from dataclasses import dataclass, field

from application.identity.signing_in.challenges import SignInChallenges
from application.identity.signing_in.proofs import RecoveryCodeProof, TotpProof
from application.identity.signing_in.tokens import SignedIn
from domain.identity.session import Origin
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class FinishWithTotpCommand:
    challenge: Secret = field(repr=False)
    code: Secret = field(repr=False)
    origin: Origin


@dataclass(frozen=True, slots=True)
class FinishWithTotp:
    """A person whose password was right shows the code of their authenticator app."""

    challenges: SignInChallenges

    async def __call__(self, command: FinishWithTotpCommand) -> SignedIn:
        proof = TotpProof.of(command.code)
        return await self.challenges.finish(command.challenge, command.origin, proof)


@dataclass(frozen=True, slots=True)
class FinishWithRecoveryCodeCommand:
    challenge: Secret = field(repr=False)
    code: Secret = field(repr=False)
    origin: Origin


@dataclass(frozen=True, slots=True)
class FinishWithRecoveryCode:
    """A person whose password was right and whose phone is gone uses up a recovery code."""

    challenges: SignInChallenges

    async def __call__(self, command: FinishWithRecoveryCodeCommand) -> SignedIn:
        proof = RecoveryCodeProof.of(command.code, "code")
        return await self.challenges.finish(command.challenge, command.origin, proof)
