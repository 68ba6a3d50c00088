"""What can go wrong with second factors. Nothing here says which of several checks failed."""

from domain.shared.errors import ConflictError, ForbiddenError, UnauthenticatedError


class ProofWrongError(UnauthenticatedError):
    """A proof that was looked at and does not hold: it costs one of the few tries there are."""


class CodeWrongError(ProofWrongError):
    """Never was right, is right no longer, or was used before: a thief must not learn which."""

    code = "code_wrong"

    def __init__(self) -> None:
        super().__init__("this code is not right, or was used already; type the one shown now")


class ChallengeOverError(UnauthenticatedError):
    """Unknown, used, too old, tried too often, or of a password that has changed since."""

    code = "challenge_over"

    def __init__(self) -> None:
        super().__init__("this sign-in is over, or was never begun; start again with the password")


class TotpOnError(ConflictError):
    code = "totp_on"

    def __init__(self) -> None:
        super().__init__("an authenticator app is set up already; disable it before adding another")


class TotpNotBegunError(ConflictError):
    code = "totp_not_begun"

    def __init__(self) -> None:
        super().__init__("no setup is waiting for a code, or it waited too long; begin again")


class SecondFactorOffError(ConflictError):
    code = "second_factor_off"

    def __init__(self) -> None:
        super().__init__("this second factor is not set up; set it up first")


class PasswordNotEnoughError(ForbiddenError):
    code = "password_not_enough"

    def __init__(self) -> None:
        super().__init__("a password alone is not enough here; prove it with your second factor")


class LongerPasswordNeededError(ConflictError):
    code = "longer_password_needed"

    def __init__(self) -> None:
        super().__init__(
            "your password is only long enough together with a second factor;"
            " choose one of at least 15 characters first"
        )
