"""What can go wrong with people getting in. Nothing here says whether an e-mail is known."""

from datetime import datetime

from domain.shared.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    TooManyError,
    UnauthenticatedError,
)
from domain.shared.ids import SessionId, UserId


class EmailTakenError(ConflictError):
    code = "email_taken"

    def __init__(self) -> None:
        super().__init__("this e-mail address has an account already; sign in instead")


class BadCredentialsError(UnauthenticatedError):
    code = "bad_credentials"

    def __init__(self) -> None:
        super().__init__("e-mail address or password is wrong; check both and try again")


class AccountNotActiveError(ForbiddenError):
    code = "account_not_active"

    def __init__(self, user_id: UserId) -> None:
        super().__init__("this account is closed or locked; ask support to open it")
        self.user_id = user_id


class PersonNotFoundError(NotFoundError):
    code = "person_not_found"

    def __init__(self, user_id: UserId) -> None:
        super().__init__(f"there is no person {user_id}")
        self.user_id = user_id


class AccessTokenInvalidError(UnauthenticatedError):
    code = "access_token_invalid"

    def __init__(self) -> None:
        # Which check failed is nobody's business but ours.
        super().__init__("this access token is not valid; sign in or refresh the session")


class AccessTokenExpiredError(UnauthenticatedError):
    code = "access_token_expired"

    def __init__(self) -> None:
        super().__init__("this access token has run out; refresh the session")


class SessionNotFoundError(NotFoundError):
    code = "session_not_found"

    def __init__(self, session_id: SessionId) -> None:
        super().__init__(f"there is no session {session_id}")
        self.session_id = session_id


class SessionEndedError(UnauthenticatedError):
    code = "session_ended"

    def __init__(self) -> None:
        super().__init__("this session has ended; sign in again")


class StepUpRequiredError(ForbiddenError):
    code = "step_up_required"

    def __init__(self) -> None:
        super().__init__("this needs a fresh proof that it is you: POST /api/v1/auth/step-up first")


class RefreshTokenUnknownError(UnauthenticatedError):
    code = "refresh_token_unknown"

    def __init__(self) -> None:
        super().__init__("this refresh token is not one of ours; sign in again")


class RefreshTokenExpiredError(UnauthenticatedError):
    code = "refresh_token_expired"

    def __init__(self, expired_at: datetime) -> None:
        super().__init__(f"this refresh token ran out at {expired_at:%Y-%m-%d %H:%M} UTC; sign in")
        self.expired_at = expired_at


class RefreshTokenReusedError(UnauthenticatedError):
    """Somebody has a copy: the family it belongs to is ended for everyone who holds a piece."""

    code = "refresh_token_reused"

    def __init__(self) -> None:
        super().__init__("this refresh token was used before; its session was ended, sign in again")


class SignInLockedError(TooManyError):
    """The same for an account that exists and one that does not."""

    code = "sign_in_locked"

    def __init__(self, retry_after_s: int) -> None:
        minutes = -(-retry_after_s // 60)
        super().__init__(
            f"too many failed tries: wait {minutes} min. and try again, use a device that signed "
            "in before, or choose a new password with 'forgot password'",
            retry_after_s,
        )
