"""What only a database can referee: who acts on whom at the same moment."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from application.identity.signing_in.tokens import SignedIn
from application.identity.staff.lock_person import LockPerson, LockPersonCommand
from application.identity.staff.person_for_staff import PersonForStaff
from application.identity.staff.show_person import ShowPerson, ShowPersonQuery
from application.identity.staff.staff import CommandLine
from application.shared.caller import FreshStaff
from domain.identity.errors import AccountNotActiveError, PersonNotFoundError
from domain.identity.errors_staff import PermissionMissingError
from domain.identity.person import PersonStatus
from domain.identity.reason import Reason
from domain.identity.roles import Role
from tests.support.postgres import CleanDatabase, connect
from tests.support.staff import StaffWorld

pytestmark = pytest.mark.postgres

HAND = CommandLine()


@pytest.fixture
def world(postgres: StaffWorld) -> StaffWorld:
    return postgres


async def together(*calls: Awaitable[Any]) -> list[Any]:
    return list(await asyncio.gather(*calls, return_exceptions=True))


async def as_superuser(database: CleanDatabase, statement: str) -> list[Any]:
    db = await connect(database.admin_url)
    try:
        return list(await db.fetch(statement))
    finally:
        await db.close()


async def active_admins(database: CleanDatabase) -> int:
    """As the people's own rows say it, which the directory has to agree with."""
    rows = await as_superuser(
        database,
        """select p.role = d.role and p.status = d.status as agreed,
                  p.role = 'admin' and p.status = 'active' as counts
             from people p full join people_directory d using (user_id)""",
    )
    assert all(row["agreed"] for row in rows)
    return sum(row["counts"] for row in rows)


async def test_no_sign_in_slips_past_a_ban(
    world: StaffWorld, clean_database: CleanDatabase
) -> None:
    olga = await world.staff()
    people = [await world.person(f"anna{number}") for number in range(50)]

    answers = await together(
        *(
            act
            for anna in people
            for act in (world.signs_in(anna), world.bans(olga, anna), world.signs_in(anna))
        )
    )

    assert {type(one) for one in answers} <= {SignedIn, PersonForStaff, AccountNotActiveError}
    assert [type(one) for one in answers].count(PersonForStaff) == 50
    living = await as_superuser(clean_database, "select 1 from sessions where ended_at is null")
    assert living == []
    for anna in people:
        assert (await world.get(anna)).status is PersonStatus.BANNED


async def test_of_two_administrators_who_demote_each_other_one_stays(
    world: StaffWorld, clean_database: CleanDatabase
) -> None:
    for number in range(10):
        otto, olga = await world.staff(f"otto{number}"), await world.staff(f"olga{number}")

        answers = await together(
            world.grants(otto, olga.user_id, Role.USER),
            world.grants(olga, otto.user_id, Role.USER),
        )

        assert sorted(type(one).__name__ for one in answers) == [
            "PermissionMissingError",
            "PersonForStaff",
        ]
        # One stays of each pair; they are no danger to the next, who act by name.
        assert await active_admins(clean_database) == number + 1


async def test_three_administrators_who_keep_each_other_out_leave_one(
    world: StaffWorld, clean_database: CleanDatabase
) -> None:
    ring = [await world.staff(name) for name in ("olga", "otto", "odin")]

    async def locks(by: FreshStaff, target: FreshStaff) -> PersonForStaff:
        lock = LockPerson(world.begin, world.clock)
        return await lock(LockPersonCommand(by, target.user_id, Reason.OTHER))

    await together(
        *(world.bans(by, target.user_id) for by in ring for target in ring),
        *(locks(by, target) for by in ring for target in ring),
        *(world.grants(by, target.user_id, Role.USER) for by in ring for target in ring),
    )

    assert await active_admins(clean_database) == 1


async def test_an_administrator_who_is_being_removed_makes_no_new_ones(
    world: StaffWorld,
) -> None:
    otto, olga = await world.staff("otto"), await world.staff("olga")
    friend = await world.person("friend")
    await world.grants(otto, olga.user_id, Role.USER)

    # Olga's request was let in before that; her permissions are those of its beginning.
    with pytest.raises(PermissionMissingError):
        await world.grants(olga, friend, Role.ADMIN)
    assert (await world.get(friend)).role is Role.USER


@pytest.mark.parametrize("table", ["audit_log", "audit_actions"])
async def test_what_cannot_be_audited_does_not_happen(
    world: StaffWorld, clean_database: CleanDatabase, table: str
) -> None:
    anna, olga = await world.person(), await world.staff()
    phone = await world.signs_in(anna)
    await as_superuser(clean_database, f"revoke insert on {table} from daler_app")

    for refused in (
        world.bans(olga, anna),
        world.grants(olga, anna, Role.SUPPORT),
        LockPerson(world.begin, world.clock)(LockPersonCommand(olga, anna, Reason.OTHER)),
        ShowPerson(world.begin)(ShowPersonQuery(olga, anna)),
    ):
        with pytest.raises(DBAPIError):
            await refused

    person = await world.get(anna)
    assert (person.status, person.role) == (PersonStatus.ACTIVE, Role.USER)
    await world.standing(phone)


async def test_staff_sees_nobodys_row_but_the_one_they_named(
    world: StaffWorld,
) -> None:
    anna, bo = await world.person(), await world.person("bo")

    async with world.begin(anna) as tx:
        assert (await tx.people.get(anna)).id == anna
        with pytest.raises(PersonNotFoundError):
            await tx.people.get(bo)
