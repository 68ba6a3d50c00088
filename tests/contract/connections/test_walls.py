"""The second wall: what a query without its WHERE would see."""

import pytest
from sqlalchemy import text

from adapters.postgres.database import Database
from application.connections.jobs import SyncConnectionJob
from domain.shared.ids import UserId
from tests.contract.connections.conftest import ANNA, BJORN, Backend
from tests.contract.connections.test_races import House
from tests.support.clock import CountedIds, FixedClock
from tests.support.observations import pages

pytestmark = pytest.mark.postgres

TABLES = (
    "connections",
    "connection_secrets",
    "link_attempts",
    "feeds",
    "feed_updates",
    "feed_pages",
    "page_bodies",
)


async def rows_seen(database: Database, acting_for: UserId | None) -> dict[str, int]:
    async with database.begin(acting_for) as tx:
        return {
            table: (await tx.db.execute(text(f"select count(*) from {table}"))).scalar_one()  # noqa: S608 - listed above
            for table in TABLES
        }


async def test_every_table_is_empty_for_another_person_and_for_nobody(
    postgres: Backend, database: Database, clock: FixedClock, ids: CountedIds
) -> None:
    house = House(postgres, database, clock, ids)
    await house.linked()
    house.bank.says(*pages(2))
    await house.run_sync(await house.claim(SyncConnectionJob))

    assert min((await rows_seen(database, ANNA)).values()) >= 1
    assert set((await rows_seen(database, BJORN)).values()) == {0}
    assert set((await rows_seen(database, None)).values()) == {0}
