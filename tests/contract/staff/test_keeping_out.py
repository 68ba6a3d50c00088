"""Banning, locking and signing people out."""

import json

import pytest

from application.identity.signing_in.guard import Attempt
from application.identity.staff.lock_person import LockPerson, LockPersonCommand
from application.identity.staff.sessions_for_staff import (
    EndSessionsOfPerson,
    EndSessionsOfPersonCommand,
    ShowSessionsOfPerson,
    ShowSessionsOfPersonQuery,
)
from application.identity.staff.staff import CommandLine, FreshAuthority
from application.identity.staff.unban_person import UnbanPerson, UnbanPersonCommand
from application.identity.staff.unlock_person import UnlockPerson, UnlockPersonCommand
from domain.identity.email import EmailAddress
from domain.identity.errors import (
    AccountNotActiveError,
    PersonNotFoundError,
    SessionEndedError,
    SignInLockedError,
)
from domain.identity.errors_staff import (
    LastAdminError,
    NotYourselfError,
    PermissionMissingError,
    PersonStatusError,
)
from domain.identity.person import PersonStatus
from domain.identity.reason import Reason
from domain.identity.roles import Role
from domain.shared.ids import UserId
from tests.support.staff import PHONE, StaffWorld

HAND = CommandLine()


async def locks(world: StaffWorld, by: FreshAuthority, user_id: UserId) -> None:
    lock = LockPerson(world.begin, world.clock)
    await lock(LockPersonCommand(by, user_id, Reason.ACCOUNT_AT_RISK))


async def unlocks(world: StaffWorld, by: FreshAuthority, user_id: UserId) -> None:
    await UnlockPerson(world.begin, world.guard)(UnlockPersonCommand(by, user_id))


async def unbans(world: StaffWorld, by: FreshAuthority, user_id: UserId) -> None:
    await UnbanPerson(world.begin)(UnbanPersonCommand(by, user_id))


async def test_a_ban_ends_every_session_and_lets_nobody_back_in(world: StaffWorld) -> None:
    anna, olga = await world.person(), await world.staff()
    phone, laptop = await world.signs_in(anna), await world.signs_in(anna)

    shown = await world.bans(olga, anna)

    assert shown.status is PersonStatus.BANNED
    for signed_in in (phone, laptop):
        with pytest.raises(SessionEndedError):
            await world.standing(signed_in)
    with pytest.raises(AccountNotActiveError):
        await world.signs_in(anna)


async def test_what_staff_did_stands_in_the_persons_trail_with_their_name(
    world: StaffWorld,
) -> None:
    anna, olga = await world.person(), await world.staff()
    await world.signs_in(anna)

    await world.bans(olga, anna)

    last = (await world.trail(anna))[-1]
    assert (last.action, last.actor_id) == ("identity.banned", olga.user_id)
    assert json.loads(last.payload) == {"why": "suspected_fraud", "sessions": 1}
    found = await world.actions.of(olga.user_id, None, 10)
    assert [(one.user_id, one.seq, one.action) for one in found] == [
        (anna, last.seq, "identity.banned")
    ]


async def test_the_command_line_is_nobody_in_particular(world: StaffWorld) -> None:
    anna = await world.person()

    await world.bans(HAND, anna)

    last = (await world.trail(anna))[-1]
    assert last.actor_id == anna
    assert json.loads(last.payload)["by"] == "command line"


async def test_an_unbanned_person_signs_in_and_their_old_sessions_stay_dead(
    world: StaffWorld,
) -> None:
    anna, olga = await world.person(), await world.staff()
    before = await world.signs_in(anna)
    await world.bans(olga, anna)

    await unbans(world, olga, anna)

    await world.standing(await world.signs_in(anna))
    with pytest.raises(SessionEndedError):
        await world.standing(before)


async def test_a_second_ban_changes_nothing_and_is_no_second_ban_in_the_trail(
    world: StaffWorld,
) -> None:
    anna, olga = await world.person(), await world.staff()

    await world.bans(olga, anna)
    await world.bans(olga, anna)

    assert (await world.actions_in_trail(anna))[1:] == ["identity.banned", "identity.person_shown"]


async def test_support_locks_and_unlocks(world: StaffWorld) -> None:
    anna, siri = await world.person(), await world.staff("siri", Role.SUPPORT)
    phone = await world.signs_in(anna)

    await locks(world, siri, anna)
    with pytest.raises(SessionEndedError):
        await world.standing(phone)
    with pytest.raises(AccountNotActiveError):
        await world.signs_in(anna)

    await unlocks(world, siri, anna)
    await world.standing(await world.signs_in(anna))


async def test_unlocking_forgives_failed_sign_ins(world: StaffWorld) -> None:
    anna, siri = await world.person(), await world.staff("siri", Role.SUPPORT)
    attempt = Attempt.to_sign_in(EmailAddress.parse("anna@example.no"), PHONE.address)
    for _ in range(5):
        await world.guard.admit(attempt)
    with pytest.raises(SignInLockedError):
        await world.guard.admit(attempt)

    await unlocks(world, siri, anna)

    await world.guard.admit(attempt)
    assert (await world.actions_in_trail(anna))[-1] == "identity.unlocked"


async def test_unlocking_does_not_undo_a_ban_nor_unbanning_a_lock(world: StaffWorld) -> None:
    anna, bo, olga = await world.person(), await world.person("bo"), await world.staff()
    await world.bans(olga, anna)
    await locks(world, olga, bo)

    for refused in (unlocks(world, olga, anna), locks(world, olga, anna), unbans(world, olga, bo)):
        with pytest.raises(PersonStatusError):
            await refused
    assert (await world.get(anna)).status is PersonStatus.BANNED
    assert (await world.get(bo)).status is PersonStatus.LOCKED


async def test_support_does_not_ban(world: StaffWorld) -> None:
    anna, siri = await world.person(), await world.staff("siri", Role.SUPPORT)

    with pytest.raises(PermissionMissingError):
        await world.bans(siri, anna)

    assert (await world.get(anna)).status is PersonStatus.ACTIVE
    assert await world.actions_in_trail(anna) == ["identity.registered"]


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.COMPLIANCE])
async def test_only_administrators_act_on_staff(world: StaffWorld, role: Role) -> None:
    """Or one stolen account of support would lock every administrator out."""
    olga, siri = await world.staff(), await world.staff("siri", role)
    other = await world.person("stig", Role.SUPPORT)

    for target in (olga.user_id, other):
        for refused in (locks(world, siri, target), unlocks(world, siri, target)):
            with pytest.raises(PermissionMissingError):
                await refused
        with pytest.raises(PermissionMissingError):
            await EndSessionsOfPerson(world.begin, world.clock)(
                EndSessionsOfPersonCommand(siri, target)
            )


async def test_nobody_keeps_themself_out(world: StaffWorld) -> None:
    olga = await world.staff()
    await world.staff("otto")

    for refused in (
        world.bans(olga, olga.user_id),
        locks(world, olga, olga.user_id),
        unlocks(world, olga, olga.user_id),
        unbans(world, olga, olga.user_id),
    ):
        with pytest.raises(NotYourselfError):
            await refused


async def test_the_last_administrator_stays(world: StaffWorld) -> None:
    olga = await world.staff()
    await world.person("otto", Role.ADMIN, PersonStatus.LOCKED)

    for refused in (world.bans(HAND, olga.user_id), locks(world, HAND, olga.user_id)):
        with pytest.raises(LastAdminError):
            await refused


async def test_who_does_not_exist_is_said_so(world: StaffWorld) -> None:
    nobody = UserId(world.ids.one())

    with pytest.raises(PersonNotFoundError):
        await world.bans(HAND, nobody)
    assert await world.trail(nobody) == []


async def test_staff_sees_sessions_and_ends_them(world: StaffWorld) -> None:
    anna, siri = await world.person(), await world.staff("siri", Role.SUPPORT)
    olga = await world.staff()
    phone = await world.signs_in(anna)
    show = ShowSessionsOfPerson(world.begin, world.clock)

    masked = await show(ShowSessionsOfPersonQuery(siri, anna))
    whole = await show(ShowSessionsOfPersonQuery(olga, anna))
    ended = await EndSessionsOfPerson(world.begin, world.clock)(
        EndSessionsOfPersonCommand(siri, anna)
    )

    assert [one.id for one in masked] == [phone.session_id]
    assert (masked[0].address, whole[0].address) == ("192.0.2.0/24", "192.0.2.7")
    assert ended.ended == 1
    with pytest.raises(SessionEndedError):
        await world.standing(phone)
    await world.signs_in(anna)
    assert (await world.actions_in_trail(anna))[-4:] == [
        "identity.sessions_shown",
        "identity.sessions_shown",
        "identity.sessions_ended",
        "identity.logged_in",
    ]
