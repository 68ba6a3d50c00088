"""Errors of what is confirmed by mail, and of changing what one signs in with."""

from datetime import datetime

from domain.shared.errors import ConflictError, GoneError, MalformedError, RuleError


class ConfirmationInvalidError(MalformedError):
    """Unknown, used, withdrawn, or meant for something else: which, nobody needs to know."""

    code = "confirmation_invalid"

    def __init__(self) -> None:
        super().__init__("this token is not valid, or was used already; ask for a new mail")


class ConfirmationExpiredError(GoneError):
    code = "confirmation_expired"

    def __init__(self, expired_at: datetime) -> None:
        super().__init__(
            f"this token ran out at {expired_at:%Y-%m-%d %H:%M} UTC; ask for a new mail"
        )
        self.expired_at = expired_at


class PasswordAlreadySetError(ConflictError):
    code = "password_already_set"

    def __init__(self) -> None:
        super().__init__("you have a password already; change it with the current one")


class EmailUnchangedError(RuleError):
    code = "email_unchanged"

    def __init__(self) -> None:
        super().__init__("this is your e-mail address already; there is nothing to change")
