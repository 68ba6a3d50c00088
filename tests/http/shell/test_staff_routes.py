"""A route for staff that forgets its permission never starts."""

import pytest
from dishka import FromDishka, make_async_container
from dishka.integrations.litestar import DishkaRouter
from litestar import get

from application.shared.caller import Caller, FreshStaff, Staff
from domain.identity.roles import Permission
from entrypoints.http.app import create_app
from entrypoints.http.envelope import Data
from entrypoints.http.scoped import NO_KEY
from entrypoints.http.shell.plans import UnpermittedRouteError
from tests.http.support import OPTIONS


@get("/api/v1/admin/a", scope=NO_KEY)
async def forgets(staff: FromDishka[Staff]) -> Data[str]:
    return Data(str(staff.user_id))


@get("/api/v1/admin/b", scope=NO_KEY)
async def forgets_and_is_fresh(staff: FromDishka[FreshStaff]) -> Data[str]:
    return Data(str(staff.user_id))


@get("/api/v1/admin/c", scope=NO_KEY, permission="people:list")
async def writes_it_as_text(staff: FromDishka[Staff]) -> Data[str]:
    return Data(str(staff.user_id))


@get("/api/v1/admin/d", scope=NO_KEY, permission=Permission.LIST_PEOPLE)
async def asks_for_nobody_in_particular(caller: FromDishka[Caller]) -> Data[str]:
    return Data(str(caller.user_id))


@pytest.mark.parametrize(
    "route", [forgets, forgets_and_is_fresh, writes_it_as_text, asks_for_nobody_in_particular]
)
def test_it_is_refused_at_the_start(route: object) -> None:
    router = DishkaRouter("/", route_handlers=[route])  # type: ignore[list-item] # one of the above
    with pytest.raises(UnpermittedRouteError):
        create_app(make_async_container(), [router], OPTIONS)
