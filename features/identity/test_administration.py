from collections.abc import Awaitable, Callable

from pytest_bdd import given, scenarios, then, when

from adapters.memory.identity.tables import PEOPLE
from application.identity.staff.ban_person import BanPerson, BanPersonCommand
from application.identity.staff.grant_role import GrantRole, GrantRoleCommand
from application.identity.staff.list_actions import ListActions, ListActionsQuery
from application.identity.staff.lock_person import LockPerson, LockPersonCommand
from application.identity.staff.person_for_staff import PersonForStaff
from application.identity.staff.sessions_for_staff import (
    EndSessionsOfPerson,
    EndSessionsOfPersonCommand,
)
from application.identity.staff.show_person import ShowPerson, ShowPersonQuery
from application.identity.staff.unban_person import UnbanPerson, UnbanPersonCommand
from application.identity.staff.unlock_person import UnlockPerson, UnlockPersonCommand
from application.shared.caller import FreshStaff
from domain.identity.reason import Reason
from domain.identity.roles import Permission, Role
from features.identity.administration import (
    BY_HAND,
    an_admin,
    an_office,
    fresh_staff,
    staff,
)
from features.identity.conftest import signed_in
from features.identity.deeds import show_code
from features.identity.story import Story
from features.identity.words import TRAIL, said
from features.words import Datatable

scenarios("administration.feature")


@given(said("{name:Who} is an administrator"))
def is_admin(story: Story, name: str) -> None:
    an_office(story, name, Role.ADMIN)


@given(said("{name:Who} works in support"))
def works_in_support(story: Story, name: str) -> None:
    an_office(story, name, Role.SUPPORT)


@given(said("{name:Who} is an administrator who has only a password"))
def is_admin_by_password(story: Story, name: str) -> None:
    an_admin(story, name)
    signed_in(story, name, f"{name}'s phone")


def acts(
    story: Story, name: str, permission: Permission, deed: Callable[[FreshStaff], Awaitable[object]]
) -> None:
    async def work() -> object:
        return await deed(await fresh_staff(story, name, permission))

    story.world.attempt(work())


@when(said("{name:Who} bans {whom:Who}"))
def ban(story: Story, name: str, whom: str) -> None:
    def deed(by: FreshStaff) -> Awaitable[object]:
        command = BanPersonCommand(by, story.person(whom), Reason.SUSPECTED_FRAUD)
        return story.world.the(BanPerson)(command)

    acts(story, name, Permission.BAN_PEOPLE, deed)


@given(said("{name:Who} has banned {whom:Who}"))
def has_banned(story: Story, name: str, whom: str) -> None:
    ban(story, name, whom)
    assert story.world.refusal is None, f"refused with {story.world.refusal}"


@when(said("{name:Who} unbans {whom:Who}"))
def unban(story: Story, name: str, whom: str) -> None:
    def deed(by: FreshStaff) -> Awaitable[object]:
        return story.world.the(UnbanPerson)(UnbanPersonCommand(by, story.person(whom)))

    acts(story, name, Permission.BAN_PEOPLE, deed)


@when(said("whoever runs Daler bans {whom:Who}"))
def ban_by_hand(story: Story, whom: str) -> None:
    command = BanPersonCommand(BY_HAND, story.person(whom), Reason.SUSPECTED_FRAUD)
    story.world.attempt(story.world.the(BanPerson)(command))


@when(said("{name:Who} closes {whose:Whose} account for the time being"))
def lock(story: Story, name: str, whose: str) -> None:
    def deed(by: FreshStaff) -> Awaitable[object]:
        command = LockPersonCommand(by, story.person(whose), Reason.ACCOUNT_AT_RISK)
        return story.world.the(LockPerson)(command)

    acts(story, name, Permission.LOCK_PEOPLE, deed)


@when(said("{name:Who} opens {whose:Whose} account again"))
def unlock(story: Story, name: str, whose: str) -> None:
    def deed(by: FreshStaff) -> Awaitable[object]:
        return story.world.the(UnlockPerson)(UnlockPersonCommand(by, story.person(whose)))

    acts(story, name, Permission.LOCK_PEOPLE, deed)


@when(said("{name:Who} signs {whom:Who} out everywhere"))
def end_sessions(story: Story, name: str, whom: str) -> None:
    def deed(by: FreshStaff) -> Awaitable[object]:
        command = EndSessionsOfPersonCommand(by, story.person(whom))
        return story.world.the(EndSessionsOfPerson)(command)

    acts(story, name, Permission.END_SESSIONS, deed)


@when(said("{name:Who} makes {whom:Who} a {role:w}"))
@when(said("{name:Who} makes {whom:Who} {role:w}"))
def grant(story: Story, name: str, whom: str, role: str) -> None:
    def deed(by: FreshStaff) -> Awaitable[object]:
        return story.world.the(GrantRole)(GrantRoleCommand(by, story.person(whom), Role(role)))

    acts(story, name, Permission.GRANT_ROLES, deed)


@given(said("{name:Who} has looked at {whose:Whose} account"), target_fixture="shown")
@when(said("{name:Who} looks at {whose:Whose} account"), target_fixture="shown")
def look(story: Story, name: str, whose: str) -> PersonForStaff:
    async def work() -> PersonForStaff:
        by = await staff(story, name, Permission.SEE_PEOPLE)
        return await story.world.the(ShowPerson)(ShowPersonQuery(by, story.person(whose)))

    return story.world.do(work())


# What those feel whom it was done to


@when(said("she types the code on {device:Device} that {whose:Whose} app shows"))
def type_code_there(story: Story, device: str, whose: str) -> None:
    story.last = story.device(device)
    show_code(story, story.code(whose))


# What is seen


@then(said("it was {name:Who} who did it"))
def done_by(story: Story, name: str) -> None:
    assert story.trail("Anna")[-1].actor_id == story.person(name)


@then(said('{name:Who} sees the address "{address}"'))
def sees_address(shown: PersonForStaff, address: str) -> None:
    assert shown.email == address


@then(said('{whose:Whose} role is "{role}"'))
def role_is(story: Story, whose: str, role: str) -> None:
    assert story.world.database.tables.of(PEOPLE)[story.person(whose)].role == role


@then(said("all {whose:Whose} mails are"))
def all_mails(story: Story, whose: str, datatable: Datatable) -> None:
    story.world.run_jobs()
    mails = story.world.mails_to(story.account(whose).email)
    assert [[mail.subject] for mail in mails] == datatable[1:]


@then(said("what {name:Who} did to others is"))
def what_was_done(story: Story, name: str, datatable: Datatable) -> None:
    async def work() -> list[list[str]]:
        by = await staff(story, name, Permission.SEE_ACTIONS)
        query = ListActionsQuery(by, story.person(name), None, 10)
        people = {account.id: called for called, account in story.accounts.items()}
        words = {action: word for word, action in TRAIL.items()}
        done = await story.world.the(ListActions)(query)
        return [[people[one.user_id], words[one.action]] for one in done]

    assert story.world.do(work()) == datatable[1:]
