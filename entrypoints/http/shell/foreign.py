"""Litestar's own exceptions in our words."""

import re
from collections.abc import Mapping
from typing import Any, Final

from litestar.exceptions import (
    HTTPException,
    SerializationException,
    ValidationException,
)

from domain.shared.errors import (
    DalerError,
    FieldProblem,
    ForbiddenError,
    MalformedError,
    NotFoundError,
    UnauthenticatedError,
)
from entrypoints.http.problem import InvalidRequestError
from entrypoints.http.shell.explain import explain
from entrypoints.http.shell.plans import RoutePlan

_MISSING: Final = re.compile(r"Missing required \w+ parameter '([^']{1,100})'")
_SERVER_FAULT: Final = 500
_FAMILIES: Final[Mapping[int, type[DalerError]]] = {
    401: UnauthenticatedError,
    403: ForbiddenError,
    404: NotFoundError,
}


def translated(error: BaseException, plan: RoutePlan | None) -> BaseException:
    """The error itself unless it is Litestar's way of blaming the caller."""
    if isinstance(error, ValidationException):
        return InvalidRequestError(*_details(error, plan))
    if isinstance(error, HTTPException) and error.status_code < _SERVER_FAULT:
        family = _FAMILIES.get(error.status_code, MalformedError)
        return family("the request cannot be understood or is not allowed here")
    if isinstance(error, SerializationException):
        return MalformedError("the request cannot be understood")
    return error


def _details(error: ValidationException, plan: RoutePlan | None) -> list[FieldProblem]:
    if missing := _MISSING.search(error.detail):
        return [FieldProblem(missing[1], "missing", "this parameter is required")]
    extra = error.extra if isinstance(error.extra, list) else []
    found = [_detail(item, plan) for item in extra if isinstance(item, dict)]
    return found or [FieldProblem("", "invalid", "the request cannot be understood")]


def _detail(item: dict[str, Any], plan: RoutePlan | None) -> FieldProblem:
    name, _, inside = str(item.get("key", "")).partition(".")
    at = f".{inside}" if inside else ""
    parameter = plan.parameters_of_handler.get(name) if plan is not None else None
    if plan is None or parameter is None:
        return explain(str(item.get("message", "")), f"{name}{at}")
    outside = plan.outside_name(name)
    return explain(str(item.get("message", "")), f"{outside}{at}", parameter.annotation)
