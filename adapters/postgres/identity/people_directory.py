"""The list of people: ids, status and role, without anything personal."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.identity.tables_people import people_directory
from application.identity.staff.ports import Admins, PeopleDirectory, PeopleFilter, PersonLine
from domain.identity.person import Person, PersonStatus
from domain.identity.roles import Role
from domain.shared.ids import UserId


async def enter(db: AsyncConnection, person: Person) -> None:
    """Say of a person what their own row says; for whoever writes that row, and nobody else."""
    entry = upsert(people_directory).values(
        user_id=person.id, status=person.status, role=person.role, created_at=person.created_at
    )
    said = {name: entry.excluded[name] for name in ("status", "role")}
    await db.execute(entry.on_conflict_do_update(index_elements=["user_id"], set_=said))


@dataclass(frozen=True, slots=True)
class PostgresPeopleDirectory(PeopleDirectory):
    database: Database

    @override
    async def page(
        self, wanted: PeopleFilter, after: UserId | None, limit: int
    ) -> Sequence[PersonLine]:
        # Ids are made in the order of time, so that the newest person has the largest.
        page = select(people_directory).order_by(people_directory.c.user_id.desc())
        if wanted.status is not None:
            page = page.where(people_directory.c.status == wanted.status)
        if wanted.role is not None:
            page = page.where(people_directory.c.role == wanted.role)
        if after is not None:
            page = page.where(people_directory.c.user_id < after)
        async with self.database.begin(None) as tx:
            rows = await tx.db.execute(page.limit(limit + 1))
        return [
            PersonLine(
                UserId(row.user_id), PersonStatus(row.status), Role(row.role), row.created_at
            )
            for row in rows
        ]


@dataclass(frozen=True, slots=True)
class PostgresAdmins(Admins):
    db: AsyncConnection

    @override
    async def hold(self) -> frozenset[UserId]:
        # In the order of their ids, so that of two who wait for each other there is none. Who
        # waited reads the rows again: one who is no administrator any more is left out.
        found = await self.db.execute(
            select(people_directory.c.user_id)
            .where(
                people_directory.c.role == Role.ADMIN,
                people_directory.c.status == PersonStatus.ACTIVE,
            )
            .order_by(people_directory.c.user_id)
            .with_for_update()
        )
        return frozenset(UserId(row.user_id) for row in found)
