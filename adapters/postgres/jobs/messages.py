from dataclasses import dataclass

from sqlalchemy import delete, insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.jobs.payload import payload_of
from adapters.postgres.jobs.queue import PostgresJobQueue
from adapters.postgres.jobs.tables import inbox, outbox
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.outbox import Inbox, Outbox
from application.shared.subscriptions import Subscriptions
from domain.shared.events import Event
from domain.shared.ids import EventId, UserId


@dataclass(frozen=True, slots=True)
class PostgresOutbox(Outbox):
    db: AsyncConnection
    jobs: PostgresJobQueue
    subscriptions: Subscriptions
    clock: Clock
    ids: NewIds

    @override
    async def append(self, event: Event) -> EventId:
        event_id = EventId(self.ids.one())
        await self.db.execute(
            insert(outbox).values(
                id=event_id,
                name=event.name,
                user_id=event.user_id,
                payload=payload_of(event),
                at=self.clock.now(),
            )
        )
        for job_for in self.subscriptions.get(type(event), ()):
            await self.jobs.enqueue(job_for(event))
        return event_id


@dataclass(frozen=True, slots=True)
class PostgresInbox(Inbox):
    db: AsyncConnection
    acting_for: UserId | None
    clock: Clock

    @override
    async def first_time(self, consumer: str, event: str) -> bool:
        marked = await self.db.execute(
            upsert(inbox)
            .values(user_id=self.acting_for, consumer=consumer, event=event, at=self.clock.now())
            .on_conflict_do_nothing()
        )
        return marked.rowcount == 1

    @override
    async def forget(self, consumer: str, event: str) -> None:
        await self.db.execute(
            delete(inbox).where(
                inbox.c.user_id == self.acting_for,
                inbox.c.consumer == consumer,
                inbox.c.event == event,
            )
        )
