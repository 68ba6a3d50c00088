"""Who acts on others, and what is asked of them before they do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from application.identity.signing_in.freshness import ensure_two_factors, fresh
from application.identity.staff.ports import Admins
from application.shared.audit import AuditTrail
from application.shared.caller import FreshStaff, Staff, Standing
from domain.identity.errors_staff import (
    LastAdminError,
    NotYourselfError,
    PermissionMissingError,
)
from domain.identity.person import Person
from domain.identity.roles import PERMISSIONS, Permission, Role
from domain.identity.session import SessionKind
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Whoever has a shell where Daler runs. The database is theirs: no role could hold them."""


Authority = Staff | CommandLine

FreshAuthority = FreshStaff | CommandLine
"""Who may change somebody: a session left open for a moment is not enough."""

_BY_HAND: Final = {"by": "command line"}
"""What is known of them; the name of their account there is personal, and is not kept."""


def staff_of(standing: Standing, wanted: Permission) -> Staff:
    """The caller, if they work here and their role has the permission.

    Raises:
        PermissionMissingError, SecondFactorRequiredError
    """
    permissions = PERMISSIONS[Role(standing.role)]
    if wanted not in permissions or standing.kind != SessionKind.DEVICE:
        raise PermissionMissingError(wanted)
    ensure_two_factors(standing)
    return Staff(standing.caller.user_id, standing.caller.session_id, frozenset(permissions))


def fresh_staff_of(standing: Standing, wanted: Permission, now: datetime) -> FreshStaff:
    """Raises PermissionMissingError, SecondFactorRequiredError, StepUpRequiredError."""
    staff = staff_of(standing, wanted)
    fresh(standing, now)
    return FreshStaff(staff.user_id, staff.session_id, staff.permissions)


def may(by: Authority, permission: Permission) -> bool:
    return isinstance(by, CommandLine) or permission in by.permissions


def ensure_may(by: Authority, permission: Permission) -> None:
    """Raises PermissionMissingError."""
    if not may(by, permission):
        raise PermissionMissingError(permission)


def ensure_may_act_on(by: Authority, person: Person) -> None:
    """Nobody acts on themself, and only who may do so acts on staff.

    Raises:
        NotYourselfError, PermissionMissingError
    """
    if isinstance(by, Staff) and by.user_id == person.id:
        raise NotYourselfError
    if person.role is not Role.USER:
        ensure_may(by, Permission.ACT_ON_STAFF)


async def held_admins(by: Authority, admins: Admins) -> frozenset[UserId]:
    """Those who can sign in, held to the end; whoever acts on one of them must still be one.

    Raises:
        PermissionMissingError: two acted on each other, and this one came second.
    """
    active = await admins.hold()
    if isinstance(by, Staff) and by.user_id not in active:
        raise PermissionMissingError(Permission.ACT_ON_STAFF)
    return active


async def ensure_an_admin_stays(by: Authority, without: Person, admins: Admins) -> None:
    """Raises LastAdminError, PermissionMissingError."""
    if without.role is Role.ADMIN and await held_admins(by, admins) == {without.id}:
        raise LastAdminError


async def note(
    audit: AuditTrail, user_id: UserId, action: str, by: Authority, **facts: str | int
) -> None:
    """Enter what was done to a person in that person's trail, and by whom."""
    if isinstance(by, Staff):
        await audit.record(user_id, action, facts, by.user_id)
    else:
        await audit.record(user_id, action, {**facts, **_BY_HAND})
