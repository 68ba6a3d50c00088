"""One suite over memory and PostgreSQL: a transaction with the ports of both sides of a feed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.feeds.updates import (
    MemoryFeedUpdates,
    MemoryRawPages,
    MemoryReceivedUpdates,
)
from adapters.postgres.database import Database
from adapters.postgres.feeds.received import PostgresRawPages, PostgresReceivedUpdates
from adapters.postgres.feeds.updates import PostgresFeedUpdates
from application.shared.feeds import FeedUpdates, RawPages, ReceivedUpdates
from domain.shared.ids import UserId
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedIds, FixedClock

ANNA = UserId(UUID(int=1))
BJORN = UserId(UUID(int=2))


@dataclass(frozen=True, slots=True)
class FeedTx:
    feeds: FeedUpdates
    received: ReceivedUpdates
    raw_pages: RawPages
    commit: Callable[[], Awaitable[None]]


BeginFeedTx = Callable[[UserId], AbstractAsyncContextManager[FeedTx]]


@pytest.fixture
def memory(clock: FixedClock, ids: CountedIds) -> BeginFeedTx:
    database = MemoryDatabase(clock, ids)

    @asynccontextmanager
    async def begin(acting_for: UserId) -> AsyncIterator[FeedTx]:
        async with database.begin(acting_for) as tx:
            yield FeedTx(
                MemoryFeedUpdates(tx.tables, acting_for, clock, ids),
                MemoryReceivedUpdates(tx.tables, acting_for),
                MemoryRawPages(tx.tables, acting_for),
                tx.commit,
            )

    return begin


@pytest.fixture
def postgres(database: Database, clock: FixedClock, ids: CountedIds) -> BeginFeedTx:
    @asynccontextmanager
    async def begin(acting_for: UserId) -> AsyncIterator[FeedTx]:
        async with database.begin(acting_for) as tx:
            yield FeedTx(
                PostgresFeedUpdates(tx.db, acting_for, clock, ids, GlassCipher()),
                PostgresReceivedUpdates(tx.db, acting_for),
                PostgresRawPages(tx.db, acting_for),
                tx.commit,
            )

    return begin


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def begin(request: pytest.FixtureRequest) -> BeginFeedTx:
    chosen: BeginFeedTx = request.getfixturevalue(request.param)
    return chosen
