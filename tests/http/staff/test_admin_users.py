"""/admin/users: who may do what to whom, over the real application."""

from typing import Any
from uuid import UUID

import pytest

from domain.identity.roles import PERMISSIONS, Permission, Role
from domain.identity.session import Method
from entrypoints.http.admin_users import admin_users_router
from entrypoints.http.app import create_app
from tests.http.staff.office import Office, Someone
from tests.http.support import OPTIONS

NOBODY = UUID("01990000-0000-7000-8000-0000deadbeef")
WHY = {"why": "suspected_fraud"}
ROUTES: dict[Permission, list[tuple[str, str, dict[str, Any] | None]]] = {
    Permission.LIST_PEOPLE: [("GET", "/admin/users", None)],
    Permission.FIND_PEOPLE: [("POST", "/admin/users/find", {"email": "nobody@example.no"})],
    Permission.SEE_PEOPLE: [("GET", "/admin/users/{id}", None)],
    Permission.SEE_SESSIONS: [("GET", "/admin/users/{id}/sessions", None)],
    Permission.END_SESSIONS: [("DELETE", "/admin/users/{id}/sessions", None)],
    Permission.LOCK_PEOPLE: [
        ("POST", "/admin/users/{id}/lock", WHY),
        ("POST", "/admin/users/{id}/unlock", None),
    ],
    Permission.BAN_PEOPLE: [
        ("POST", "/admin/users/{id}/ban", WHY),
        ("POST", "/admin/users/{id}/unban", None),
    ],
    Permission.SEE_ACTIONS: [("GET", "/admin/users/{id}/actions", None)],
    Permission.GRANT_ROLES: [("PATCH", "/admin/users/{id}", {"role": "user"})],
}
EVERY = [(permission, *route) for permission, routes in ROUTES.items() for route in routes]


@pytest.mark.parametrize(
    ("permission", "method", "path", "body"), EVERY, ids=lambda value: str(value)[:40]
)
async def test_each_role_gets_as_far_as_its_permissions(
    memory: Office, permission: Permission, method: str, path: str, body: dict[str, Any] | None
) -> None:
    target = await memory.person("target")
    for role in Role:
        somebody = await memory.person(role.value, role)
        answer = await somebody.call(method, path.replace("{id}", str(target.id)), json=body)
        if permission in PERMISSIONS[role]:
            assert answer.status_code in {200, 404}, (role, answer.text)
            assert answer.status_code == 200 or answer.json()["error"] == "email_unknown"
        else:
            assert answer.status_code == 403, role
            assert answer.json()["error"] == "permission_missing"


@pytest.mark.parametrize(
    ("permission", "method", "path", "body"), EVERY, ids=lambda value: str(value)[:40]
)
async def test_one_factor_is_not_enough_for_staff(
    memory: Office, permission: Permission, method: str, path: str, body: dict[str, Any] | None
) -> None:
    del permission
    olga = await memory.person("olga", Role.ADMIN, [Method.PASSWORD])

    refused = await olga.refused(method, path.replace("{id}", str(NOBODY)), json=body)

    assert refused == (403, "second_factor_required")


async def test_nobody_is_told_whether_an_id_exists_before_they_may_ask(memory: Office) -> None:
    anna, bo = await memory.person(), await memory.person("bo")

    for asked in (bo.id, NOBODY):
        assert await anna.refused("GET", f"/admin/users/{asked}") == (403, "permission_missing")


async def test_a_role_is_refused_before_the_body_is_read(memory: Office) -> None:
    anna = await memory.person()

    assert await anna.refused("POST", f"/admin/users/{NOBODY}/ban", content=b"{not json") == (
        403,
        "permission_missing",
    )


async def test_a_ban_from_the_first_look_to_the_way_back(office: Office) -> None:
    anna = await office.person()
    olga, otto = await office.person("olga", Role.ADMIN), await office.person("otto", Role.ADMIN)
    of_anna = f"/admin/users/{anna.id}"

    found = await olga.data("POST", "/admin/users/find", json={"email": "anna@example.no"})
    banned = await olga.data("POST", f"{of_anna}/ban", json=WHY)
    refused = await anna.refused("GET", "/me")
    listed = await olga.data("GET", "/admin/users", params={"status": "banned"})
    free = await olga.data("POST", f"{of_anna}/unban")
    again = await (await office.signs_in(anna.id)).data("GET", "/me")
    did = await otto.data("GET", f"/admin/users/{olga.id}/actions")

    assert found["id"] == banned["id"] == again["id"] == str(anna.id)
    assert found["email"] == "anna@example.no"
    assert (found["status"], banned["status"], free["status"]) == ("active", "banned", "active")
    assert refused == (401, "session_ended")
    assert [set(one) for one in listed] == [{"id", "status", "role", "created_at"}]
    assert [one["action"] for one in did] == [
        "identity.unbanned",
        "identity.banned",
        "identity.person_shown",
    ]
    assert {one["user_id"] for one in did} == {str(anna.id)}


async def test_a_demoted_administrator_is_out_on_the_next_request(office: Office) -> None:
    olga, otto = await office.person("olga", Role.ADMIN), await office.person("otto", Role.ADMIN)
    await otto.data("GET", "/admin/users")

    changed = await olga.data("PATCH", f"/admin/users/{otto.id}", json={"role": "user"})

    assert changed["role"] == "user"
    assert await otto.refused("GET", "/admin/users") == (403, "permission_missing")
    assert (await otto.data("GET", "/me"))["id"] == str(otto.id), "they stay a person"


CHANGES = [route for route in EVERY if route[1] != "GET" and "{id}" in route[2]]


@pytest.mark.parametrize(
    ("permission", "method", "path", "body"), CHANGES, ids=lambda value: str(value)[:40]
)
async def test_who_changes_somebody_proved_lately_to_be_there(
    memory: Office, permission: Permission, method: str, path: str, body: dict[str, Any] | None
) -> None:
    """A screen that was left for a moment is not enough."""
    del permission
    anna, olga = await memory.person(), await memory.person("olga", Role.ADMIN)
    path = path.replace("{id}", str(anna.id))
    memory.clock.forward(minutes=5)
    assert (await olga.call(method, path, json=body)).status_code == 200
    before = await memory.trail(anna.id)

    memory.clock.forward(seconds=1)
    assert await olga.refused(method, path, json=body) == (403, "step_up_required")

    assert await memory.trail(anna.id) == before
    await olga.data("GET", "/admin/users")


ABOUT_SOMEBODY = [route for route in EVERY if "{id}" in route[2] or route[2].endswith("find")]


@pytest.mark.parametrize(
    ("permission", "method", "path", "body"), ABOUT_SOMEBODY, ids=lambda value: str(value)[:40]
)
async def test_whatever_answers_about_somebody_says_so_in_their_trail(
    office: Office, permission: Permission, method: str, path: str, body: dict[str, Any] | None
) -> None:
    """Each time: an act that finds nothing to change shows who they are all the same."""
    del permission
    anna, olga = await office.person(), await office.person("olga", Role.ADMIN)
    path = path.replace("{id}", str(anna.id))
    body = {"email": "anna@example.no"} if path.endswith("find") else body

    for _ in range(3):
        before = await office.trail(anna.id)
        assert (await olga.call(method, path, json=body)).status_code == 200
        new = (await office.trail(anna.id))[len(before) :]
        assert [one.actor_id for one in new] == [olga.id]


async def test_every_route_of_staff_is_looked_at_here(memory: Office) -> None:
    plans = create_app(memory.container, [admin_users_router()], OPTIONS).plans.values()
    served = {
        plan.name.replace("/api/v1", "").replace("{user_id}", "{id}")
        for plan in plans
        if plan.template.startswith("/api/v1/admin/")
    }
    assert {f"{method} {path}" for _, method, path, _ in EVERY} == served


async def test_what_is_refused_says_why(office: Office) -> None:
    olga = await office.person("olga", Role.ADMIN)
    myself = f"/admin/users/{olga.id}"

    assert await olga.refused("POST", f"{myself}/ban", json=WHY) == (422, "not_yourself")
    assert await olga.refused("PATCH", myself, json={"role": "user"}) == (422, "not_yourself")
    assert await olga.refused("GET", f"/admin/users/{NOBODY}") == (404, "person_not_found")
    assert await olga.refused("POST", f"/admin/users/{NOBODY}/ban", json=WHY) == (
        404,
        "person_not_found",
    )
    anna = await office.person()
    await olga.data("POST", f"/admin/users/{anna.id}/ban", json=WHY)
    assert await olga.refused("POST", f"/admin/users/{anna.id}/lock", json=WHY) == (
        409,
        "person_status",
    )


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "ban", {}),
        ("POST", "ban", {"why": "because"}),
        ("POST", "ban", {**WHY, "until": "2027-01-01"}),
        ("POST", "lock", None),
        ("PATCH", "", {"role": "root"}),
        ("PATCH", "", {"role": None}),
    ],
)
async def test_what_cannot_be_understood_changes_nothing(
    memory: Office, method: str, path: str, body: dict[str, Any] | None
) -> None:
    anna, olga = await memory.person(), await memory.person("olga", Role.ADMIN)

    answer = await olga.call(method, f"/admin/users/{anna.id}/{path}".rstrip("/"), json=body)

    assert answer.status_code in {400, 415}, answer.text
    seen = await olga.data("GET", f"/admin/users/{anna.id}")
    assert (seen["status"], seen["role"]) == ("active", "user")


async def test_support_sees_less_of_a_person(office: Office) -> None:
    anna, siri = await office.person(), await office.person("siri", Role.SUPPORT)

    seen = await siri.data("GET", f"/admin/users/{anna.id}")
    sessions = await siri.data("GET", f"/admin/users/{anna.id}/sessions")

    assert (seen["email"], seen["masked"]) == ("a***@e***.no", True)
    assert "anna@example.no" not in str([seen, sessions])
    assert [one["kind"] for one in sessions] == ["device"]


async def test_staff_signs_a_person_out_everywhere(office: Office) -> None:
    anna, siri = await office.person(), await office.person("siri", Role.SUPPORT)
    other: Someone = await office.signs_in(anna.id)

    ended = await siri.data("DELETE", f"/admin/users/{anna.id}/sessions")

    assert ended == {"ended": 2}
    for device in (anna, other):
        assert await device.refused("GET", "/me") == (401, "session_ended")


async def test_the_list_goes_on_where_the_page_ended(office: Office) -> None:
    olga = await office.person("olga", Role.ADMIN)
    people = [str((await office.person(f"anna{number}")).id) for number in range(5)]

    seen: list[str] = []
    cursor: dict[str, str] = {}
    page: dict[str, Any] = {}
    for _ in range(3):
        answer = await olga.call(
            "GET", "/admin/users", params={"limit": 2, "role": "user", **cursor}
        )
        page = answer.json()
        seen += [one["id"] for one in page["data"]]
        cursor = {"cursor": page["pagination"]["next_cursor"]}
    assert seen == people[::-1]
    assert not page["pagination"]["has_more"]

    first = (await olga.call("GET", "/admin/users", params={"limit": 2})).json()
    stolen = {"cursor": first["pagination"]["next_cursor"], "limit": 2}
    otto = await office.person("otto", Role.ADMIN)
    assert await otto.refused("GET", "/admin/users", params=stolen) == (400, "bad_cursor")


async def test_actions_are_paged_too(office: Office) -> None:
    olga, otto = await office.person("olga", Role.ADMIN), await office.person("otto", Role.ADMIN)
    anna = await office.person()
    for _ in range(3):
        await olga.data("GET", f"/admin/users/{anna.id}")
    path = f"/admin/users/{olga.id}/actions"

    first = (await otto.call("GET", path, params={"limit": 2})).json()
    cursor = first["pagination"]["next_cursor"]
    second = (await otto.call("GET", path, params={"limit": 2, "cursor": cursor})).json()

    assert [len(first["data"]), len(second["data"])] == [2, 1]
    assert [one["seq"] for one in first["data"] + second["data"]] == [5, 4, 3]
