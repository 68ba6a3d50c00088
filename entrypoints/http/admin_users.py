"""What staff do for people, and to them. Each route names the permission that it takes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from application.identity.sessions.end_sessions import SessionsEnded
from application.identity.staff.ban_person import BanPerson, BanPersonCommand
from application.identity.staff.find_person import FindPerson, FindPersonQuery
from application.identity.staff.grant_role import GrantRole, GrantRoleCommand
from application.identity.staff.list_actions import ListActions, ListActionsQuery
from application.identity.staff.list_people import ListPeople, ListPeopleQuery
from application.identity.staff.lock_person import LockPerson, LockPersonCommand
from application.identity.staff.person_for_staff import PersonForStaff, SessionForStaff
from application.identity.staff.ports import PeopleFilter, PersonLine, StaffAction
from application.identity.staff.sessions_for_staff import (
    EndSessionsOfPerson,
    EndSessionsOfPersonCommand,
    ShowSessionsOfPerson,
    ShowSessionsOfPersonQuery,
)
from application.identity.staff.show_person import ShowPerson, ShowPersonQuery
from application.identity.staff.unban_person import UnbanPerson, UnbanPersonCommand
from application.identity.staff.unlock_person import UnlockPerson, UnlockPersonCommand
from application.shared.caller import FreshStaff, Staff
from domain.identity.person import PersonStatus
from domain.identity.reason import Reason
from domain.identity.roles import Permission, Role
from domain.shared.ids import UserId
from entrypoints.http.envelope import Data, Listing
from entrypoints.http.inputs import Email
from entrypoints.http.pages import LIMIT_DEFAULT, Cursor, Cursors, Limit
from entrypoints.http.scoped import NO_KEY

PersonId = FromPath[UUID]


class Wanted(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    email: Annotated[Email, msgspec.Meta(description="The whole address.")]


class RoleChange(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    role: Role


class KeepingOut(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    why: Reason


@get("/admin/users", name="admin.users.list", scope=NO_KEY, permission=Permission.LIST_PEOPLE)
async def list_people(
    *,
    staff: FromDishka[Staff],
    cursors: FromDishka[Cursors],
    people: FromDishka[ListPeople],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    status: FromQuery[PersonStatus | None] = None,
    role: FromQuery[Role | None] = None,
) -> Listing[PersonLine]:
    """Everybody, the newest first, by id: whom you want to know more about you ask for by name."""
    filters = ("admin.users", staff.user_id, status, role)
    after = cursors.read(cursor, filters, UUID)
    query = ListPeopleQuery(
        staff, PeopleFilter(status, role), None if after is None else UserId(after), limit
    )
    return cursors.page(await people(query), limit, lambda one: one.id, filters)


@post(
    "/admin/users/find",
    status_code=200,
    name="admin.users.find",
    refuses=(404,),
    scope=NO_KEY,
    permission=Permission.FIND_PEOPLE,
)
async def find_person(
    data: JSONBody[Wanted], staff: FromDishka[Staff], find: FromDishka[FindPerson]
) -> Data[PersonForStaff]:
    """Who has this e-mail address. It is sent as a body, because addresses of pages get logged."""
    return Data(await find(FindPersonQuery(staff, data.email)))


@get(
    "/admin/users/{user_id:uuid}",
    name="admin.users.get",
    scope=NO_KEY,
    permission=Permission.SEE_PEOPLE,
)
async def show_person(
    user_id: PersonId, staff: FromDishka[Staff], show: FromDishka[ShowPerson]
) -> Data[PersonForStaff]:
    """One person; that you looked stands in their audit trail.

    The e-mail address is masked unless your role may see all of it.
    """
    return Data(await show(ShowPersonQuery(staff, UserId(user_id))))


@patch(
    "/admin/users/{user_id:uuid}",
    name="admin.users.change",
    scope=NO_KEY,
    permission=Permission.GRANT_ROLES,
    limit="sensitive",
)
async def grant_role(
    user_id: PersonId,
    data: JSONBody[RoleChange],
    staff: FromDishka[FreshStaff],
    grant: FromDishka[GrantRole],
) -> Data[PersonForStaff]:
    """Give somebody a role, from their next request on. Step up first.

    Nobody changes their own, and the last administrator stays one.
    """
    return Data(await grant(GrantRoleCommand(staff, UserId(user_id), data.role)))


@post(
    "/admin/users/{user_id:uuid}/ban",
    status_code=200,
    name="admin.users.ban",
    scope=NO_KEY,
    permission=Permission.BAN_PEOPLE,
    limit="sensitive",
)
async def ban_person(
    user_id: PersonId,
    data: JSONBody[KeepingOut],
    staff: FromDishka[FreshStaff],
    ban: FromDishka[BanPerson],
) -> Data[PersonForStaff]:
    """Keep somebody out. Their sessions and API keys end at once and for good."""
    return Data(await ban(BanPersonCommand(staff, UserId(user_id), data.why)))


@post(
    "/admin/users/{user_id:uuid}/unban",
    status_code=200,
    name="admin.users.unban",
    scope=NO_KEY,
    permission=Permission.BAN_PEOPLE,
    limit="sensitive",
)
async def unban_person(
    user_id: PersonId, staff: FromDishka[FreshStaff], unban: FromDishka[UnbanPerson]
) -> Data[PersonForStaff]:
    """Let somebody sign in again."""
    return Data(await unban(UnbanPersonCommand(staff, UserId(user_id))))


@post(
    "/admin/users/{user_id:uuid}/lock",
    status_code=200,
    name="admin.users.lock",
    scope=NO_KEY,
    permission=Permission.LOCK_PEOPLE,
    limit="sensitive",
)
async def lock_person(
    user_id: PersonId,
    data: JSONBody[KeepingOut],
    staff: FromDishka[FreshStaff],
    lock: FromDishka[LockPerson],
) -> Data[PersonForStaff]:
    """Close an account for the time being. Its sessions and API keys end at once."""
    return Data(await lock(LockPersonCommand(staff, UserId(user_id), data.why)))


@post(
    "/admin/users/{user_id:uuid}/unlock",
    status_code=200,
    name="admin.users.unlock",
    scope=NO_KEY,
    permission=Permission.LOCK_PEOPLE,
    limit="sensitive",
)
async def unlock_person(
    user_id: PersonId, staff: FromDishka[FreshStaff], unlock: FromDishka[UnlockPerson]
) -> Data[PersonForStaff]:
    """Open a locked account, and forgive the failed sign-ins of who locked themself out."""
    return Data(await unlock(UnlockPersonCommand(staff, UserId(user_id))))


@get(
    "/admin/users/{user_id:uuid}/sessions",
    name="admin.users.sessions",
    scope=NO_KEY,
    permission=Permission.SEE_SESSIONS,
)
async def show_sessions(
    user_id: PersonId, staff: FromDishka[Staff], show: FromDishka[ShowSessionsOfPerson]
) -> Data[Sequence[SessionForStaff]]:
    """Where somebody is signed in, and which API keys live; the newest first."""
    return Data(await show(ShowSessionsOfPersonQuery(staff, UserId(user_id))))


@delete(
    "/admin/users/{user_id:uuid}/sessions",
    status_code=200,
    name="admin.users.sessions.end",
    scope=NO_KEY,
    permission=Permission.END_SESSIONS,
    limit="sensitive",
)
async def end_sessions(
    user_id: PersonId, staff: FromDishka[FreshStaff], end: FromDishka[EndSessionsOfPerson]
) -> Data[SessionsEnded]:
    """Sign somebody out everywhere, API keys included. They may sign in again."""
    return Data(await end(EndSessionsOfPersonCommand(staff, UserId(user_id))))


@get(
    "/admin/users/{user_id:uuid}/actions",
    name="admin.users.actions",
    scope=NO_KEY,
    permission=Permission.SEE_ACTIONS,
)
async def list_actions(
    *,
    user_id: PersonId,
    staff: FromDishka[Staff],
    cursors: FromDishka[Cursors],
    actions: FromDishka[ListActions],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Listing[StaffAction]:
    """What this person did to others as staff, the latest first."""
    filters = ("admin.actions", staff.user_id, user_id)
    place = cursors.read(cursor, filters, tuple[datetime, UUID, int])
    before = None if place is None else (place[0], UserId(place[1]), place[2])
    found = await actions(ListActionsQuery(staff, UserId(user_id), before, limit))
    return cursors.page(found, limit, lambda one: (one.at, one.user_id, one.seq), filters)


def admin_users_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[
            list_people,
            find_person,
            show_person,
            grant_role,
            ban_person,
            unban_person,
            lock_person,
            unlock_person,
            show_sessions,
            end_sessions,
            list_actions,
        ],
        tags=["administration"],
    )
