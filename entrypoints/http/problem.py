"""Errors as callers see them: one table, one envelope."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Final

import msgspec
from typing_extensions import override

from domain.shared import errors
from domain.shared.errors import DalerError, FieldProblem, MalformedError

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 5
"""What we ask for when something we need is down and nobody knows for how long."""


class InvalidRequestError(MalformedError):
    """Fields, parameters or headers that cannot be understood, each with its reason."""

    code = "invalid_request"

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__(
            "; ".join(f"{p.field}: {p.message}" if p.field else p.message for p in problems)
        )
        self.problems = problems

    @property
    @override
    def details(self) -> Sequence[FieldProblem]:
        return self.problems


class MethodNotAllowedError(MalformedError):
    code = "method_not_allowed"

    def __init__(self, method: str, allowed: str) -> None:
        super().__init__(f"this address does not answer {method[:20]}; it answers {allowed}")
        self.allowed = allowed


class RequestTimeoutError(MalformedError):
    code = "request_timeout"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the body did not arrive within {seconds:g} seconds; send it again")


class BodyTooLargeError(MalformedError):
    code = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body may have at most {limit} bytes here")
        self.limit = limit


class QueryTooLongError(MalformedError):
    code = "query_too_long"

    def __init__(self, limit: int) -> None:
        super().__init__(f"the query string may have at most {limit} bytes")
        self.limit = limit


class WrongMediaTypeError(MalformedError):
    code = "unsupported_media_type"

    def __init__(self, accepted: Sequence[str]) -> None:
        super().__init__(f"send the body with Content-Type: {' or '.join(accepted)}")
        self.accepted = accepted


class HeadersTooLargeError(MalformedError):
    code = "headers_too_large"

    def __init__(self) -> None:
        super().__init__("too many request headers, or too long ones; send fewer")


class PasswordLoginOffError(errors.GoneError):
    code = "password_login_off"

    def __init__(self) -> None:
        super().__init__("passwords are switched off here; sign in with BankID or a passkey")


class NoSuchAddressError(errors.NotFoundError):
    code = "not_found"

    def __init__(self) -> None:
        super().__init__("there is nothing at this address; /openapi.json lists what there is")


STATUS: Final[Mapping[type[DalerError], int]] = {
    errors.MalformedError: 400,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    MethodNotAllowedError: 405,
    RequestTimeoutError: 408,
    errors.ConflictError: 409,
    errors.GoneError: 410,
    BodyTooLargeError: 413,
    QueryTooLongError: 414,
    WrongMediaTypeError: 415,
    errors.RuleError: 422,
    errors.TooManyError: 429,
    HeadersTooLargeError: 431,
    errors.UnavailableError: 503,
}
"""Families, not leaves: the nearest ancestor decides."""


class Detail(msgspec.Struct, frozen=True):
    field: str
    error: str
    message: str


class Problem(msgspec.Struct, frozen=True):
    """What every answer of 400 and above holds (RFC 9457); `error` is what clients branch on."""

    type: str
    title: str
    status: int
    error: str
    message: str
    details: Sequence[Detail]
    request_id: str


def status_of(error: type[DalerError]) -> int:
    return next((STATUS[family] for family in error.__mro__ if family in STATUS), 500)


def problem_of(error: BaseException, request_id: str) -> Problem:
    """Tell the caller what they can act on; of anything unforeseen, only where to look it up."""
    if not isinstance(error, DalerError):
        return _problem(
            500,
            "internal",
            "something went wrong on our side and has been logged; quote the request_id if you ask",
            (),
            request_id,
        )
    return _problem(
        status_of(type(error)), error.code, str(error) or error.code, error.details, request_id
    )


def headers_of(error: BaseException) -> list[tuple[bytes, bytes]]:
    """What an error says in headers, beside its body."""
    match error:
        case errors.UnauthenticatedError():
            return [(b"www-authenticate", b'Bearer realm="daler"')]
        case errors.TooManyError():
            return [(b"retry-after", b"%d" % max(1, error.retry_after_s))]
        case errors.UnavailableError():
            asked = getattr(error, "retry_after_s", None)
            return [(b"retry-after", b"%d" % max(1, ceil(asked or RETRY_AFTER_S)))]
        case MethodNotAllowedError():
            return [(b"allow", error.allowed.encode())]
        case RequestTimeoutError() | BodyTooLargeError() | HeadersTooLargeError():
            # What is still under way of this request must not be read as the next one.
            return [(b"connection", b"close")]
        case _:
            return []


def _problem(
    status: int, code: str, message: str, details: Sequence[FieldProblem], request_id: str
) -> Problem:
    return Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        error=code,
        message=_text(message),
        details=[Detail(_text(d.field), d.error, _text(d.message)) for d in details],
        request_id=request_id,
    )


def _text(text: str) -> str:
    """Names that callers sent may hold what JSON cannot: lone surrogates."""
    return text.encode("utf-8", "replace").decode()
