"""What can go wrong with passkeys. A refusal at signing in does not say which check failed."""

from collections.abc import Sequence
from uuid import UUID

from typing_extensions import override

from domain.identity.errors_factors import ProofWrongError
from domain.shared.errors import ConflictError, FieldProblem, NotFoundError, RuleError


class PasskeyChallengeError(RuleError):
    """Unknown, used, run out, or given to somebody else or for something else."""

    code = "passkey_challenge_invalid"

    def __init__(self) -> None:
        super().__init__("this challenge was used before or has run out; ask for new options")


class PasskeyUnacceptableError(RuleError):
    """A new passkey that does not hold what was asked of it."""

    code = "passkey_unacceptable"

    def __init__(self, why: str, message: str) -> None:
        super().__init__(f"this passkey cannot be used: {message}")
        self.why = why
        self.message = message

    @property
    @override
    def details(self) -> Sequence[FieldProblem]:
        return (FieldProblem("credential", self.why, self.message),)


class PasskeyRefusedError(ProofWrongError):
    """Unknown, somebody else's, or what it signed does not hold: one answer for all."""

    code = "passkey_refused"

    def __init__(self, why: str) -> None:
        super().__init__("this passkey was not accepted; try again, or sign in another way")
        self.why = why
        """For the audit trail only."""


class PasskeyClonedError(ProofWrongError):
    """Its counter stood still or went back: two devices seem to hold the same key."""

    code = "passkey_cloned"

    def __init__(self) -> None:
        super().__init__(
            "this passkey seems to have a copy, so it is not accepted;"
            " sign in another way, then remove it"
        )


class PasskeyKnownError(ConflictError):
    code = "passkey_known"

    def __init__(self) -> None:
        super().__init__("this passkey is registered already; sign in with it, or make another")


class TooManyPasskeysError(RuleError):
    code = "too_many_passkeys"

    def __init__(self, most: int) -> None:
        super().__init__(f"a person has at most {most} passkeys; remove one that you do not use")
        self.most = most


class PasskeyNotFoundError(NotFoundError):
    code = "passkey_not_found"

    def __init__(self, passkey_id: UUID) -> None:
        super().__init__(f"there is no passkey {passkey_id}")
        self.passkey_id = passkey_id
