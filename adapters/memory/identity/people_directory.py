"""The list of people in memory is the people themselves, without what is personal."""

from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.tables import PEOPLE
from adapters.memory.tables import MemoryTables
from application.identity.staff.ports import Admins, PeopleDirectory, PeopleFilter, PersonLine
from domain.identity.person import PersonStatus
from domain.identity.roles import Role
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class MemoryPeopleDirectory(PeopleDirectory):
    database: MemoryDatabase

    @override
    async def page(
        self, wanted: PeopleFilter, after: UserId | None, limit: int
    ) -> Sequence[PersonLine]:
        people = self.database.tables.of(PEOPLE)
        found = [
            PersonLine(one.id, one.status, one.role, one.created_at)
            for user_id, one in sorted(people.items(), reverse=True)
            if (after is None or user_id < after)
            and wanted.status in {None, one.status}
            and wanted.role in {None, one.role}
        ]
        return found[: limit + 1]


@dataclass(frozen=True, slots=True)
class MemoryAdmins(Admins):
    tables: MemoryTables

    @override
    async def hold(self) -> frozenset[UserId]:
        return frozenset(
            one.id
            for one in self.tables.of(PEOPLE).values()
            if one.role is Role.ADMIN and one.status is PersonStatus.ACTIVE
        )
