"""Headers of every answer."""

from typing import Final

from entrypoints.http.options import HttpOptions

Header = tuple[bytes, bytes]

API_POLICY: Final = b"default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""A page of ours: its own style sheet and pictures, no script."""


def page_headers(options: HttpOptions) -> tuple[Header, ...]:
    """For pages, which bring their own policy and caching."""
    headers: tuple[Header, ...] = (
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
    )
    if options.hsts:
        headers += ((b"strict-transport-security", b"max-age=63072000; includeSubDomains"),)
    return headers


def api_headers(options: HttpOptions) -> tuple[Header, ...]:
    """For everything else: nothing may be framed, run, or kept by a cache."""
    return (
        *page_headers(options),
        (b"content-security-policy", API_POLICY),
        (b"cache-control", b"no-store"),
    )
