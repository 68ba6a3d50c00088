from collections.abc import Sequence
from dataclasses import dataclass

from application.identity.staff.ports import (
    BeginStaffTx,
    PeopleDirectory,
    PeopleFilter,
    PersonLine,
)
from application.identity.staff.staff import Authority, ensure_may, note
from application.shared.caller import Staff
from domain.identity.roles import Permission
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class ListPeopleQuery:
    by: Authority
    wanted: PeopleFilter
    after: UserId | None
    limit: int


@dataclass(frozen=True, slots=True)
class ListPeople:
    """Who there is, the newest first, without anything personal.

    It is about nobody in particular, so it stands in the trail of who asked.
    """

    begin: BeginStaffTx
    directory: PeopleDirectory

    async def __call__(self, query: ListPeopleQuery) -> Sequence[PersonLine]:
        """One more than the limit when there are more. Raises PermissionMissingError."""
        by, wanted = query.by, query.wanted
        ensure_may(by, Permission.LIST_PEOPLE)
        if isinstance(by, Staff):
            facts = {"status": wanted.status or "any", "role": wanted.role or "any"}
            async with self.begin(by.user_id) as tx:
                await note(tx.audit, by.user_id, "identity.people_listed", by, **facts)
                await tx.commit()
        return await self.directory.page(wanted, query.after, query.limit)
