from dataclasses import dataclass

from application.identity.staff.person_for_staff import PersonForStaff, note_shown
from application.identity.staff.ports import BeginStaffTx
from application.identity.staff.staff import FreshAuthority, ensure_may, ensure_may_act_on, note
from domain.identity.roles import Permission
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class UnbanPersonCommand:
    by: FreshAuthority
    user_id: UserId


@dataclass(frozen=True, slots=True)
class UnbanPerson:
    """Let somebody sign in again. What ended with the ban stays ended.

    Raises:
        PersonNotFoundError, PermissionMissingError, NotYourselfError,
        PersonStatusError: they are locked or deleted, which this does not undo.
    """

    begin: BeginStaffTx

    async def __call__(self, command: UnbanPersonCommand) -> PersonForStaff:
        by = command.by
        ensure_may(by, Permission.BAN_PEOPLE)
        async with self.begin(command.user_id) as tx:
            person = await tx.people.hold(command.user_id)
            ensure_may_act_on(by, person)
            free = person.unbanned()
            shown = PersonForStaff.of(free, by)
            if free == person:
                await note_shown(tx.audit, shown, by)
            else:
                await tx.people.save(free)
                await note(tx.audit, person.id, "identity.unbanned", by)
            await tx.commit()
        return shown
