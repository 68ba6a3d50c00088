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
class BanPersonCommand:
    by: FreshAuthority
    user_id: UserId
    why: Reason


@dataclass(frozen=True, slots=True)
class BanPerson:
    """Keep somebody out until they are unbanned: all their sessions and API keys end at once.

    The person is held from the first look to the commit, and so is whoever signs them in: a
    session that begins meanwhile is either ended here or refused there.

    Raises:
        PersonNotFoundError, PermissionMissingError, NotYourselfError, LastAdminError,
        PersonStatusError
    """

    begin: BeginStaffTx
    clock: Clock

    async def __call__(self, command: BanPersonCommand) -> PersonForStaff:
        by = command.by
        ensure_may(by, Permission.BAN_PEOPLE)
        async with self.begin(command.user_id) as tx:
            person = await tx.people.hold(command.user_id)
            ensure_may_act_on(by, person)
            await ensure_an_admin_stays(by, person, tx.admins)
            banned = person.banned()
            shown = PersonForStaff.of(banned, by)
            if banned == person:
                await note_shown(tx.audit, shown, by)
            else:
                await tx.people.save(banned)
                ended = await tx.sessions.end_all(Ended.BANNED, self.clock.now())
                await note(
                    tx.audit, person.id, "identity.banned", by, why=command.why, sessions=ended
                )
            await tx.commit()
        return shown
