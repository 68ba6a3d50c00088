"""The ledger's part of a receipt is written in the transaction that deletes, or not at all."""

from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import text

from adapters.postgres.database import Database
from application.ledger.erase_feed import EraseFeed
from application.ledger.jobs import EraseFeedJob
from application.ledger.ports import BeginLedgerTx
from application.shared.jobs import JobState
from domain.shared.ids import ConnectionId, FeedId, UserId
from tests.contract.ledger.test_linked_again import COFFEE, SALARY, page
from tests.support.ledger import LedgerWorld
from tests.support.mortal import DeathError, Fate, mortal_begin

pytestmark = pytest.mark.postgres

LINK = ConnectionId(UUID(int=1))
ALL = {
    ("accounts", "deleted"): 1,
    ("entries", "deleted"): 2,
    ("links", "deleted"): 2,
    ("suggestions", "deleted"): 0,
    ("transfers", "deleted"): 0,
}
KEPT = {("accounts", "kept"): 1, ("entries", "kept"): 2}


async def written(database: Database, person: UserId) -> dict[tuple[str, str], int]:
    async with database.begin(person) as tx:
        rows = await tx.db.execute(text('select thing, fate, "count" from withdrawal_lines'))
        return {(thing, fate): count for thing, fate, count in rows}


@pytest.mark.parametrize("erase", [True, False])
async def test_a_process_that_dies_at_any_step_of_it_leaves_one_whole_receipt(
    postgres: LedgerWorld, database: Database, *, erase: bool
) -> None:
    expected = ALL if erase else KEPT
    for steps in range(200):
        person, feed = UserId(UUID(int=1_000 + steps)), FeedId(UUID(int=5_000 + steps))
        await postgres.hears(page(COFFEE, SALARY), feed=feed, person=person)
        job = EraseFeedJob(user_id=person, feed_id=feed, connection_id=LINK, erase=erase)
        async with postgres.begin(person) as tx:
            await tx.receipts.begin(LINK, erase=erase)
            job_id = await tx.jobs.enqueue(job)
            await tx.commit()
        leases = {one.lease.job_id: one.lease for one in await postgres.board.claim(100)}
        mortal = cast("BeginLedgerTx", mortal_begin(postgres.begin, Fate(steps)))
        try:
            await EraseFeed(mortal, postgres.clock)(job, leases[job_id])
        except DeathError:
            done = (await postgres.board.get(job_id)).state is JobState.DONE
            left = len(await postgres.books.entries(person))
            assert await written(database, person) == (expected if done else {}), steps
            assert left == (0 if done and erase else 2), steps
            if not done:
                await postgres.board.retry(leases[job_id], postgres.clock.now(), "died")
                again = {one.lease.job_id: one.lease for one in await postgres.board.claim(100)}
                await EraseFeed(postgres.begin, postgres.clock)(job, again[job_id])
            assert await written(database, person) == expected, steps
        else:
            assert steps > 8
            return
    raise AssertionError("the erasure has no end")
