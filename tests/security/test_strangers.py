"""Another person's things are not there: every operation with an id, tried with somebody else's."""

from typing import Final

import httpx
import pytest

from tests.security.operations import (
    BODIES,
    FORMS,
    ID_NAMES,
    NOBODYS,
    Operation,
    operations,
    owned_by,
)
from tests.security.town import Days, Someone

pytestmark = pytest.mark.postgres

OPERATIONS = operations()
OF_STAFF = [op for op in OPERATIONS if op.of_staff]
WITH_IDS = [
    (op, place, name)
    for op in OPERATIONS
    if op.secured and not op.of_staff
    for place, name in op.ids()
]
CONFIRMED_ONCE = {"accounts.same.confirm", "duplicates.confirm"}
"""What they confirm is not there afterwards, or is one: others ask for it, and count."""
HARMLESS = [
    case for case in WITH_IDS if case[0].method != "DELETE" and case[0].id not in CONFIRMED_ONCE
]
"""What its owner may do without taking away what the other tests look at."""
SPEAKS_OF: Final = {("banking.receipt", "connection_id"): "ended_connection_id"}
"""Where not every one of the name's will do."""


def shown(answer: httpx.Response, asked: str) -> tuple[int, str, list[tuple[str, str]]]:
    """Everything a stranger can compare, without what differs between any two requests."""
    body = answer.json() if answer.content else None
    if isinstance(body, dict):
        body.pop("request_id", None)
    # The other ids of a path are nobody's in both.
    told = repr(body).replace(asked, "<id>").replace(NOBODYS, "<id>")
    headers = sorted(
        (name, value)
        for name, value in answer.headers.items()
        if name not in {"x-request-id", "content-length"}
    )
    return answer.status_code, told, headers


def named(case: tuple[Operation, str, str]) -> str:
    operation, place, name = case
    return f"{operation.id}-{place}-{name}"


def test_there_are_operations_with_ids() -> None:
    assert len(WITH_IDS) >= 13
    assert {name for _, _, name in WITH_IDS} == set(ID_NAMES), "fill the new kind in town.py"
    with_body = {op.id for op in OPERATIONS if op.media_type is not None}
    assert with_body == set(BODIES) | set(FORMS), "say in operations.py how to call it"


@pytest.mark.parametrize("case", WITH_IDS, ids=named)
def test_anothers_thing_is_as_absent_as_one_that_never_was(
    days: Days, case: tuple[Operation, str, str]
) -> None:
    operation, place, name = case
    hers = owned_by(days.anna, SPEAKS_OF.get((operation.id, name), name))

    async def ask(value: str) -> httpx.Response:
        return await days.town.call(**operation.request(place, name, value), who=days.bjorn)

    real, made_up = days.run(ask(hers)), days.run(ask(NOBODYS))

    assert shown(real, hers) == shown(made_up, NOBODYS)
    assert real.status_code == 404, real.text


@pytest.mark.parametrize("operation", OF_STAFF, ids=lambda operation: operation.id)
def test_who_is_no_staff_is_told_nothing_of_anybody(days: Days, operation: Operation) -> None:
    """Not even of themself, and not whether there is such a person."""
    me = days.run(days.town.ok("GET", "/api/v1/me", days.anna))["data"]["id"]

    for asking in (days.anna, days.bjorn):
        there, nowhere = (
            days.run(days.town.call(**operation.request("path", "user_id", one), who=asking))
            for one in (me, NOBODYS)
        )
        assert shown(there, me) == shown(nowhere, NOBODYS)
        assert (there.status_code, there.json()["error"]) == (403, "permission_missing")


@pytest.mark.parametrize("case", HARMLESS, ids=named)
def test_the_owner_is_told_more(days: Days, case: tuple[Operation, str, str]) -> None:
    """Or the test above would prove nothing."""
    operation, place, name = case
    own = owned_by(days.anna, SPEAKS_OF.get((operation.id, name), name))
    request = operation.request(place, name, own)
    if "json" in request:
        # Whatever else it speaks of is theirs, too.
        wanted = [one for one in operation.body_ids if one in request["json"]]
        request["json"] |= {one: owned_by(days.anna, one) for one in wanted}
        if place == "body":
            for one in operation.path_names:
                own = owned_by(days.anna, one)
                request["path"] = request["path"].replace(NOBODYS, own, 1)
    answer = days.run(days.town.call(**request, who=days.anna))

    assert answer.status_code != 404, answer.text
    assert answer.status_code < 500


def test_anothers_cursor_is_as_useless_as_a_made_up_one(days: Days) -> None:
    async def page(path: str, cursor: str, who: Someone) -> httpx.Response:
        return await days.town.call("GET", path, who, params={"limit": 1, "cursor": cursor})

    for path, cursor in days.anna.cursors.items():
        assert days.run(page(path, cursor, days.anna)).status_code == 200
        stolen = days.run(page(path, cursor, days.bjorn))
        made_up = days.run(page(path, "A" * len(cursor), days.bjorn))
        assert stolen.status_code == 400
        assert shown(stolen, "") == shown(made_up, "")


def test_anothers_idempotency_key_replays_nothing(days: Days) -> None:
    body = BODIES["accounts.open"]
    key = {"idempotency-key": "anna-kanari-account"}

    answer = days.run(
        days.town.call("POST", "/api/v1/accounts", days.bjorn, json=body, headers=key)
    )

    assert answer.status_code == 201, answer.text
    assert "idempotency-replayed" not in answer.headers
    made = f"/api/v1/accounts/{answer.json()['data']['id']}"
    assert days.run(days.town.call("GET", made, days.anna)).status_code == 404
    days.run(days.town.ok("DELETE", made, days.bjorn))


def test_anothers_state_is_as_wrong_as_a_forged_one(days: Days) -> None:
    started = days.run(days.town.ok("POST", "/api/v1/banking/tink/connect", days.anna))
    hers = started["data"]["state"]
    path = "/api/v1/banking/tink/callback"
    stolen = days.run(days.town.call("POST", path, days.bjorn, json={"state": hers}))
    forged = days.run(days.town.call("POST", path, days.bjorn, json={"state": "x" * len(hers)}))

    assert stolen.status_code == 400
    assert shown(stolen, hers) == shown(forged, hers)
