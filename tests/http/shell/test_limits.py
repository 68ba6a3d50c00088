"""Callers have so many calls, by network or by person; told before anything is read or done."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from dishka import STRICT_VALIDATION, FromDishka, Provider, make_async_container, provide
from dishka import Scope as Lifetime
from dishka.integrations.litestar import DishkaRouter
from litestar import get, post
from litestar.params import JSONBody
from typing_extensions import override

from adapters.limits.in_process import InProcessLimiter
from application.shared.caller import Caller
from application.shared.clock import Clock
from application.shared.limits import LimitClass, Limits, Rate, RateLimiter
from entrypoints.http.app import create_app
from entrypoints.http.callers import CallerProvider
from entrypoints.http.envelope import Data
from entrypoints.http.options import HttpOptions
from entrypoints.http.scoped import NO_KEY
from tests.http.shell.support import OPTIONS, SIGNED_IN, FakesProvider, Faults, Order
from tests.http.support import calling
from tests.support.clock import FixedClock

LIMITED = replace(
    OPTIONS,
    trusted_proxies=(ip_network("127.0.0.0/8"),),
    limits=Limits({LimitClass.SIGN_IN: Rate(2, 60), LimitClass.SENSITIVE: Rate(3, 3600)}),
)


@post("/enter", public=True, name="enter", limit="sign_in", status_code=200)
async def enter(data: JSONBody[Order]) -> Data[int]:
    return Data(data.count)


@get("/read", public=True, name="read", limit="public")
async def read() -> Data[int]:
    return Data(1)


@post("/change", name="change", scope=NO_KEY, limit="sensitive", status_code=200)
async def change(data: JSONBody[Order], _caller: FromDishka[Caller]) -> Data[int]:
    return Data(data.count)


@get("/free", name="free", scope=NO_KEY)
async def free(_caller: FromDishka[Caller]) -> Data[int]:
    return Data(1)


class Limiting(Provider):
    scope = Lifetime.APP

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    @provide
    def limiter(self) -> RateLimiter:
        return InProcessLimiter(self._clock)


class Untouched(httpx.AsyncByteStream):
    """A body that must not be asked for."""

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        raise AssertionError("somebody reads")
        yield b""  # type: ignore[unreachable] # what makes it a generator


@asynccontextmanager
async def limited(
    clock: FixedClock, options: HttpOptions = LIMITED
) -> AsyncIterator[httpx.AsyncClient]:
    handlers: list[Any] = [enter, read, change, free]
    router = DishkaRouter("/api/v1", route_handlers=handlers, tags=["limits"])
    container = make_async_container(
        CallerProvider(),
        FakesProvider(Faults(), ()),
        Limiting(clock),
        validation_settings=STRICT_VALIDATION,
    )
    async with calling(create_app(container, [router], options)) as http:
        yield http


@pytest.fixture
async def http(clock: FixedClock) -> AsyncIterator[httpx.AsyncClient]:
    async with limited(clock) as it:
        yield it


async def enters(http: httpx.AsyncClient, address: str = "192.0.2.7") -> httpx.Response:
    return await http.post("/enter", json={"count": 1}, headers={"x-forwarded-for": address})


async def test_one_call_too_many_is_told_when_to_come_back(http: httpx.AsyncClient) -> None:
    assert [(await enters(http)).status_code for _ in range(2)] == [200, 200]

    refused = await enters(http)

    assert refused.status_code == 429
    assert refused.json()["error"] == "too_many_requests"
    assert refused.headers["retry-after"] == "30"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["content-security-policy"]


async def test_every_answer_tells_the_rate_and_what_is_left(http: httpx.AsyncClient) -> None:
    told = [await enters(http) for _ in range(3)]

    assert {one.headers["ratelimit-policy"] for one in told} == {'"sign_in";q=2;w=60'}
    assert [one.headers["ratelimit"] for one in told] == [
        '"sign_in";r=1;t=30',
        '"sign_in";r=0;t=30',
        '"sign_in";r=0;t=30',
    ]


async def test_calls_come_back_one_by_one(http: httpx.AsyncClient, clock: FixedClock) -> None:
    for _ in range(3):
        await enters(http)
    clock.forward(seconds=29.9)
    assert (await enters(http)).status_code == 429

    clock.forward(seconds=0.1)
    assert [(await enters(http)).status_code for _ in range(2)] == [200, 429]


async def test_strangers_are_counted_by_network(http: httpx.AsyncClient) -> None:
    for _ in range(3):
        await enters(http)

    assert (await enters(http, "192.0.2.8")).status_code == 200
    assert (await enters(http, "::ffff:192.0.2.7")).status_code == 429


async def test_one_household_on_ipv6_is_one_caller(http: httpx.AsyncClient) -> None:
    told = [(await enters(http, f"2001:db8:1:2::{n}")).status_code for n in range(3)]
    assert told == [200, 200, 429]

    assert (await enters(http, "2001:db8:1:3::1")).status_code == 200


async def test_people_are_counted_by_who_they_are(http: httpx.AsyncClient) -> None:
    async def changes(number: int) -> int:
        headers = SIGNED_IN | {"x-forwarded-for": f"192.0.2.{number}"}
        return (await http.post("/change", json={"count": 1}, headers=headers)).status_code

    assert [await changes(number) for number in range(4)] == [200, 200, 200, 429]


async def test_strangers_use_up_nobodys_calls(http: httpx.AsyncClient) -> None:
    for _ in range(5):
        answer = await http.post("/change", json={"count": 1})
        assert answer.status_code == 401
        assert "ratelimit" not in answer.headers


async def test_kinds_have_buckets_of_their_own(http: httpx.AsyncClient) -> None:
    for _ in range(3):
        await enters(http)

    answer = await http.post("/change", json={"count": 1}, headers=SIGNED_IN)
    assert answer.headers["ratelimit"] == '"sensitive";r=2;t=1200'


async def test_the_body_of_who_is_refused_is_not_read(http: httpx.AsyncClient) -> None:
    for _ in range(2):
        await enters(http)

    refused = await http.post(
        "/enter",
        content=Untouched(),
        headers={"x-forwarded-for": "192.0.2.7", "content-type": "application/json"},
    )
    assert refused.status_code == 429


async def test_a_call_counts_even_when_it_is_nonsense(http: httpx.AsyncClient) -> None:
    headers = {"x-forwarded-for": "192.0.2.7"}
    told = [(await http.post("/enter", json={}, headers=headers)).status_code for _ in range(3)]

    assert told == [400, 400, 429]


async def test_what_has_no_rate_is_not_limited_and_says_nothing(http: httpx.AsyncClient) -> None:
    for path in ("/free", "/read"):
        for _ in range(5):
            answer = await http.get(path, headers=SIGNED_IN)
            assert answer.status_code == 200
            assert "ratelimit" not in answer.headers
            assert "ratelimit-policy" not in answer.headers


async def test_without_limits_nothing_is_asked(clock: FixedClock) -> None:
    async with limited(clock, replace(LIMITED, limits=Limits())) as http:
        assert {(await enters(http)).status_code for _ in range(20)} == {200}


async def test_the_document_says_where_calls_are_limited(http: httpx.AsyncClient) -> None:
    paths = (await http.get("http://daler.test/openapi.json")).json()["paths"]

    refused = paths["/api/v1/enter"]["post"]["responses"]["429"]
    assert refused == {"$ref": "#/components/responses/TooMany"}
    assert re.search("RateLimit", str((await http.get("http://daler.test/openapi.json")).json()))
    assert paths["/api/v1/free"]["get"]["responses"]["429"] == {
        "$ref": "#/components/responses/Problem"
    }


async def test_a_kind_that_there_is_not_is_a_fault_at_the_start() -> None:
    @get("/typo", public=True, name="typo", limit="sing_in")
    async def typo() -> Data[int]:
        return Data(1)

    router = DishkaRouter("/api/v1", route_handlers=[typo])
    with pytest.raises(ValueError, match="sing_in"):
        create_app(make_async_container(), [router], LIMITED)
