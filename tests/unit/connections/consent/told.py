"""One person, one bank, and everything that the person was told."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from adapters.memory.connections.consents import CONSENT_NOTICES
from application.connections.consent.jobs import FindDueConsentsJob
from application.connections.consent.news import AskTheProvider
from application.connections.consent.telling import watch
from application.connections.jobs import FindOutOfStepJob, SyncConnectionJob, sync_key
from domain.connections.connection import Connection
from domain.connections.webhook import Happening
from domain.connections.webhook import Told as News
from domain.shared.events import ConsentNoticed
from domain.shared.ids import ConnectionId
from domain.shared.notices import NoticeKind
from tests.support.clock import NOON
from tests.unit.connections.world import ANNA, World

UNTIL: Final = NOON + timedelta(days=90)
HOURS_A_WEEK: Final = 7 * 24


@dataclass(slots=True)
class Told:
    world: World = field(default_factory=World)
    id: ConnectionId = field(init=False)

    async def links(self, until: datetime | None = UNTIL) -> Connection:
        self.world.bank.consent_until = until
        connection = await self.world.link()
        self.id = connection.id
        await self.world.work()
        return self.connection

    @property
    def connection(self) -> Connection:
        return self.world.connection(self.id)

    @property
    def kinds(self) -> list[NoticeKind]:
        return [one.kind for one in self.world.database.tables.of(CONSENT_NOTICES).values()]

    @property
    def mails(self) -> list[NoticeKind]:
        """What goes out to whoever sends mails."""
        return [one.kind for one in self.world.events if isinstance(one, ConsentNoticed)]

    async def hour(self) -> None:
        """What the house does every hour, and whatever that brings."""
        for job in (FindDueConsentsJob(user_id=None), FindOutOfStepJob(user_id=None)):
            async with self.world.begin_house() as tx:
                await tx.jobs.enqueue(job)
                await tx.commit()
        await self.world.work()

    async def hours(self, count: int) -> None:
        for _ in range(count):
            self.world.clock.forward(hours=1)
            await self.hour()

    async def hears(self, happening: Happening, at: datetime | None = None) -> None:
        """A webhook that was worked off as far as the connection goes."""
        news = News(happening=happening, link=self.connection.external_id, at=at)
        async with self.world.begin(ANNA) as tx:
            before = await tx.connections.get(self.id)
            after = await AskTheProvider().heard(tx, before, news)
            await tx.connections.save(after)
            await watch(tx, before, after)
            if after.may_be_read and after.wanted > before.wanted:
                await tx.jobs.enqueue(
                    SyncConnectionJob(user_id=ANNA, connection_id=self.id),
                    unique=sync_key(self.id),
                )
            await tx.commit()
        await self.world.work()

    async def syncs(self) -> None:
        await self.world.ask_for_sync(self.id)
        await self.world.work()
