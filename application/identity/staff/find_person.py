from dataclasses import dataclass, field

from application.identity.ports import Directory
from application.identity.staff.person_for_staff import PersonForStaff
from application.identity.staff.ports import BeginStaffTx
from application.identity.staff.show_person import ShowPerson, ShowPersonQuery
from application.identity.staff.staff import Authority, ensure_may, note
from application.shared.caller import Staff
from domain.identity.email import EmailAddress
from domain.identity.errors_staff import EmailUnknownError
from domain.identity.roles import Permission


@dataclass(frozen=True, slots=True)
class FindPersonQuery:
    by: Authority
    email: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FindPerson:
    """Whose e-mail address this is: the whole address, not a part of one.

    Looking for somebody who is not here is noted too, in the trail of who looked: whoever tries
    addresses is seen to.

    Raises:
        InvalidFieldsError, EmailUnknownError, PermissionMissingError
    """

    begin: BeginStaffTx
    directory: Directory
    show: ShowPerson

    async def __call__(self, query: FindPersonQuery) -> PersonForStaff:
        by = query.by
        ensure_may(by, Permission.FIND_PEOPLE)
        found = await self.directory.owner_of_email(EmailAddress.parse(query.email))
        if found is not None:
            return await self.show(ShowPersonQuery(by, found))
        if isinstance(by, Staff):
            async with self.begin(by.user_id) as tx:
                await note(tx.audit, by.user_id, "identity.nobody_found", by)
                await tx.commit()
        raise EmailUnknownError
