"""What the shell must know of each route, worked out once at start."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec
from litestar import Litestar
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import BodyKwarg, ParameterKwarg
from litestar.routes import HTTPRoute
from litestar.typing import FieldDefinition

from application.shared.caller import Caller, Claims, Staff, Standing
from application.shared.idempotency import IdempotencyKey
from application.shared.limits import LimitClass
from domain.identity.roles import Permission
from domain.shared.scopes import Scope
from entrypoints.http.scoped import NoKey, Scoped

JSON: Final = "application/json"


class UnguardedRouteError(Exception):
    """A route that asks nobody who they are, and does not say that this is meant."""

    def __init__(self, plan: "RoutePlan") -> None:
        super().__init__(
            f"{plan.method} {plan.template} takes neither Caller nor Claims; "
            "if strangers may call it, say so with public=True"
        )


class UnscopedRouteError(Exception):
    """A route for people that does not say which API keys it lets in, or says it in vain."""

    def __init__(self, plan: "RoutePlan") -> None:
        super().__init__(
            f"{plan.method} {plan.template} must say which API keys it lets in: scope=Scope.X or "
            "scope=NO_KEY if it asks who calls, and nothing if it does not"
        )


class UnpermittedRouteError(Exception):
    """A route for staff that does not say what their role must include, or says it in vain."""

    def __init__(self, plan: "RoutePlan") -> None:
        super().__init__(
            f"{plan.method} {plan.template} must say permission=Permission.X if it asks for Staff, "
            "and nothing if it does not"
        )


class BodyKind(Enum):
    NONE = auto()
    JSON = auto()
    RAW = auto()
    """The handler takes `body: bytes`."""
    STREAM = auto()
    """The handler reads a form or the stream by itself."""


@dataclass(frozen=True, slots=True)
class RoutePlan:
    method: str
    template: str
    operation: str
    public: bool
    page: bool
    """An HTML page or its parts: it brings its own Content-Security-Policy and Cache-Control."""
    quiet: bool
    """Asked every few seconds by machines: left out of the access log while all is well."""
    needs: type[Caller] | type[Claims] | type[Standing] | None
    """The strictest that it asks for: got before the body is read."""
    scope: Scoped | None
    """What an API key must have; None where nobody is asked who they are."""
    permission: Permission | None
    """What the caller's role must include; None where everybody acts on what is theirs."""
    password: bool
    """A way in by password, which is gone where those are switched off."""
    one_factor: bool
    """For who has shown one factor, even where two are wanted: to set one up, or to leave."""
    limit: LimitClass | None
    """Which bucket of its caller a call is taken from."""
    any_query: bool
    """Takes whatever a browser was sent back with, unread by us."""
    refuses: frozenset[int]
    """Statuses that it answers with, beyond those that its form alone says."""
    parameters: frozenset[str]
    repeatable: frozenset[str]
    kind: BodyKind
    media_types: tuple[str, ...]
    body_optional: bool
    body_max: int
    keyed: bool
    """Takes an Idempotency-Key, so the whole body is read before it is hashed."""
    decode: Callable[[bytes], Any] = field(repr=False)
    injected: Mapping[str, Any] = field(repr=False)
    handler: HTTPRouteHandler = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def for_staff(self) -> bool:
        return self.needs is not None and issubclass(self.needs, Staff)

    @property
    def key_required(self) -> bool:
        return IdempotencyKey in self.injected.values()

    @property
    def parameters_of_handler(self) -> Mapping[str, FieldDefinition]:
        """What Litestar, not dishka, fills in."""
        return self.handler.parsed_fn_signature.parameters

    def outside_name(self, parameter: str) -> str:
        """As callers write it, such as `from`, which Python keeps for itself."""
        kwarg = self.parameters_of_handler[parameter].kwarg_definition
        return (isinstance(kwarg, ParameterKwarg) and (kwarg.query or kwarg.name)) or parameter


def plans_of(app: Litestar) -> Mapping[tuple[str, str], RoutePlan]:
    """By template and method.

    Raises:
        UnguardedRouteError, UnscopedRouteError, UnpermittedRouteError
    """
    plans = {(plan.template, plan.method): plan for plan in _plans(app)}
    for plan in plans.values():
        if plan.needs is None and not plan.public:
            raise UnguardedRouteError(plan)
        if (plan.needs is None) != (plan.scope is None):
            raise UnscopedRouteError(plan)
        if plan.for_staff != (plan.permission is not None):
            raise UnpermittedRouteError(plan)
    return plans


def public_operations(plans: Mapping[tuple[str, str], RoutePlan]) -> frozenset[str]:
    """`METHOD /template` of everything that answers strangers."""
    return frozenset(plan.name for plan in plans.values() if plan.needs is None)


def _plans(app: Litestar) -> Iterator[RoutePlan]:
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for method, (handler, arguments) in route.route_handler_map.items():
            if method == "OPTIONS":
                continue
            injected = injected_into(handler)
            scope, limit = handler.opt.get("scope"), handler.opt.get("limit")
            permission = handler.opt.get("permission")
            kind, media_types = _body_of(handler)
            data = handler.parsed_fn_signature.parameters.get("data")
            yield RoutePlan(
                method=str(method),
                template=route.path_format,
                operation=handler.name or handler.handler_name,
                public=bool(handler.opt.get("public")),
                page=bool(handler.opt.get("page")),
                quiet=bool(handler.opt.get("quiet")),
                needs=needed(injected.values()),
                scope=scope if isinstance(scope, Scope | NoKey) else None,
                permission=permission if isinstance(permission, Permission) else None,
                password=bool(handler.opt.get("password")),
                one_factor=bool(handler.opt.get("one_factor")),
                limit=None if limit is None else LimitClass(limit),
                any_query=bool(handler.opt.get("any_query")),
                refuses=frozenset(handler.opt.get("refuses", ())),
                parameters=frozenset(p.field_alias for p in arguments.expected_query_params),
                repeatable=frozenset(arguments.sequence_query_parameter_names),
                kind=kind,
                media_types=media_types,
                body_optional=data is not None and (data.is_optional or data.has_default),
                body_max=handler.resolve_request_max_body_size() or 0,
                keyed=any(_is_key(wanted) for wanted in injected.values()),
                decode=_decoder(data.annotation if data is not None else None, kind),
                injected=injected,
                handler=handler,
            )


def needed(
    injected: Iterable[object],
) -> type[Caller] | type[Claims] | type[Standing] | None:
    """What says most about the caller, for whoever is less is refused."""
    classes = [wanted for wanted in injected if isinstance(wanted, type)]
    callers = [wanted for wanted in classes if issubclass(wanted, Caller)]
    if callers:
        return max(callers, key=lambda wanted: len(wanted.__mro__))
    return next((wanted for wanted in (Standing, Claims) if wanted in classes), None)


def injected_into(handler: HTTPRouteHandler) -> Mapping[str, Any]:
    """What dishka gives the route, by parameter name."""
    function = getattr(handler.fn, "__dishka_orig_func__", None)
    if function is None:
        return {}
    taken = handler.parsed_fn_signature.parameters
    hints = get_type_hints(function, include_extras=True)
    return {
        name: get_args(hint)[0]
        for name, hint in hints.items()
        if name not in taken and name != "return" and get_origin(hint) is Annotated
    }


def _is_key(wanted: object) -> bool:
    return wanted is IdempotencyKey or IdempotencyKey in get_args(wanted)


def _body_of(handler: HTTPRouteHandler) -> tuple[BodyKind, tuple[str, ...]]:
    accepts: Sequence[str] = handler.opt.get("accepts", ())
    parameters = handler.parsed_fn_signature.parameters
    if "data" in parameters:
        kwarg = parameters["data"].kwarg_definition
        media_type = kwarg.media_type if isinstance(kwarg, BodyKwarg) else RequestEncodingType.JSON
        if media_type in (RequestEncodingType.MULTI_PART, RequestEncodingType.URL_ENCODED):
            return BodyKind.STREAM, (str(RequestEncodingType(media_type).value),)
        return BodyKind.JSON, (JSON,)
    if "body" in parameters:
        return BodyKind.RAW, tuple(accepts) or ("application/octet-stream",)
    if accepts:
        return BodyKind.STREAM, tuple(accepts)
    return BodyKind.NONE, ()


def _decoder(annotation: Any, kind: BodyKind) -> Callable[[bytes], Any]:  # noqa: ANN401 - a type
    if kind is not BodyKind.JSON:
        return bytes
    return msgspec.json.Decoder(annotation).decode
