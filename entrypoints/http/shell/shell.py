"""The one ASGI function around Litestar: what every request passes, found or not.

It asks Litestar's router once, does what Litestar's middleware could only do for known routes,
runs the route, and turns whatever is raised into a problem. No middleware is stacked anywhere.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final, cast

import msgspec
import structlog
from dishka import AsyncContainer
from dishka import Scope as Lifetime
from litestar import Litestar
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.types.asgi_types import HTTPScope
from litestar.utils.path import normalize_path
from litestar.utils.scope.state import ScopeState

from application.shared.limits import RateLimiter
from domain.shared.errors import DalerError
from entrypoints.http.cookies import AsksForCookies
from entrypoints.http.metrics import Meters
from entrypoints.http.options import HttpOptions
from entrypoints.http.problem import (
    MEDIA_TYPE,
    MethodNotAllowedError,
    NoSuchAddressError,
    headers_of,
    problem_of,
)
from entrypoints.http.shell import bodies
from entrypoints.http.shell.bodies import CallerLeftError, Message, Receive
from entrypoints.http.shell.client import client_ip
from entrypoints.http.shell.exchange import Exchange, Scope, read_headers, request_id_of
from entrypoints.http.shell.foreign import translated
from entrypoints.http.shell.headers import Header, api_headers, page_headers
from entrypoints.http.shell.limits import ensure_within
from entrypoints.http.shell.own_pages import OwnPages
from entrypoints.http.shell.plans import BodyKind, RoutePlan, plans_of
from entrypoints.http.shell.query import read_query
from entrypoints.logs import REQUEST_ID, log_access

Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]

LEAVING: Final = (asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit)
CALLER_LEFT: Final = 499
"""Never sent, only logged: nobody was there any more to read an answer."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger("http")


@dataclass(slots=True)
class Answer:
    """What has been sent so far."""

    status: int = 0


@dataclass(frozen=True, slots=True)
class Shell:
    """The whole HTTP application, as ASGI."""

    litestar: Litestar
    container: AsyncContainer
    options: HttpOptions
    plans: Mapping[tuple[str, str], RoutePlan]
    meters: Meters
    pages: OwnPages
    _api_headers: tuple[Header, ...] = field(repr=False)
    _page_headers: tuple[Header, ...] = field(repr=False)

    @classmethod
    def around(
        cls, litestar: Litestar, container: AsyncContainer, options: HttpOptions, meters: Meters
    ) -> "Shell":
        return cls(
            litestar,
            container,
            options,
            plans_of(litestar),
            meters,
            OwnPages.of(options),
            api_headers(options),
            page_headers(options),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self.litestar(scope, receive, send)  # type: ignore[arg-type] # ASGI's own dicts
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1000})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        head = scope["method"] == "HEAD"
        if head:
            scope = {**scope, "method": "GET"}
        raw_headers = scope["headers"]
        exchange = Exchange(scope, request_id_of(raw_headers), "", "")
        answer = Answer()
        plan: RoutePlan | None = None
        self.meters.in_flight += 1
        context = REQUEST_ID.set(exchange.request_id)
        readable = self.pages.readable(raw_headers) if self.pages.elsewhere else ()

        async def reply(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", exchange.request_id.encode()),
                    *(self._page_headers if plan and plan.page else self._api_headers),
                    *exchange.limit_headers,
                    *readable,
                ]
            elif head:
                message["body"] = b""
            await send(message)

        try:
            app, plan = self._route(scope, exchange)
            exchange.headers = read_headers(raw_headers)
            if plan is None:
                await self._options(exchange, reply)
            else:
                await self._run(app, plan, exchange, receive, reply)
        except LEAVING:
            raise
        except CallerLeftError:
            answer.status = CALLER_LEFT
        except BaseException as error:
            if answer.status:
                log.exception("answer_cut_off")
                raise
            refused, plan = translated(error, plan), None
            await self._refuse(refused, exchange, reply)
        finally:
            self.meters.in_flight -= 1
            self._note(exchange, "HEAD" if head else scope["method"], answer.status, began)
            REQUEST_ID.reset(context)

    def _route(self, scope: Scope, exchange: Exchange) -> tuple[ASGIApp, RoutePlan | None]:
        """Find the route as Litestar would, and leave in the scope what Litestar leaves there."""
        path = normalize_path(scope["path"])
        if "\0" in path or "\ufffd" in path:
            raise NoSuchAddressError
        method = scope["method"]
        try:
            app, handler, scope["path"], scope["path_params"], template = (
                self.litestar.asgi_router.handle_routing(path=path, method=method)
            )
        except MethodNotAllowedException:
            raise MethodNotAllowedError(method, self._allowed(path)) from None
        except NotFoundException:
            raise NoSuchAddressError from None
        exchange.template = template
        if method == "OPTIONS":
            return app, None
        scope["litestar_app"] = self.litestar
        scope["route_handler"] = handler
        scope["path_template"] = template
        plan = self.plans[template, method]
        exchange.operation = plan.operation
        exchange.quiet = plan.quiet
        exchange.scoped = plan.scope
        exchange.permission = plan.permission
        exchange.two_factors = self.options.require_second_factor and not plan.one_factor
        exchange.passwords = self.options.password_login
        if plan.password:
            exchange.ensure_passwords()
        return app, plan

    async def _run(
        self, app: ASGIApp, plan: RoutePlan, exchange: Exchange, receive: Receive, reply: Send
    ) -> None:
        scope = exchange.scope
        peer = scope.get("client")
        exchange.client_ip = client_ip(
            peer[0] if peer else "", scope["headers"], self.options.trusted_proxies
        )
        if b"cookie" in exchange.headers:
            self.pages.ensure_not_forged(exchange, guarded=plan.needs is not None)
        waited = False
        async with self._things(exchange) as things:
            await self._admit(plan, exchange, things)
            if plan.kind is not BodyKind.NONE or scope["method"] in ("POST", "PUT", "PATCH"):
                at_once = bodies.nothing_else_runs()
                receive = await self._receive_body(plan, exchange, receive)
                waited = not at_once()
            if plan.needs is None or not waited:
                await _hand_over(app, scope, things, receive, reply)
                return
        # Who held their body back may have been shut out meanwhile, or have lost a role: what was
        # asked is asked anew, and the route gets the answer of now.
        async with self._things(exchange) as things:
            await things.get(plan.needs)
            await _hand_over(app, scope, things, receive, reply)

    async def _admit(self, plan: RoutePlan, exchange: Exchange, things: AsyncContainer) -> None:
        """Before the body is read: strangers do not get to keep a parser busy."""
        if plan.needs is not None:
            await things.get(plan.needs)
        rates = self.options.limits.rates
        if plan.limit is not None and plan.limit in rates:
            limiter = await things.get(RateLimiter)
            await ensure_within(plan.limit, rates[plan.limit], exchange, limiter)
        query = exchange.scope["query_string"]
        if query and not plan.any_query:
            read_query(query, plan.parameters, plan.repeatable)

    def _things(self, exchange: Exchange) -> AbstractAsyncContextManager[AsyncContainer]:
        return self.container({Exchange: exchange}, scope=Lifetime.REQUEST)

    async def _receive_body(self, plan: RoutePlan, exchange: Exchange, receive: Receive) -> Receive:
        declared = exchange.headers.get(b"content-length")
        if plan.kind is BodyKind.NONE:
            limit, seconds = bodies.NO_BODY_MAX, self.options.body_timeout_s
            bodies.ensure_empty(await bodies.read_body(receive, declared, limit, seconds))
            return bodies.nothing
        content_type = exchange.headers.get(b"content-type", b"")
        if not (plan.body_optional and not content_type):
            bodies.ensure_media_type(plan, content_type)
        if plan.kind is BodyKind.STREAM and not plan.keyed:
            bodies.ensure_declared(declared, plan.body_max)
            return bodies.bounded(receive, plan.body_max)
        exchange.body = await bodies.read_body(
            receive, declared, plan.body_max, self.options.body_timeout_s
        )
        state = ScopeState.from_scope(cast(HTTPScope, exchange.scope))
        if plan.kind is BodyKind.JSON:
            state.json = bodies.decoded(plan, exchange.body)
            if isinstance(state.json, AsksForCookies) and state.json.cookies:
                self.pages.ensure_ours(exchange)
            exchange.canonical = bodies.canonical_json
        state.body = exchange.body
        return bodies.once(exchange.body)

    async def _options(self, exchange: Exchange, reply: Send) -> None:
        allowed = self._allowed(normalize_path(exchange.scope["path"])).encode()
        headers = [(b"allow", allowed), *self.pages.preflight(exchange, allowed)]
        await reply({"type": "http.response.start", "status": 204, "headers": headers})
        await reply({"type": "http.response.body", "body": b""})

    def _allowed(self, path: str) -> str:
        """The methods of a path that has some, for the Allow header."""
        try:
            self.litestar.asgi_router.handle_routing(path=path, method="TRACE")
        except MethodNotAllowedException as error:
            methods = set((error.headers or {}).get("allow", "").split(", "))
        else:
            methods = {"TRACE"}
        return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))

    async def _refuse(self, error: BaseException, exchange: Exchange, reply: Send) -> None:
        problem = problem_of(error, exchange.request_id)
        if not isinstance(error, DalerError):
            log.error("request_failed", route=exchange.template, exc_info=error)
        elif problem.status >= 500:  # noqa: PLR2004 - where our own faults begin
            log.error("request_refused", route=exchange.template, code=problem.error)
        body = msgspec.json.encode(problem)
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", b"%d" % len(body)),
            *headers_of(error),
        ]
        await reply({"type": "http.response.start", "status": problem.status, "headers": headers})
        await reply({"type": "http.response.body", "body": body})

    def _note(self, exchange: Exchange, method: str, status: int, began: float) -> None:
        seconds = perf_counter() - began
        self.meters.note(exchange.template, method, status, seconds)
        if exchange.quiet and status < 400:  # noqa: PLR2004 - where errors begin
            return
        log_access(
            method,
            exchange.template,
            status,
            duration_ms=round(seconds * 1000, 2),
            request_id=exchange.request_id,
            user_id=str(exchange.user_id) if exchange.user_id else None,
        )


async def _hand_over(
    app: ASGIApp, scope: Scope, things: AsyncContainer, receive: Receive, reply: Send
) -> None:
    scope.setdefault("state", {})["dishka_container"] = things
    await app(scope, receive, reply)
