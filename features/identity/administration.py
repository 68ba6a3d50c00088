"""Those who look after accounts, and how they get in."""

from typing import Final

from application.identity.staff.create_admin import CreateAdmin, CreateAdminCommand
from application.identity.staff.grant_role import GrantRole, GrantRoleCommand
from application.identity.staff.staff import CommandLine, fresh_staff_of, staff_of
from application.shared.caller import FreshStaff, Staff
from domain.identity.roles import Permission, Role
from features.identity.conftest import has_account, has_app
from features.identity.story import FULL_NAMES, Story

BY_HAND: Final = CommandLine()


def an_admin(story: Story, name: str) -> None:
    """As whoever runs Daler makes one: with a password, and nothing else yet."""
    account = story.account(name)
    command = CreateAdminCommand(BY_HAND, FULL_NAMES[name], account.email, account.password)
    account.id = story.world.do(story.world.the(CreateAdmin)(command))


def an_office(story: Story, name: str, role: Role) -> None:
    """Somebody with a role, signed in on their phone with two factors."""
    if role is Role.ADMIN:
        an_admin(story, name)
    else:
        has_account(story, name)
        command = GrantRoleCommand(BY_HAND, story.person(name), role)
        story.world.do(story.world.the(GrantRole)(command))
    has_app(story, name)


async def staff(story: Story, name: str, permission: Permission) -> Staff:
    """What every request of theirs begins with.

    Raises:
        PermissionMissingError, SecondFactorRequiredError
    """
    return staff_of(await story.standing(story.device(f"{name}'s phone")), permission)


async def fresh_staff(story: Story, name: str, permission: Permission) -> FreshStaff:
    """What every request begins with that changes somebody.

    Raises:
        PermissionMissingError, SecondFactorRequiredError, StepUpRequiredError
    """
    standing = await story.standing(story.device(f"{name}'s phone"))
    return fresh_staff_of(standing, permission, story.world.clock.now())
