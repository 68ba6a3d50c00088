"""The OpenAPI 3.1 document, written from the same plans that the shell enforces.

Types are described by msgspec, which also decodes them: limits, closed objects and tags are those
that really hold. (Litestar's own document leaves them out.)
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

import msgspec
from litestar import Response
from litestar.params import ParameterKwarg
from litestar.typing import FieldDefinition

from domain.shared.scopes import Scope
from entrypoints.http.callers import KEY_HEADER
from entrypoints.http.cookies import ACCESS
from entrypoints.http.options import HttpOptions
from entrypoints.http.problem import MEDIA_TYPE, Problem
from entrypoints.http.schemas import REFERENCE, Json, Types, portable
from entrypoints.http.shell.plans import JSON, BodyKind, RoutePlan

Plans = Mapping[tuple[str, str], RoutePlan]

_LIMITS: Final = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_items": "minItems",
    "max_items": "maxItems",
    "pattern": "pattern",
}
_KEY: Final[Json] = {
    "name": KEY_HEADER,
    "in": "header",
    "description": "A random string of yours; the same one again gives the same answer once more.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}

_SCHEMES: Final[Json] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": (
            "The access token of a session (a JWT), or an API key (`dk_...`), which also needs the "
            "scope that the operation names."
        ),
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": ACCESS,
        "description": (
            "For pages: sign in with `cookies: true`. Whatever changes something is taken from "
            "pages of ours only (`Origin`)."
        ),
    },
}

_LIMITED: Final[Json] = {
    "Retry-After": {
        "description": "Seconds until there is one more call.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "RateLimit-Policy": {
        "description": "Calls (q) in so many seconds (w), of each caller.",
        "schema": {"type": "string", "examples": ['"sign_in";q=10;w=60']},
    },
    "RateLimit": {
        "description": "Calls that are left (r), and seconds until there is one more (t).",
        "schema": {"type": "string", "examples": ['"sign_in";r=0;t=6']},
    },
}


@dataclass(slots=True)
class Document:
    """The document as bytes, made when it is first asked for.

    `plans` come last: this document is itself served by a route that has one.
    """

    options: HttpOptions
    plans: Plans = field(default_factory=dict, repr=False)
    made: bytes = field(default=b"", repr=False)

    def text(self) -> bytes:
        self.made = self.made or msgspec.json.encode(document_of(self.plans, self.options))
        return self.made


def document_of(plans: Plans, options: HttpOptions) -> Json:
    shown = [plan for plan in plans.values() if plan.handler.resolve_include_in_schema()]
    types = Types.of([*(kind for plan in shown for kind in _types(plan)), Problem])
    paths: Json = {}
    ids: Counter[str] = Counter()
    for plan in sorted(shown, key=lambda plan: (plan.template, plan.method)):
        operation = _operation(plan, types)
        ids[plan.operation] += 1
        if ids[plan.operation] > 1:  # one handler at two addresses
            operation["operationId"] += f".{ids[plan.operation]}"
        paths.setdefault(plan.template, {})[plan.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Daler",
            "version": options.version,
            "description": "Every bank a person has, in one ledger they can trust.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        # Relative, so that trying a call out works under whatever name the page was opened.
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": types.components,
            "securitySchemes": _SCHEMES,
            "responses": {
                "Problem": _problem("What went wrong, and what to do."),
                "TooMany": {**_problem("Too many calls; come back later."), "headers": _LIMITED},
            },
        },
    }


def _types(plan: RoutePlan) -> Iterator[Any]:
    yield from _results(plan)
    if later := plan.handler.opt.get("later"):
        yield later
    if plan.kind is BodyKind.JSON:
        yield plan.parameters_of_handler["data"].annotation
    yield from (part for part in plan.handler.opt.get("form", {}).values() if part is not bytes)
    for _, definition, _ in _inputs(plan):
        yield _without_none(definition)


def _results(plan: RoutePlan) -> Sequence[Any]:
    """What may be answered: nothing, one type, or one of several."""
    annotation = plan.handler.parsed_fn_signature.return_type.annotation
    if get_origin(annotation) is Response:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        return get_args(annotation)
    return () if annotation in (None, NoneType, bytes, Response) else (annotation,)


def _inputs(plan: RoutePlan) -> Iterator[tuple[str, FieldDefinition, str]]:
    """Name, definition and place of every path and query parameter."""
    for name, definition in plan.parameters_of_handler.items():
        alias = plan.outside_name(name)
        if f"{{{name}}}" in plan.template:
            yield name, definition, "path"
        elif alias in plan.parameters:
            yield alias, definition, "query"


def _operation(plan: RoutePlan, types: Types) -> Json:
    summary, _, rest = (plan.handler.fn.__doc__ or plan.operation).strip().partition("\n")
    operation: Json = {
        "operationId": plan.operation,
        "summary": summary.rstrip("."),
        "tags": list(plan.handler.resolve_tags()) or ["other"],
        "parameters": [_parameter(*found, types) for found in _inputs(plan)],
        "responses": _responses(plan, types),
        "security": _security(plan),
    }
    words = [*rest.split(), *_who_else(plan)]
    if words:
        operation["description"] = " ".join(words)
    if plan.keyed:
        operation["parameters"].append({**_KEY, "required": plan.key_required})
    if plan.kind is not BodyKind.NONE:
        operation["requestBody"] = _request_body(plan, types)
    return operation


def _security(plan: RoutePlan) -> list[Json]:
    """A session of either form; what an API key must have stands with the form it comes in."""
    if plan.needs is None:
        return []
    return [{"bearer": [plan.scope] if isinstance(plan.scope, Scope) else []}, {"cookie": []}]


def _who_else(plan: RoutePlan) -> Iterator[str]:
    if isinstance(plan.scope, Scope):
        yield f"An API key needs the scope `{plan.scope}`."
    elif plan.needs is not None:
        yield "Not for API keys."


def _parameter(name: str, definition: FieldDefinition, place: str, types: Types) -> Json:
    schema = types.schema(_without_none(definition))
    parameter: Json = {"name": name, "in": place, "schema": schema}
    kwarg = definition.kwarg_definition
    if isinstance(kwarg, ParameterKwarg):
        for ours, theirs in _LIMITS.items():
            value = getattr(kwarg, ours)
            if value is not None:
                schema[theirs] = value
        if kwarg.description:
            parameter["description"] = kwarg.description
    if place == "path" or not definition.has_default:
        parameter["required"] = True
    elif definition.default not in (None, ()):
        schema["default"] = msgspec.to_builtins(definition.default)
    parameter["schema"] = portable(schema)
    return parameter


def _request_body(plan: RoutePlan, types: Types) -> Json:
    schema: Json = {"type": "string", "format": "binary"}
    if plan.kind is BodyKind.JSON:
        schema = types.schema(plan.parameters_of_handler["data"].annotation)
    elif form := plan.handler.opt.get("form"):
        schema = _form(form, types)
    return {
        "required": not plan.body_optional,
        "content": {media_type: {"schema": schema} for media_type in plan.media_types},
    }


def _form(form: Mapping[str, Any], types: Types) -> Json:
    """The parts a route names with `form={...}`: `bytes` is a file, and has to be there."""
    file = {"type": "string", "format": "binary"}
    return {
        "type": "object",
        "properties": {
            name: file if wanted is bytes else types.schema(wanted) for name, wanted in form.items()
        },
        "required": [name for name, wanted in form.items() if wanted is bytes],
        "additionalProperties": False,
    }


def _responses(plan: RoutePlan, types: Types) -> Json:
    status = plan.handler.status_code
    success: Json = {"description": HTTPStatus(status).phrase}
    results = [types.schema(result) for result in _results(plan)]
    if results:
        schema = results[0] if len(results) == 1 else {"oneOf": results}
        success["content"] = {JSON: {"schema": schema}}
    if plan.keyed:
        success["headers"] = {
            "Idempotency-Replayed": {
                "description": "The key was used before; nothing was done again.",
                "schema": {"const": "true"},
            }
        }
    reference = {"$ref": "#/components/responses/Problem"}
    problems = {str(code): reference for code in sorted(set(refusals(plan)))}
    if plan.limit is not None:
        problems["429"] = {"$ref": "#/components/responses/TooMany"}
    answers = {str(status): success}
    if later := plan.handler.opt.get("later"):
        # What would take long is left to a job.
        content = {JSON: {"schema": types.schema(later)}}
        answers["202"] = {**success, "description": HTTPStatus(202).phrase, "content": content}
    return {**answers, **problems, "default": reference}


def refusals(plan: RoutePlan) -> Iterator[int]:
    """The statuses that it may refuse with: what its form says, and what its route adds."""
    yield 400
    yield from plan.refuses
    if plan.password or "{account_id}" in plan.template:
        yield 410  # switched off, or become one with another account
    if plan.needs is not None:
        yield from (401, 403)
    if "{" in plan.template:
        yield 404
    if plan.method != "GET":
        # 403: with cookies, whatever changes something is taken from pages of ours only.
        yield from (403, 409, 422)
    if plan.kind is not BodyKind.NONE:
        yield from (413, 415)
    yield from (429, 503)


def _problem(description: str) -> Json:
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(name="Problem")}}},
    }


def _without_none(definition: FieldDefinition) -> Any:  # noqa: ANN401 - a type
    """A parameter that is None was not sent: None is no value of it."""
    if not definition.is_optional:
        return definition.annotation
    inner = [kind for kind in get_args(definition.annotation) if kind is not NoneType]
    return inner[0] if len(inner) == 1 else definition.annotation
