"""The HTTP application, from the routers of the contexts."""

from collections.abc import Sequence
from typing import Any

from dishka import AsyncContainer
from litestar import Litestar, Response, Router
from typing_extensions import override

from entrypoints.http.encode import to_json
from entrypoints.http.envelope import Replay
from entrypoints.http.health import Lifecycle, health_router
from entrypoints.http.metrics import Meters
from entrypoints.http.openapi import Document
from entrypoints.http.options import HttpOptions
from entrypoints.http.shell.plans import JSON
from entrypoints.http.shell.shell import Shell
from entrypoints.http.site import site_router


class Reply(Response[Any]):
    """Litestar's response, with our JSON."""

    @override
    def render(self, content: Any, media_type: str, enc_hook: Any = None) -> bytes:
        if media_type != JSON:
            return super().render(content, media_type, enc_hook)
        if isinstance(content, Replay):
            self.headers["Idempotency-Replayed"] = "true"
        return to_json(content)


def create_app(container: AsyncContainer, routers: Sequence[Router], options: HttpOptions) -> Shell:
    """The whole application as one ASGI callable.

    Raises:
        UnguardedRouteError: a route neither asks who calls nor says `public=True`.
    """
    meters, lifecycle = Meters.fresh(), Lifecycle()

    def started() -> None:
        lifecycle.started = True

    document = Document(options)
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
