from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.identity.people import PostgresPeople
from adapters.postgres.identity.people_directory import PostgresAdmins
from adapters.postgres.identity.repositories import PostgresSessions
from application.identity.staff.ports import BeginStaffTx, StaffTx
from application.shared.cipher import Cipher
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class BeginPostgresStaffTx(BeginStaffTx):
    database: Database
    cipher: Cipher

    @override
    @asynccontextmanager
    async def __call__(self, about: UserId) -> AsyncIterator[StaffTx]:
        async with self.database.begin(about) as tx:
            yield StaffTx(
                people=PostgresPeople(tx.db, self.cipher),
                sessions=PostgresSessions(tx.db, about),
                admins=PostgresAdmins(tx.db),
                audit=tx.audit,
                commit=tx.commit,
            )
