"""A small application of made-up routes around the real shell."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import httpx
import msgspec
from dishka import STRICT_VALIDATION, FromDishka, Provider, make_async_container, provide
from dishka import Scope as Lifetime
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter, RawBody
from typing_extensions import override

from application.shared.caller import (
    AccessTokens,
    ApiKeyCheck,
    Caller,
    Claims,
    SessionCheck,
    Standing,
)
from application.shared.clock import Clock
from application.shared.health import HealthCheck, HealthChecks
from application.shared.idempotency import IdempotencyKey
from domain.shared.errors import UnauthenticatedError
from domain.shared.ids import SessionId, UserId
from domain.shared.money import Money
from domain.shared.scopes import Scope
from domain.shared.secret import Secret
from entrypoints.http.app import create_app
from entrypoints.http.callers import CallerProvider, ClientIp
from entrypoints.http.envelope import Data, Listing, Replay
from entrypoints.http.inputs import MoneyIn, ShortText, Word
from entrypoints.http.options import HttpOptions
from entrypoints.http.pages import LIMIT_DEFAULT, Cursor, Cursors, Limit
from entrypoints.http.scoped import NO_KEY
from entrypoints.http.shell.shell import Shell
from tests.http.support import calling
from tests.support.clock import NOON, FixedClock

ANNA = UserId(UUID("01990000-0000-7000-8000-00000000000a"))
SESSION = SessionId(UUID("01990000-0000-7000-8000-00000000005e"))
SIGNED_IN = {"authorization": "Bearer anna"}
OPTIONS = HttpOptions(public_url="http://127.0.0.1:8000", version="0.1.0", body_max_bytes=20_000)


class FakeTokens(AccessTokens):
    @override
    def verify(self, token: Secret) -> Claims:
        if token.reveal() not in ("anna", "signed-out", "signed-out-twice-proved"):
            raise UnauthenticatedError("this token is not one of ours")
        session = SESSION if token.reveal() == "anna" else SessionId(ANNA)
        twice = token.reveal().endswith("twice-proved")
        return Claims(ANNA, session, datetime(2030, 1, 1, tzinfo=UTC), two_factors=twice)


class FakeKeys(ApiKeyCheck):
    """A key is named after the one scope that it has, such as `dk_jobs-read`."""

    @override
    async def claims_of(self, key: Secret) -> Claims:
        named = {f"dk_{scope.replace(':', '-')}": scope for scope in Scope}
        if key.reveal() not in named:
            raise UnauthenticatedError("this key is not one of ours")
        scopes = frozenset({named[key.reveal()]})
        return Claims(ANNA, SESSION, datetime(2030, 1, 1, tzinfo=UTC), scopes)


class FakeSessions(SessionCheck):
    @override
    async def standing(self, claims: Claims) -> Standing:
        if claims.session_id != SESSION:
            raise UnauthenticatedError("this session has ended")
        caller = Caller(claims.user_id, claims.session_id)
        return Standing(caller, NOON, frozenset({"password"}), "device", "user")


@dataclass(slots=True)
class FakeCheck(HealthCheck):
    error: BaseException | None = None
    word: str = "database"

    @property
    @override
    def name(self) -> str:
        return self.word

    @override
    async def probe(self) -> None:
        if self.error is not None:
            raise self.error


@dataclass(slots=True)
class Faults:
    """What the route `/boom` raises."""

    error: BaseException = field(default_factory=lambda: RuntimeError("secret-canary"))


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Line(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    text: ShortText
    cost: MoneyIn
    tags: Annotated[tuple[Word, ...], msgspec.Meta(max_length=5)] = ()


class Order(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    count: Annotated[int, msgspec.Meta(ge=1, le=100)]
    lines: Annotated[tuple[Line, ...], msgspec.Meta(max_length=50)] = ()
    colour: Colour = Colour.RED
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    id: UUID
    total: Money
    at: datetime
    count: int
    note: str | None = None


def placed(order: Order) -> Placed:
    total = sum((line.cost.money("cost").minor for line in order.lines), 0)
    return Placed(ANNA, Money(total, "NOK"), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), order.count)


@post("/orders", name="orders.place", scope=Scope.LEDGER_WRITE)
async def place_order(
    data: JSONBody[Order], _caller: FromDishka[Caller], key: FromDishka[IdempotencyKey | None]
) -> Data[Placed]:
    """Place an order."""
    kind = Replay if key and key.key == "again" else Data
    return kind(placed(data))


@post("/payments", name="payments.make", scope=NO_KEY)
async def pay(
    data: JSONBody[Order], _claims: FromDishka[Claims], key: FromDishka[IdempotencyKey]
) -> Data[str]:
    assert data.count
    return Data(key.request_hash.hex())


@get("/orders", name="orders.list", scope=Scope.LEDGER_READ)
async def list_orders(
    *,
    claims: FromDishka[Claims],
    cursors: FromDishka[Cursors],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    colour: FromQuery[Colour | None] = None,
    text: Annotated[str | None, QueryParameter(max_length=20)] = None,
    tag: Annotated[tuple[str, ...], QueryParameter(max_items=3)] = (),
    first: Annotated[date | None, QueryParameter(name="from")] = None,
) -> Listing[int]:
    filters = ("orders", claims.user_id, colour, text, tag, first)
    after = cursors.read(cursor, filters, tuple[int])
    start = 0 if after is None else after[0] + 1
    rows = list(range(start, min(start + limit + 1, 120)))
    return cursors.page(rows, limit, lambda row: (row,), filters)


@get("/orders/{order_id:uuid}", name="orders.get", scope=Scope.LEDGER_READ)
async def get_order(order_id: FromPath[UUID], _caller: FromDishka[Caller]) -> Data[Placed]:
    return Data(Placed(order_id, Money(-12990, "NOK"), datetime(2026, 1, 2, tzinfo=UTC), 1))


@delete("/orders/{order_id:uuid}", name="orders.delete", scope=Scope.LEDGER_WRITE)
async def delete_order(order_id: FromPath[UUID], _caller: FromDishka[Caller]) -> None: ...


@put(
    "/files",
    name="files.put",
    scope=Scope.LEDGER_WRITE,
    accepts=("text/csv", "application/octet-stream"),
)
async def put_file(body: RawBody, _caller: FromDishka[Caller]) -> Data[int]:
    return Data(len(body))


@post("/sync", name="sync", scope=Scope.CONNECTIONS_WRITE, status_code=202)
async def sync(_caller: FromDishka[Caller]) -> Data[str]:
    return Data("queued")


@get("/boom", public=True, name="boom")
async def boom(faults: FromDishka[Faults]) -> Data[str]:
    raise faults.error


@get("/where", public=True, name="where")
async def where(ip: FromDishka[ClientIp]) -> Data[str]:
    return Data(ip)


class FakesProvider(Provider):
    scope = Lifetime.APP

    def __init__(self, faults: Faults, checks: Sequence[HealthCheck]) -> None:
        super().__init__()
        self._faults, self._checks = faults, checks

    tokens = provide(FakeTokens, provides=AccessTokens)
    keys = provide(FakeKeys, provides=ApiKeyCheck)
    sessions = provide(FakeSessions, provides=SessionCheck)

    @provide
    def clock(self) -> Clock:
        return FixedClock()

    @provide
    def faults(self) -> Faults:
        return self._faults

    @provide
    def checks(self) -> HealthChecks:
        return HealthChecks(self._checks)

    @provide
    def cursors(self) -> Cursors:
        return Cursors(Secret("k" * 32))


def router() -> Router:
    handlers: list[Any] = [
        place_order,
        pay,
        list_orders,
        get_order,
        delete_order,
        put_file,
        sync,
        boom,
        where,
    ]
    return DishkaRouter("/api/v1", route_handlers=handlers, tags=["orders"])


def shell(
    options: HttpOptions = OPTIONS,
    *,
    faults: Faults | None = None,
    checks: Sequence[HealthCheck] = (),
    routers: Sequence[Router] | None = None,
) -> Shell:
    container = make_async_container(
        CallerProvider(),
        FakesProvider(faults or Faults(), checks),
        validation_settings=STRICT_VALIDATION,
    )
    return create_app(container, [router()] if routers is None else routers, options)


@asynccontextmanager
async def client(app: Shell | None = None) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(app or shell(), "") as http:
        yield http
