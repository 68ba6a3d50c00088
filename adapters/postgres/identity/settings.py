from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.identity.people import PostgresPeople
from adapters.postgres.identity.tables_people import notification_choices
from application.identity.profile.settings_ports import (
    BeginSettingsTx,
    NotificationChoices,
    SettingsTx,
)
from application.shared.cipher import Cipher
from domain.identity.settings import Channel, Choices, Notice
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class PostgresNotificationChoices(NotificationChoices):
    db: AsyncConnection

    @override
    async def of(self, user_id: UserId) -> Choices:
        rows = await self.db.execute(
            select(notification_choices).where(notification_choices.c.user_id == user_id)
        )
        return Choices({(Notice(r.notice), Channel(r.channel)): r.wanted for r in rows})

    @override
    async def save(self, user_id: UserId, choices: Choices) -> None:
        rows = [
            {"user_id": user_id, "notice": notice, "channel": channel, "wanted": wanted}
            for (notice, channel), wanted in choices.made.items()
        ]
        if not rows:
            return
        statement = upsert(notification_choices).values(rows)
        await self.db.execute(
            statement.on_conflict_do_update(
                index_elements=["user_id", "notice", "channel"],
                set_={"wanted": statement.excluded.wanted},
            )
        )


@dataclass(frozen=True, slots=True)
class BeginPostgresSettingsTx(BeginSettingsTx):
    database: Database
    cipher: Cipher

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[SettingsTx]:
        async with self.database.begin(acting_for) as tx:
            yield SettingsTx(
                people=PostgresPeople(tx.db, self.cipher),
                notifications=PostgresNotificationChoices(tx.db),
                audit=tx.audit,
                commit=tx.commit,
            )
