"""Two that find out the same at the same moment, on PostgreSQL."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from adapters.postgres.database import Database
from application.connections.consent.telling import tell
from application.shared.receipts import Part, deleted
from domain.shared.ids import UserId
from domain.shared.notices import NoticeKind
from tests.contract.connections.conftest import ANNA, BJORN, Backend
from tests.contract.connections.test_repositories import HERS, a_connection, given
from tests.support.clock import NOON

pytestmark = pytest.mark.postgres
MINE = ("consent_notices", "withdrawal_receipts", "withdrawal_lines")


async def test_ten_that_tell_the_same_at_once_make_one_notice_and_one_event(
    postgres: Backend, database: Database
) -> None:
    connection = a_connection()
    await given(postgres, connection)

    async def tells() -> None:
        async with postgres.begin(ANNA) as tx:
            await tell(tx, connection, NoticeKind.RENEWAL_REQUIRED)
            await asyncio.sleep(0.005)
            await tx.commit()

    await asyncio.gather(*(tells() for _ in range(10)))

    async with database.begin(ANNA) as tx:
        notices = (await tx.db.execute(text("select id from consent_notices"))).scalars().all()
        told = (
            await tx.db.execute(
                text(
                    "select payload ->> 'notice_id' from outbox"
                    " where name = 'connections.consent_noticed'"
                )
            )
        ).scalars()
        assert [UUID(one) for one in told] == list(notices)
        assert len(notices) == 1


async def test_one_that_is_rolled_back_leaves_the_news_to_the_next(postgres: Backend) -> None:
    connection = a_connection()
    await given(postgres, connection)
    async with postgres.begin(ANNA) as tx:
        await tell(tx, connection, NoticeKind.RENEWAL_REQUIRED)

    async with postgres.begin(ANNA) as tx:
        assert await tx.notices.raise_once(connection, NoticeKind.RENEWAL_REQUIRED) is not None


async def seen_by(database: Database, person: UserId | None) -> list[int]:
    async with database.begin(person) as tx:
        return [
            (await tx.db.execute(text(f"select count(*) from {table}"))).scalar_one()  # noqa: S608 - listed above
            for table in MINE
        ]


async def test_a_query_without_its_where_sees_nothing_of_anybody_else(
    postgres: Backend, database: Database
) -> None:
    await given(postgres, a_connection())
    async with postgres.begin(ANNA) as tx:
        await tell(tx, a_connection(), NoticeKind.RENEWAL_REQUIRED)
        await tx.receipts.begin(HERS, erase=True)
        await tx.receipts.fill(HERS, Part.LEDGER, deleted(entries=5))
        await tx.commit()

    assert await seen_by(database, ANNA) == [1, 1, 1]
    assert await seen_by(database, BJORN) == [0, 0, 0]
    assert await seen_by(database, None) == [0, 0, 0]


async def test_what_is_due_is_found_by_an_index_and_not_by_reading_everybody(
    database: Database,
) -> None:
    async with database.begin(None) as tx:
        await tx.db.execute(
            text(
                "insert into consent_terms select gen_random_uuid(), gen_random_uuid(),"
                " cast(:noon as timestamptz) + n * interval '1 minute'"
                " from generate_series(1, 20000) n"
            ),
            {"noon": NOON},
        )
        await tx.db.execute(text("analyze consent_terms"))
        plan = (
            await tx.db.execute(
                text(
                    "explain select * from consent_terms where due_at <= :noon"
                    " order by due_at, user_id, connection_id limit 500"
                ),
                {"noon": NOON},
            )
        ).scalars()
        assert "consent_terms_due_idx" in "\n".join(plan)
