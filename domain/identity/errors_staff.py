"""What can go wrong when one person acts on another."""

from domain.shared.errors import ConflictError, ForbiddenError, NotFoundError, RuleError
from domain.shared.ids import UserId


class PermissionMissingError(ForbiddenError):
    code = "permission_missing"

    def __init__(self, permission: str) -> None:
        super().__init__(f"your role does not include {permission}; ask an administrator")
        self.permission = permission


class SecondFactorRequiredError(ForbiddenError):
    """Of staff always; of everybody where the installation wants it."""

    code = "second_factor_required"

    def __init__(self) -> None:
        super().__init__(
            "this takes two factors: sign in with a passkey, with BankID, or with a password and"
            " a second factor; set one up if you have none"
        )


class NotYourselfError(RuleError):
    code = "not_yourself"

    def __init__(self) -> None:
        super().__init__("nobody does this to themself; ask another administrator")


class LastAdminError(ConflictError):
    code = "last_admin"

    def __init__(self) -> None:
        super().__init__("this is the last administrator; make somebody else one first")


class PersonStatusError(ConflictError):
    """Asked for a change that does not lead on from where the person stands."""

    code = "person_status"

    def __init__(self, user_id: UserId, status: str) -> None:
        super().__init__(f"this person is {status}; that has to change first")
        self.user_id, self.status = user_id, status


class EmailUnknownError(NotFoundError):
    code = "email_unknown"

    def __init__(self) -> None:
        super().__init__("nobody is registered with this e-mail address")
