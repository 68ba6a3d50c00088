"""What can go wrong on the way to BankID and back. No message says who it was."""

from domain.shared.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    MalformedError,
    NotFoundError,
    RuleError,
    UnauthenticatedError,
    UnavailableError,
)


class BankIdNotSetUpError(NotFoundError):
    code = "bankid_not_set_up"

    def __init__(self) -> None:
        super().__init__("BankID is not offered here; get in another way")


class BankIdStateInvalidError(MalformedError):
    """Forged, unknown, or another browser's: a stranger cannot tell which."""

    code = "bankid_state_invalid"

    def __init__(self) -> None:
        super().__init__(
            "this is not a way back from BankID that began in this browser; begin again"
        )


class BankIdStateExpiredError(GoneError):
    code = "bankid_state_expired"

    def __init__(self) -> None:
        super().__init__("BankID took longer than ten minutes; begin again")


class BankIdStateUsedError(ConflictError):
    code = "bankid_state_used"

    def __init__(self) -> None:
        super().__init__("this way back from BankID was used already; begin again")


class BankIdCancelledError(RuleError):
    """The person changed their mind. Not a fault."""

    code = "bankid_cancelled"

    def __init__(self) -> None:
        super().__init__("you left BankID before it was done; begin again when you like")


class BankIdRefusedError(RuleError):
    """BankID would not go on; `reason` is its own code, fit to be shown."""

    code = "bankid_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"BankID did not let you through ({reason}); begin again")
        self.reason = reason


class BankIdTokenInvalidError(UnauthenticatedError):
    """What came in BankID's name does not hold; `check` is our word for what failed."""

    code = "bankid_token_invalid"

    def __init__(self, check: str) -> None:
        super().__init__("what came from BankID could not be verified; begin again")
        self.check = check


class BankIdLevelTooLowError(ForbiddenError):
    code = "bankid_level_too_low"

    def __init__(self) -> None:
        super().__init__("this kind of BankID is not strong enough here; use BankID with password")


class BankIdUnderAgeError(ForbiddenError):
    code = "bankid_under_age"

    def __init__(self) -> None:
        super().__init__("you need to be 18 years old")


class BankIdAgeUnknownError(ForbiddenError):
    code = "bankid_age_unknown"

    def __init__(self) -> None:
        super().__init__("BankID did not tell when you were born, so your age cannot be checked")


class NumberInvalidError(RuleError):
    code = "national_number_invalid"

    def __init__(self) -> None:
        # Never with the number, not even a part of it.
        super().__init__("this is not a Norwegian national identity number")


class NumberNotAllowedError(RuleError):
    code = "national_number_not_allowed"

    def __init__(self) -> None:
        super().__init__("numbers of this kind (real people's, or test people's) are not used here")


class BirthDateConflictError(RuleError):
    code = "bankid_birth_date_conflict"

    def __init__(self) -> None:
        super().__init__("what BankID tells contradicts itself; ask your bank to look at it")


class BankIdTakenError(ConflictError):
    """Whose it is stays unsaid."""

    code = "bankid_taken"

    def __init__(self) -> None:
        super().__init__("this BankID opens another account here; sign in with it instead")


class AnotherBankIdLinkedError(ConflictError):
    code = "another_bankid_linked"

    def __init__(self) -> None:
        super().__init__("your account opens with another BankID already; unlink that one first")


class BankIdNotLinkedError(NotFoundError):
    code = "bankid_not_linked"

    def __init__(self) -> None:
        super().__init__("no BankID opens your account")


class LastWayInError(ConflictError):
    code = "last_way_in"

    def __init__(self) -> None:
        super().__init__("nothing else opens your account; set a password or a passkey first")


class BankIdUnavailableError(UnavailableError):
    code = "bankid_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__("BankID does not answer properly right now; begin again in a moment")
        self.reason = reason


class BankIdMisconfiguredError(UnavailableError):
    """BankID refuses our own credentials or wishes: an administrator must act."""

    code = "bankid_misconfigured"

    def __init__(self, reason: str) -> None:
        super().__init__(f"BankID refuses this installation ({reason}); an administrator must act")
        self.reason = reason
