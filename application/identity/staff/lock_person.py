from dataclasses import dataclass

from application.identity.staff.person_for_staff import PersonForStaff, note_shown
from application.identity.staff.ports import BeginStaffTx
from application.identity.staff.staff import (
    FreshAuthority,
    ensure_an_admin_stays,
    ensure_may,
    ensure_may_act_on,
    note,
)
from application.shared.clock import Clock
from domain.identity.reason import Reason
from domain.identity.roles import Permission
from domain.identity.session import Ended
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class LockPersonCommand:
    by: FreshAuthority
    user_id: UserId
    why: Reason


@dataclass(frozen=True, slots=True)
class LockPerson:
    """Close an account for the time being, such as when its owner fears for it.

    Like a ban it ends all sessions and API keys; unlike a ban, support may do and undo it.

    Raises:
        PersonNotFoundError, PermissionMissingError, NotYourselfError, LastAdminError,
        PersonStatusError: a ban is more than a lock, and stays.
    """

    begin: BeginStaffTx
    clock: Clock

    async def __call__(self, command: LockPersonCommand) -> PersonForStaff:
        by = command.by
        ensure_may(by, Permission.LOCK_PEOPLE)
        async with self.begin(command.user_id) as tx:
            person = await tx.people.hold(command.user_id)
            ensure_may_act_on(by, person)
            await ensure_an_admin_stays(by, person, tx.admins)
            locked = person.locked()
            shown = PersonForStaff.of(locked, by)
            if locked == person:
                await note_shown(tx.audit, shown, by)
            else:
                await tx.people.save(locked)
                ended = await tx.sessions.end_all(Ended.LOCKED, self.clock.now())
                await note(
                    tx.audit, person.id, "identity.locked", by, why=command.why, sessions=ended
                )
            await tx.commit()
        return shown
