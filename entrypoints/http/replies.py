"""How a route's result becomes an answer."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from litestar import MediaType, Request, Response
from litestar.background_tasks import BackgroundTask, BackgroundTasks
from litestar.datastructures import Cookie
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send
from typing_extensions import override

from entrypoints.http.encode import to_json
from entrypoints.http.envelope import Replay

JSON: Final = "application/json"
_JSON_HEADER: Final = (b"content-type", b"application/json")
_REPLAYED: Final = (b"idempotency-replayed", b"true")
_NO_CONTENT: Final = 204


class JsonAnswer(ASGIResponse):
    """A finished JSON answer, without the header objects that nobody looks at again."""

    def __init__(self, status: int, content: object) -> None:  # all that the base would need
        self.status_code = status
        self.body = to_json(content)
        self.replayed = isinstance(content, Replay)

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [_JSON_HEADER, (b"content-length", b"%d" % len(self.body))]
        if self.replayed:
            headers.append(_REPLAYED)
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


class Reply(Response[Any]):
    """Litestar's response, with our JSON."""

    @override
    def to_asgi_response(
        self,
        app: Any,
        request: Request[Any, Any, Any],
        *,
        background: BackgroundTask | BackgroundTasks | None = None,
        cookies: Iterable[Cookie] | None = None,
        encoded_headers: Iterable[tuple[bytes, bytes]] | None = None,
        headers: dict[str, str] | None = None,
        is_head_response: bool = False,
        media_type: MediaType | str | None = None,
        status_code: int | None = None,
        type_encoders: Mapping[Any, Callable[[Any], Any]] | None = None,
    ) -> ASGIResponse:
        status = self.status_code or status_code or 200
        more = cookies or headers or background or self.cookies or self.headers or self.background
        if not more and status != _NO_CONTENT and (self.media_type or media_type or JSON) == JSON:
            return JsonAnswer(status, self.content)
        return super().to_asgi_response(
            app,
            request,
            background=background,
            cookies=cookies,
            encoded_headers=encoded_headers,
            headers=headers,
            is_head_response=is_head_response,
            media_type=media_type,
            status_code=status_code,
            type_encoders=type_encoders,
        )

    @override
    def render(self, content: Any, media_type: str, enc_hook: Any = None) -> bytes:
        """With cookies or headers of its own, the answer takes Litestar's way."""
        if media_type != JSON or isinstance(content, bytes):
            return super().render(content, media_type, enc_hook)
        if isinstance(content, Replay):
            self.headers["Idempotency-Replayed"] = "true"
        return to_json(content)
