"""Every operation asks who calls, and believes no session that has ended."""

import pytest

from tests.security.operations import Operation, operations
from tests.security.town import Days, Someone

pytestmark = pytest.mark.postgres

GUARDED = [operation for operation in operations() if operation.secured]


def named(operation: Operation) -> str:
    return f"{operation.id} {operation.template}"


@pytest.fixture(scope="module")
def gone(days: Days) -> Someone:
    """Anna on another device, where she has signed out."""

    async def leave() -> Someone:
        other = await days.town.signed_in(days.anna)
        await days.town.ok("GET", "/api/v1/me", other)
        await days.town.ok("POST", "/api/v1/auth/logout", other)
        return other

    return days.run(leave())


def test_there_is_something_to_guard() -> None:
    assert len(GUARDED) > 20


@pytest.mark.parametrize("operation", GUARDED, ids=named)
def test_a_session_that_ended_is_refused_at_once(
    days: Days, gone: Someone, operation: Operation
) -> None:
    answer = days.run(days.town.call(**operation.request(), who=gone))

    assert answer.status_code == 401, answer.text
    assert answer.json()["error"] == "session_ended"
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("operation", GUARDED, ids=named)
def test_without_a_genuine_token_there_is_nothing(days: Days, operation: Operation) -> None:
    genuine = days.anna.session["access_token"]
    head, payload, signature = genuine.split(".")
    for header in (
        "",
        "Bearer",
        "Bearer nonsense",
        f"Basic {genuine}",
        f"Bearer {head}.{payload}.{signature[::-1]}",
        f"Bearer {head}.{payload}.",
        f"Bearer eyJhbGciOiJub25lIn0.{payload}.",
        f"Bearer {days.anna.session['refresh_token']}",
    ):
        answer = days.run(days.town.call(**operation.request(), headers={"authorization": header}))
        assert answer.status_code == 401, (header[:20], answer.text)


def test_the_others_devices_stay(days: Days, gone: Someone) -> None:
    assert gone.session["access_token"] != days.anna.session["access_token"]
    days.run(days.town.ok("GET", "/api/v1/me", days.anna))


def test_the_refresh_token_of_an_ended_session_brings_nothing_back(
    days: Days, gone: Someone
) -> None:
    body = {"refresh_token": gone.session["refresh_token"]}
    answer = days.run(days.town.call("POST", "/api/v1/auth/refresh", json=body))

    assert answer.status_code == 401
    assert answer.json()["error"] in {"session_ended", "refresh_token_unknown"}
