"""An API key may do what it was given, and people are not limited by scopes."""

import httpx
import pytest
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import get

from application.shared.caller import Caller
from domain.shared.scopes import Scope
from entrypoints.http.envelope import Data
from entrypoints.http.scoped import NO_KEY
from entrypoints.http.shell.plans import UnscopedRouteError
from tests.http.shell.support import ANNA, SIGNED_IN, shell

READER = {"authorization": "Bearer dk_ledger-read"}
WRITER = {"authorization": "Bearer dk_ledger-write"}
ORDER = f"/api/v1/orders/{ANNA}"


async def test_a_key_with_the_scope_is_let_in(http: httpx.AsyncClient) -> None:
    assert (await http.get(ORDER, headers=READER)).status_code == 200
    assert (await http.delete(ORDER, headers=WRITER)).status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "headers", "scope"),
    [
        ("DELETE", ORDER, READER, "ledger:write"),
        ("GET", "/api/v1/orders", WRITER, "ledger:read"),
        ("POST", "/api/v1/sync", WRITER, "connections:write"),
    ],
)
async def test_without_it_the_answer_names_it(
    http: httpx.AsyncClient, method: str, path: str, headers: dict[str, str], scope: str
) -> None:
    answer = await http.request(method, path, headers=headers)

    assert answer.status_code == 403
    assert answer.json()["error"] == "scope_missing"
    assert scope in answer.json()["message"]


async def test_a_scope_is_looked_at_before_the_body(http: httpx.AsyncClient) -> None:
    answer = await http.post("/api/v1/orders", headers=READER, content="{")
    assert answer.json()["error"] == "scope_missing"


@pytest.mark.parametrize("scope", Scope)
async def test_what_is_not_for_keys_is_for_none(http: httpx.AsyncClient, scope: Scope) -> None:
    key = {"authorization": f"Bearer dk_{scope.replace(':', '-')}"}
    answer = await http.post("/api/v1/payments", headers=key, json={"count": 1})

    assert answer.status_code == 403
    assert answer.json()["error"] == "not_for_api_keys"


async def test_people_need_no_scope(http: httpx.AsyncClient) -> None:
    for method, path in (("GET", ORDER), ("DELETE", ORDER), ("POST", "/api/v1/sync")):
        assert (await http.request(method, path, headers=SIGNED_IN)).is_success


async def test_a_key_that_is_none_is_401(http: httpx.AsyncClient) -> None:
    answer = await http.get(ORDER, headers={"authorization": "Bearer dk_nobodys"})
    assert answer.status_code == 401


async def test_a_key_never_comes_as_a_cookie(http: httpx.AsyncClient) -> None:
    answer = await http.get(ORDER, headers={"cookie": "__Host-daler_access=dk_ledger-read"})
    assert answer.status_code == 401


def test_a_route_for_people_that_names_no_scope_is_refused_at_start() -> None:
    @get("/forgotten")
    async def forgotten(_caller: FromDishka[Caller]) -> Data[int]:
        return Data(1)

    with pytest.raises(UnscopedRouteError, match="GET /forgotten must say"):
        shell(routers=[DishkaRouter("/", route_handlers=[forgotten])])


def test_a_public_route_that_names_one_is_refused_at_start() -> None:
    @get("/open", public=True, scope=NO_KEY)
    async def opened() -> Data[int]:
        return Data(1)

    with pytest.raises(UnscopedRouteError, match="GET /open must say"):
        shell(routers=[DishkaRouter("/", route_handlers=[opened])])
