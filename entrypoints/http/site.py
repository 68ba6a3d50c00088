"""The few pages people look at: home and docs. Nothing is loaded from anywhere else."""

import gzip
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from entrypoints.http.openapi import Document
from entrypoints.http.options import HttpOptions
from entrypoints.http.problem import NoSuchAddressError
from entrypoints.http.shell.headers import PAGE_POLICY

STATIC: Final = Path(__file__).parent / "static"
DOCS_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI sets styles on elements; its scripts are files of ours, never inline."""

ASSETS: Final[Mapping[str, str]] = {
    "account.js": "text/javascript",
    "daler.css": "text/css",
    "daler.svg": "image/svg+xml",
    "docs.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
}
_HTML: Final = "text/html"
_DAY: Final = "public, max-age=86400"
_LINKS: Final = (
    ("/docs", "API documentation", "Every call, with its fields, to read and to try"),
    ("/openapi.json", "OpenAPI 3.1", "The same for machines"),
    ("/health/ready", "Health", "Whether everything it needs is there, and how fast it answers"),
    ("/metrics", "Metrics", "For Prometheus"),
)
Anything = Request[Any, Any, Any]


def site_router(document: Document, options: HttpOptions) -> Router:
    home_page = _home(options)

    @get("/", public=True, page=True, name="home", include_in_schema=False)
    async def home() -> Response[bytes]:
        return _page(home_page, _HTML, PAGE_POLICY, "no-cache")

    @get("/assets/{file:str}", public=True, page=True, name="assets", include_in_schema=False)
    async def assets(file: FromPath[str], request: Anything) -> Response[bytes]:
        if file not in ASSETS:
            raise NoSuchAddressError
        content, encoding = _asset(file, request.headers.get("accept-encoding", ""))
        answer = _page(content, ASSETS[file], PAGE_POLICY, _DAY)
        if encoding:
            answer.headers["Content-Encoding"] = encoding
        answer.headers["Vary"] = "Accept-Encoding"
        return answer

    @get("/docs", public=True, page=True, name="docs", include_in_schema=False)
    async def docs() -> Response[bytes]:
        return _page((STATIC / "docs.html").read_bytes(), _HTML, DOCS_POLICY, "no-cache")

    @get("/openapi.json", public=True, page=True, name="openapi", include_in_schema=False)
    async def openapi() -> Response[bytes]:
        return _page(document.text(), "application/json", PAGE_POLICY, "no-cache")

    documented = [docs, openapi] if options.docs else []
    return Router("/", route_handlers=[home, assets, *documented])


def _home(options: HttpOptions) -> bytes:
    shown = _LINKS if options.docs else _LINKS[2:]
    links = "\n".join(
        f'<li><a href="{address}"><strong>{name}</strong> <span>{what}.</span></a></li>'
        for address, name, what in shown
    )
    page = Template((STATIC / "home.html").read_text(encoding="utf-8"))
    return page.substitute(links=links, version=escape(options.version)).encode()


def _page(content: bytes, media_type: str, policy: str, caching: str) -> Response[bytes]:
    return Response(
        content,
        media_type=media_type,
        headers={"Content-Security-Policy": policy, "Cache-Control": caching},
    )


def _asset(file: str, accepted: str) -> tuple[bytes, str]:
    """The file's bytes and their encoding; large ones are kept compressed."""
    packed = STATIC / f"{file}.gz"
    if not packed.exists():
        return (STATIC / file).read_bytes(), ""
    if "gzip" in accepted:
        return packed.read_bytes(), "gzip"
    return gzip.decompress(packed.read_bytes()), ""
