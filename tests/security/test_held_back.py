"""Who is shut out while their body is on its way does nothing with it any more."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import httpx
import pytest

from tests.security.operations import Operation, operations
from tests.security.town import Days, Someone, Town

pytestmark = pytest.mark.postgres

TAKES_A_BODY = [
    operation
    for operation in operations()
    if operation.secured and operation.method in ("POST", "PUT", "PATCH")
]
OF_STAFF = [operation for operation in TAKES_A_BODY if operation.of_staff]


def named(operation: Operation) -> str:
    return f"{operation.id} {operation.template}"


@pytest.fixture(scope="module")
def late(days: Days) -> Someone:
    return days.run(days.town.hire("late"))


async def everything(town: Town) -> Mapping[str, tuple[int, object]]:
    """Of each table how many rows it has, and a sum that any change of one of them changes."""
    rows = await town.admin.fetch(
        " union all ".join(
            f"select '{table}', count(*), sum(hashtextextended(it::text, 0)) from {table} it"  # noqa: S608 - our own names
            for table in await town.tables()
        )
    )
    return {table: (count, told) for table, count, told in rows}


async def held_back(
    town: Town, who: Someone, operation: Operation, meanwhile: Callable[[], Awaitable[object]]
) -> httpx.Response:
    """A good request whose body is sent once that has happened; nothing changes after it."""
    asked = operation.request()
    asked["params"] = asked.get("params")
    whole = town.http.build_request(asked.pop("method"), asked.pop("path"), **asked)
    body = whole.read()
    kind = whole.headers.get("content-type")
    left: Mapping[str, tuple[int, object]] = {}

    async def after() -> AsyncIterator[bytes]:
        nonlocal left
        await meanwhile()
        left = await everything(town)
        yield body

    headers = {"idempotency-key": "held-back"} | ({} if kind is None else {"content-type": kind})
    answer = await town.call(whole.method, str(whole.url), who, content=after(), headers=headers)
    assert left, "the body was never asked for"
    assert await everything(town) == left
    return answer


def test_there_is_something_to_hold_back() -> None:
    assert len(TAKES_A_BODY) > 20
    assert len(OF_STAFF) > 3


@pytest.mark.parametrize("operation", TAKES_A_BODY, ids=named)
def test_a_session_that_ends_before_the_body_is_there_changes_nothing(
    days: Days, late: Someone, operation: Operation
) -> None:
    async def hold() -> httpx.Response:
        who = await days.town.signed_in(late)

        async def is_signed_out() -> None:
            await days.town.ok("POST", "/api/v1/auth/logout", who)

        return await held_back(days.town, who, operation, is_signed_out)

    answer = days.run(hold())

    assert (answer.status_code, answer.json()["error"]) == (401, "session_ended")


@pytest.mark.parametrize("operation", OF_STAFF, ids=named)
def test_a_role_that_is_lost_before_the_body_is_there_changes_nothing(
    days: Days, late: Someone, operation: Operation
) -> None:
    async def is_made(role: str) -> None:
        await days.town.admin.execute(
            "update people set role = $2 where user_id = $1", profile["data"]["id"], role
        )

    who = days.run(days.town.signed_in(late))
    profile = days.run(days.town.ok("GET", "/api/v1/me", who))
    answer = days.run(held_back(days.town, who, operation, lambda: is_made("user")))
    days.run(is_made("admin"))

    assert (answer.status_code, answer.json()["error"]) == (403, "permission_missing")
