"""Listing, finding and showing people, and giving them roles."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from application.identity.staff.find_person import FindPerson, FindPersonQuery
from application.identity.staff.list_actions import ListActions, ListActionsQuery
from application.identity.staff.list_people import ListPeople, ListPeopleQuery
from application.identity.staff.ports import PeopleFilter, PersonLine
from application.identity.staff.show_person import ShowPerson, ShowPersonQuery
from application.identity.staff.staff import Authority, CommandLine, fresh_staff_of, staff_of
from application.shared.caller import Standing
from domain.identity.email import EmailAddress
from domain.identity.errors import EmailTakenError, PersonNotFoundError, StepUpRequiredError
from domain.identity.errors_staff import (
    EmailUnknownError,
    LastAdminError,
    NotYourselfError,
    PermissionMissingError,
    PersonStatusError,
    SecondFactorRequiredError,
)
from domain.identity.person import PersonName, PersonStatus
from domain.identity.roles import PERMISSIONS, Permission, Role
from domain.identity.session import Method
from domain.shared.errors import InvalidFieldsError
from domain.shared.ids import UserId
from tests.support.staff import StaffWorld

HAND = CommandLine()
EVERYBODY = PeopleFilter()


async def lists(
    world: StaffWorld, by: Authority, wanted: PeopleFilter = EVERYBODY, after: UserId | None = None
) -> list[PersonLine]:
    rows = await ListPeople(world.begin, world.people)(ListPeopleQuery(by, wanted, after, 2))
    return list(rows)


async def test_the_list_is_the_newest_first_page_by_page(world: StaffWorld) -> None:
    ids = [await world.person(f"anna{number}") for number in range(5)]

    first = await lists(world, HAND)
    second = await lists(world, HAND, after=first[1].id)
    third = await lists(world, HAND, after=second[1].id)

    newest = ids[::-1]
    assert [one.id for one in first] == newest[:3], "one more than asked says that there are more"
    assert [one.id for one in second] == newest[2:5]
    assert [one.id for one in third] == newest[4:]


async def test_the_list_follows_what_is_done_to_people(world: StaffWorld) -> None:
    anna, olga = await world.person(), await world.staff()
    await world.bans(olga, anna)

    banned = await lists(world, olga, PeopleFilter(status=PersonStatus.BANNED))
    admins = await lists(world, olga, PeopleFilter(role=Role.ADMIN))

    assert banned == [PersonLine(anna, PersonStatus.BANNED, Role.USER, world.clock.now())]
    assert [one.id for one in admins] == [olga.user_id]
    assert await lists(world, olga, PeopleFilter(PersonStatus.BANNED, Role.ADMIN)) == []
    assert (await world.actions_in_trail(olga.user_id)).count("identity.people_listed") == 3


async def test_support_sees_a_masked_address_and_an_administrator_the_whole(
    world: StaffWorld,
) -> None:
    anna = await world.person()
    olga, siri = await world.staff(), await world.staff("siri", Role.SUPPORT)
    show = ShowPerson(world.begin)

    masked = await show(ShowPersonQuery(siri, anna))
    whole = await show(ShowPersonQuery(olga, anna))

    assert (masked.email, masked.masked) == ("a***@e***.no", True)
    assert (whole.email, whole.masked) == ("anna@example.no", False)
    seen = [json.loads(one.payload) for one in (await world.trail(anna))[1:]]
    assert seen == [{"how": "masked"}, {"how": "whole"}]
    assert [one.actor_id for one in (await world.trail(anna))[1:]] == [siri.user_id, olga.user_id]


async def test_who_came_without_an_address_is_shown_without_one(world: StaffWorld) -> None:
    anna = await world.person(with_email=False)

    assert (await ShowPerson(world.begin)(ShowPersonQuery(HAND, anna))).email is None


async def test_a_person_is_found_by_the_whole_address(world: StaffWorld) -> None:
    anna, siri = await world.person(), await world.staff("siri", Role.SUPPORT)
    find = FindPerson(world.begin, world.directory, ShowPerson(world.begin))

    assert (await find(FindPersonQuery(siri, "ANNA@example.no"))).id == anna
    with pytest.raises(EmailUnknownError):
        await find(FindPersonQuery(siri, "ann@example.no"))
    with pytest.raises(InvalidFieldsError):
        await find(FindPersonQuery(siri, "anna"))
    assert await world.actions_in_trail(siri.user_id) == [
        "identity.registered",
        "identity.nobody_found",
    ]


async def test_what_staff_did_is_found_by_who_did_it_page_by_page(world: StaffWorld) -> None:
    olga, otto = await world.staff(), await world.staff("otto")
    people = [await world.person(f"anna{number}") for number in range(3)]
    for anna in people:
        world.clock.forward(seconds=1)
        await world.bans(olga, anna)
    ask = ListActions(world.begin, world.actions)

    first = await ask(ListActionsQuery(otto, olga.user_id, None, 2))
    place = (first[1].at, first[1].user_id, first[1].seq)
    second = await ask(ListActionsQuery(otto, olga.user_id, place, 2))

    assert [one.user_id for one in first] == people[::-1]
    assert [one.user_id for one in second] == people[:1]
    assert (await world.actions_in_trail(olga.user_id))[-1] == "identity.actions_shown"
    with pytest.raises(PersonNotFoundError):
        await ask(ListActionsQuery(otto, UserId(world.ids.one()), None, 2))


async def test_a_role_holds_from_the_next_request_on(world: StaffWorld) -> None:
    anna, olga = await world.person(), await world.staff()
    signed_in = await world.signs_in(anna)
    with pytest.raises(PermissionMissingError):
        staff_of(await world.standing(signed_in), Permission.LIST_PEOPLE)

    await world.grants(olga, anna, Role.SUPPORT)
    granted = staff_of(await world.standing(signed_in), Permission.LIST_PEOPLE)
    await world.grants(olga, anna, Role.USER)

    assert granted.permissions == PERMISSIONS[Role.SUPPORT]
    with pytest.raises(PermissionMissingError):
        staff_of(await world.standing(signed_in), Permission.LIST_PEOPLE)
    changes = [json.loads(one.payload) for one in (await world.trail(anna))[-2:]]
    assert changes == [{"was": "user", "is": "support"}, {"was": "support", "is": "user"}]


@pytest.mark.parametrize("method", [Method.PASSWORD, Method.TOTP, Method.RECOVERY_CODE])
async def test_staff_with_one_factor_is_no_staff(world: StaffWorld, method: Method) -> None:
    olga = await world.staff()

    standing = await world.standing(await world.signs_in(olga.user_id, [method]))

    with pytest.raises(SecondFactorRequiredError):
        staff_of(standing, Permission.LIST_PEOPLE)


@pytest.mark.parametrize(
    "methods",
    [
        [Method.PASSKEY],
        [Method.BANKID],
        [Method.PASSWORD, Method.TOTP],
        [Method.PASSWORD, Method.RECOVERY_CODE],
    ],
)
async def test_staff_with_two_factors_is(world: StaffWorld, methods: list[Method]) -> None:
    olga = await world.staff()

    standing = await world.standing(await world.signs_in(olga.user_id, methods))

    assert staff_of(standing, Permission.GRANT_ROLES).user_id == olga.user_id


async def test_roles_are_given_by_who_was_there_just_now(world: StaffWorld) -> None:
    olga = await world.staff()
    standing: Standing = await world.standing(await world.signs_in(olga.user_id))
    now = world.clock.now()

    fresh_staff_of(standing, Permission.GRANT_ROLES, now + timedelta(minutes=5))
    with pytest.raises(StepUpRequiredError):
        fresh_staff_of(standing, Permission.GRANT_ROLES, now + timedelta(minutes=5, seconds=1))


async def test_nobody_changes_their_own_role_and_the_last_administrator_stays(
    world: StaffWorld,
) -> None:
    olga = await world.staff()

    with pytest.raises(NotYourselfError):
        await world.grants(olga, olga.user_id, Role.USER)
    with pytest.raises(LastAdminError):
        await world.grants(HAND, olga.user_id, Role.SUPPORT)
    await world.staff("otto")
    await world.grants(HAND, olga.user_id, Role.SUPPORT)


async def test_who_cannot_sign_in_does_not_become_staff(world: StaffWorld) -> None:
    olga = await world.staff()
    anna = await world.person(status=PersonStatus.BANNED)

    with pytest.raises(PersonStatusError):
        await world.grants(olga, anna, Role.SUPPORT)


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.COMPLIANCE])
async def test_only_administrators_give_roles(world: StaffWorld, role: Role) -> None:
    anna, siri = await world.person(), await world.staff("siri", role)

    with pytest.raises(PermissionMissingError):
        await world.grants(siri, anna, role)


async def test_saving_a_person_moves_their_address_in_the_directory(world: StaffWorld) -> None:
    anna, bo = await world.person(), await world.person("bo")
    taken, free = EmailAddress.parse("bo@example.no"), EmailAddress.parse("berg@example.no")
    person = (await world.get(anna)).called(PersonName("Anna Berg"))

    async with world.begin(anna) as tx:
        await tx.people.hold(anna)
        await tx.people.save(replace(person, email=free))
        await tx.commit()
    with pytest.raises(EmailTakenError):
        async with world.begin(anna) as tx:
            await tx.people.save(replace(person, email=taken))

    assert await world.get(anna) == replace(person, email=free)
    assert await world.directory.owner_of_email(free) == anna
    assert await world.directory.owner_of_email(EmailAddress.parse("anna@example.no")) is None
    assert await world.directory.owner_of_email(taken) == bo


async def test_who_is_not_here_cannot_be_saved(world: StaffWorld) -> None:
    anna = await world.get(await world.person())
    nobody = UserId(world.ids.one())

    async with world.begin(nobody) as tx:
        with pytest.raises(PersonNotFoundError):
            await tx.people.save(anna)
