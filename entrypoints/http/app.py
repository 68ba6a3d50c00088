"""The HTTP application, from the routers of the contexts."""

from collections.abc import Sequence

from dishka import AsyncContainer
from litestar import Litestar, Router
from litestar.routes import HTTPRoute

from entrypoints.http.health import Lifecycle, health_router
from entrypoints.http.metrics import Meters
from entrypoints.http.openapi import Document
from entrypoints.http.options import HttpOptions
from entrypoints.http.replies import Reply
from entrypoints.http.shell.shell import Shell
from entrypoints.http.site import site_router


def create_app(container: AsyncContainer, routers: Sequence[Router], options: HttpOptions) -> Shell:
    """The whole application as one ASGI callable.

    Raises:
        UnguardedRouteError: a route neither asks who calls nor says `public=True`.
    """
    meters, lifecycle = Meters.fresh(), Lifecycle()

    def started() -> None:
        lifecycle.started = True

    document = Document(options)
    for router in routers:
        _drop_options(router)
    litestar = Litestar(
        [*routers, health_router(meters, lifecycle), site_router(document, options)],
        on_startup=[started],
        response_class=Reply,
        openapi_config=None,
        logging_config=None,
        request_max_body_size=options.body_max_bytes,
    )
    shell = Shell.around(litestar, container, options, meters)
    document.plans = shell.plans
    return shell


def _drop_options(router: Router) -> None:
    """Take away the OPTIONS handlers that Litestar adds to every route of every router.

    Two contexts may share an address, one to read and one to write; merging their routes fails
    on OPTIONS being there twice. Litestar adds one to the merged route, and the shell answers it.
    """
    for route in router.routes:
        if isinstance(route, HTTPRoute):
            route.route_handlers = [
                handler for handler in route.route_handlers if handler.http_methods != {"OPTIONS"}
            ]
