"""How the providers are doing, for administrators."""

from datetime import timedelta
from typing import Annotated, Final

from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, get
from litestar.params import FromPath, QueryParameter

from application.connections.health.show_providers import (
    ProviderDetails,
    ProvidersHealth,
    ShowProvider,
    ShowProviders,
)
from application.shared.caller import Staff
from domain.identity.roles import Permission
from entrypoints.http.envelope import Data
from entrypoints.http.scoped import NO_KEY

MINUTES_MAX: Final = 7 * 24 * 60

Minutes = Annotated[
    int,
    QueryParameter(
        ge=5, le=MINUTES_MAX, description="How far to look back; rounded up to whole five minutes."
    ),
]


@get(
    "/admin/providers",
    name="admin.providers.list",
    scope=NO_KEY,
    permission=Permission.SEE_PROVIDERS,
)
async def show_providers(
    staff: FromDishka[Staff],  # noqa: ARG001 - asked for, so that it is somebody who works here
    show: FromDishka[ShowProviders],
    minutes: Minutes = 60,
) -> Data[ProvidersHealth]:
    """How everybody outside is doing whom we call, and how long the queue of jobs is.

    Counts of all processes together, up to 15 seconds old.
    """
    return Data(await show(timedelta(minutes=minutes)))


@get(
    "/admin/providers/{provider:str}",
    name="admin.providers.get",
    scope=NO_KEY,
    permission=Permission.SEE_PROVIDERS,
)
async def show_provider(
    provider: FromPath[str],
    staff: FromDishka[Staff],  # noqa: ARG001 - as above
    show: FromDishka[ShowProvider],
    minutes: Minutes = 60,
) -> Data[ProviderDetails]:
    """One of them, endpoint by endpoint."""
    return Data(await show(provider, timedelta(minutes=minutes)))


def admin_providers_router() -> Router:
    return DishkaRouter(
        "/api/v1", route_handlers=[show_providers, show_provider], tags=["administration"]
    )
