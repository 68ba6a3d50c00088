"""What every answer carries, whatever was asked and however it went."""

from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest

from tests.security.operations import ENDS_SESSIONS, operations
from tests.security.town import Days

pytestmark = pytest.mark.postgres

ALWAYS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
}
OF_THE_API: Final = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}
NEVER: Final = ("server", "x-powered-by", "access-control-allow-origin", "set-cookie")
PAGES: Final = (
    "/",
    "/docs",
    "/openapi.json",
    "/assets/daler.css",
    "/banking/tink/return",
    "/account/password",
)
SETS_COOKIES: Final = ("auth.bankid", "bankid.link")
"""Before anybody is signed in: what ties the way there and back to one browser."""
JSON: Final = {"content-type": "application/json"}
ODD: Final[Mapping[str, tuple[int, str, str, Mapping[str, Any]]]] = {
    "nowhere": (404, "GET", "/api/v1/nowhere", {}),
    "outside": (404, "GET", "/wp-login.php", {}),
    "climbing": (404, "GET", "/assets/../../etc/passwd", {}),
    "nul": (404, "GET", "/%00", {}),
    "no such asset": (404, "GET", "/assets/nothing.css", {}),
    "wrong method": (405, "PUT", "/api/v1/me", {}),
    "made-up method": (405, "PROPFIND", "/api/v1/me", {}),
    "options": (204, "OPTIONS", "/api/v1/me", {}),
    "head": (401, "HEAD", "/api/v1/me", {}),
    "not signed in": (401, "GET", "/api/v1/me", {}),
    "no body": (400, "POST", "/api/v1/auth/login", {"headers": JSON}),
    "bad query": (400, "GET", "/health/live?a=b", {}),
    "too large": (
        413,
        "POST",
        "/api/v1/auth/login",
        {"content": b"[" + b"1," * 600_000 + b"1]", "headers": JSON},
    ),
    "wrong kind": (
        415,
        "POST",
        "/api/v1/auth/login",
        {"content": b"a=b", "headers": {"content-type": "application/x-www-form-urlencoded"}},
    ),
    "long query": (414, "GET", "/api/v1/categories?" + "a" * 9_000, {}),
    "many headers": (
        431,
        "GET",
        "/api/v1/categories",
        {"headers": {f"x-{number}": "y" * 400 for number in range(95)}},
    ),
    "our fault": (500, "GET", "/api/v1/boom", {}),
}


def ensure_safe(answer: httpx.Response, *, page: bool = False) -> None:
    where = f"{answer.request.method} {answer.request.url.path}: {answer.status_code}"
    for name, value in ALWAYS.items():
        assert answer.headers.get_list(name) == [value], f"{where}: {name}"
    for name in NEVER:
        assert name not in answer.headers, f"{where}: {name}"
    assert len(answer.headers.get_list("x-request-id")) == 1, where
    if page:
        [policy] = answer.headers.get_list("content-security-policy")
        assert policy.startswith("default-src 'none'; "), where
        assert "unsafe-eval" not in policy
        assert "script-src 'unsafe-inline'" not in policy
        assert "frame-ancestors 'none'" in policy
        return
    for name, value in OF_THE_API.items():
        assert answer.headers.get_list(name) == [value], f"{where}: {name}"
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", where
        if answer.request.method != "HEAD":
            assert answer.json()["request_id"] == answer.headers["x-request-id"], where
            assert answer.json()["status"] == answer.status_code, where


def test_every_operation_answers_safely(days: Days) -> None:
    for operation in operations():
        for who in (None, days.sender(of_staff=operation.of_staff)):
            if operation.id in ENDS_SESSIONS and who:
                continue
            answer = days.run(days.town.call(**operation.request(), who=who))
            if operation.id in SETS_COOKIES:
                answer.headers.pop("set-cookie", None)
            ensure_safe(answer)


@pytest.mark.parametrize("case", ODD.values(), ids=ODD)
def test_what_goes_wrong_answers_safely(
    days: Days, case: tuple[int, str, str, Mapping[str, Any]]
) -> None:
    status, method, path, more = case
    answer = days.run(days.town.call(method, path, **more))

    assert answer.status_code == status, answer.text
    ensure_safe(answer)


@pytest.mark.parametrize("path", PAGES)
def test_pages_bring_a_policy_of_their_own(days: Days, path: str) -> None:
    answer = days.run(days.town.call("GET", path))

    assert answer.status_code == 200
    ensure_safe(answer, page=True)


def test_figures_and_health_are_kept_by_no_cache(days: Days) -> None:
    for path in ("/metrics", "/health/live", "/health/ready", "/health/startup"):
        ensure_safe(days.run(days.town.call("GET", path)))


def test_a_fault_of_ours_says_nothing_of_itself(days: Days) -> None:
    answer = days.run(days.town.call("GET", "/api/v1/boom?text=kanari-boom"))

    assert answer.status_code == 500
    assert answer.json()["error"] == "internal"
    assert "kanari" not in answer.text
    assert "BoomError" not in answer.text
    assert "BoomError" in days.town.logs.getvalue()
    assert "kanari-boom" not in days.town.logs.getvalue()
