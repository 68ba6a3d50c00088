from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.tables import PEOPLE
from application.ledger.imports import HomeCurrency
from domain.identity.errors import PersonNotFoundError
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class MemoryHomeCurrency(HomeCurrency):
    database: MemoryDatabase

    @override
    async def of(self, user_id: UserId) -> str:
        person = self.database.tables.of(PEOPLE).get(user_id)
        if person is None:
            raise PersonNotFoundError(user_id)
        return person.locality.currency
