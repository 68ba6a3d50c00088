from dataclasses import dataclass

from sqlalchemy import select
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.identity.tables import people
from application.ledger.imports import HomeCurrency
from domain.identity.errors import PersonNotFoundError
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class PostgresHomeCurrency(HomeCurrency):
    database: Database

    @override
    async def of(self, user_id: UserId) -> str:
        async with self.database.begin(user_id) as tx:
            found = await tx.db.execute(
                select(people.c.currency).where(people.c.user_id == user_id)
            )
            currency: str | None = found.scalar()
        if currency is None:
            raise PersonNotFoundError(user_id)
        return currency
