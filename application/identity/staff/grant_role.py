from dataclasses import dataclass

from application.identity.staff.person_for_staff import PersonForStaff, note_shown
from application.identity.staff.ports import BeginStaffTx
from application.identity.staff.staff import (
    FreshAuthority,
    ensure_an_admin_stays,
    ensure_may,
    ensure_may_act_on,
    held_admins,
    note,
)
from domain.identity.roles import Permission, Role
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class GrantRoleCommand:
    by: FreshAuthority
    user_id: UserId
    role: Role


@dataclass(frozen=True, slots=True)
class GrantRole:
    """Make somebody staff, or a user again. It holds from their next request on.

    Raises:
        PersonNotFoundError, PermissionMissingError, NotYourselfError, LastAdminError,
        PersonStatusError: who cannot sign in cannot become staff.
    """

    begin: BeginStaffTx

    async def __call__(self, command: GrantRoleCommand) -> PersonForStaff:
        by, role = command.by, command.role
        ensure_may(by, Permission.GRANT_ROLES)
        async with self.begin(command.user_id) as tx:
            person = await tx.people.hold(command.user_id)
            ensure_may_act_on(by, person)
            # An administrator who is being removed at this moment makes no new ones either.
            await held_admins(by, tx.admins)
            changed = person.given(role)
            shown = PersonForStaff.of(changed, by)
            if changed == person:
                await note_shown(tx.audit, shown, by)
            else:
                await ensure_an_admin_stays(by, person, tx.admins)
                await tx.people.save(changed)
                facts = {"was": person.role, "is": role}
                await note(tx.audit, person.id, "identity.role_changed", by, **facts)
            await tx.commit()
        return shown
