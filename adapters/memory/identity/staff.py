from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from adapters.memory.identity.people_directory import MemoryAdmins
from adapters.memory.identity.repositories import MemoryPeople, MemorySessions
from application.identity.staff.ports import (
    ActionPosition,
    BeginStaffTx,
    StaffAction,
    StaffActions,
    StaffTx,
)
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class BeginMemoryStaffTx(BeginStaffTx):
    database: MemoryDatabase

    @override
    @asynccontextmanager
    async def __call__(self, about: UserId) -> AsyncIterator[StaffTx]:
        async with self.database.begin(about) as tx:
            yield StaffTx(
                people=MemoryPeople(tx.tables, about),
                sessions=MemorySessions(tx.tables, about),
                admins=MemoryAdmins(tx.tables),
                audit=tx.audit,
                commit=tx.commit,
            )


@dataclass(frozen=True, slots=True)
class MemoryStaffActions(StaffActions):
    database: MemoryDatabase

    @override
    async def of(
        self, actor: UserId, before: ActionPosition | None, limit: int
    ) -> Sequence[StaffAction]:
        done = [
            StaffAction(entry.user_id, entry.seq, entry.action, entry.at)
            for chain in self.database.tables.of(AUDIT_CHAINS).values()
            for entry in chain
            if entry.actor_id == actor and entry.user_id != actor
        ]
        done.sort(key=_position, reverse=True)
        return [one for one in done if before is None or _position(one) < before][: limit + 1]


def _position(one: StaffAction) -> ActionPosition:
    return one.at, one.user_id, one.seq
