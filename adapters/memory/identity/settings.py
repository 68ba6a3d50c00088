from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.repositories import MemoryPeople
from adapters.memory.tables import MemoryTables, Table
from application.identity.profile.settings_ports import (
    BeginSettingsTx,
    NotificationChoices,
    SettingsTx,
)
from domain.identity.settings import Choices
from domain.shared.ids import UserId

NOTIFICATION_CHOICES: Final = Table[UserId, Choices]("notification_choices")


@dataclass(frozen=True, slots=True)
class MemoryNotificationChoices(NotificationChoices):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def of(self, user_id: UserId) -> Choices:
        kept = self.tables.of(NOTIFICATION_CHOICES).get(user_id)
        return kept if kept is not None and user_id == self.acting_for else Choices()

    @override
    async def save(self, user_id: UserId, choices: Choices) -> None:
        self.tables.of(NOTIFICATION_CHOICES)[user_id] = choices


@dataclass(frozen=True, slots=True)
class BeginMemorySettingsTx(BeginSettingsTx):
    database: MemoryDatabase

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[SettingsTx]:
        async with self.database.begin(acting_for) as tx:
            yield SettingsTx(
                people=MemoryPeople(tx.tables, acting_for),
                notifications=MemoryNotificationChoices(tx.tables, acting_for),
                audit=tx.audit,
                commit=tx.commit,
            )
