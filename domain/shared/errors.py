"""What can go wrong, in families that say what the caller can do about it.

A leaf adds a stable `code` and its facts as attributes; statuses belong to the edges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing that is wrong with one field; `field` is a path such as `lines[3].amount`."""

    field: str
    error: str
    message: str


class DalerError(Exception):
    """Base of every error a caller can cause or must react to."""

    code: ClassVar[str] = "error"

    @property
    def details(self) -> Sequence[FieldProblem]:
        """What is wrong field by field, when that is known."""
        return ()


class MalformedError(DalerError):
    """The request cannot be understood; sending it again will not help."""

    code = "malformed"


class UnauthenticatedError(DalerError):
    """Nobody is signed in, or not any longer."""

    code = "unauthenticated"


class ForbiddenError(DalerError):
    """The caller is known and may not do this."""

    code = "forbidden"


class NotFoundError(DalerError):
    """There is no such thing, or it belongs to somebody else: a stranger cannot tell which."""

    code = "not_found"


class ConflictError(DalerError):
    """The request clashes with the present state; it may succeed later."""

    code = "conflict"


class GoneError(DalerError):
    """What was asked for existed once and is switched off for good."""

    code = "gone"


class RuleError(DalerError):
    """The request is well formed and breaks a rule; another request may be right."""

    code = "rule_broken"


class TooManyError(DalerError):
    """Slow down; the same request may be sent again after `retry_after_s`."""

    code = "too_many"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class UnavailableError(DalerError):
    """A party we depend on is down; the same request may be sent again."""

    code = "unavailable"


class InvalidFieldsError(RuleError):
    """One or more fields break a rule."""

    code = "invalid_fields"

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__("; ".join(f"{p.field}: {p.message}" for p in problems))
        self.problems = problems

    @property
    @override
    def details(self) -> Sequence[FieldProblem]:
        return self.problems
