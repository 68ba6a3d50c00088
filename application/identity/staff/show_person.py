from dataclasses import dataclass

from application.identity.staff.person_for_staff import PersonForStaff, note_shown
from application.identity.staff.ports import BeginStaffTx
from application.identity.staff.staff import Authority, ensure_may
from domain.identity.roles import Permission
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class ShowPersonQuery:
    by: Authority
    user_id: UserId


@dataclass(frozen=True, slots=True)
class ShowPerson:
    """One person, to who looks after them. That somebody looked stands in the person's trail.

    Raises:
        PersonNotFoundError, PermissionMissingError
    """

    begin: BeginStaffTx

    async def __call__(self, query: ShowPersonQuery) -> PersonForStaff:
        ensure_may(query.by, Permission.SEE_PEOPLE)
        async with self.begin(query.user_id) as tx:
            shown = PersonForStaff.of(await tx.people.get(query.user_id), query.by)
            await note_shown(tx.audit, shown, query.by)
            await tx.commit()
        return shown
