import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.jobs.of_person import MemoryJobsOfPerson
from application.jobs.view_job import ViewJob, ViewJobQuery
from application.ledger.jobs import ImportStatementJob
from application.shared.jobs import JobNotFoundError, JobState
from domain.shared.ids import JobId
from tests.support.clock import CountedIds, FixedClock
from tests.support.ledger import ANNA, BJORN


@pytest.fixture
def database(clock: FixedClock, ids: CountedIds) -> MemoryDatabase:
    return MemoryDatabase(clock, ids)


@pytest.fixture
async def job_id(database: MemoryDatabase, ids: CountedIds) -> JobId:
    async with database.begin(ANNA) as tx:
        job_id = await tx.jobs.enqueue(ImportStatementJob(user_id=ANNA, import_id=ids.one()))
        await tx.commit()
    return job_id


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("DatabaseUnavailableError:database_unavailable", "database_unavailable"),
        ("KeyError", "internal"),
    ],
)
async def test_of_a_failure_only_its_code_is_told(
    database: MemoryDatabase, clock: FixedClock, job_id: JobId, error: str, shown: str
) -> None:
    board = MemoryJobBoard(database.tables, clock)
    (claimed,) = await board.claim(1)
    await board.bury(claimed.lease, error)

    status = await ViewJob(MemoryJobsOfPerson(database))(ViewJobQuery(ANNA, job_id))

    assert (status.state, status.attempts, status.error) == (JobState.DEAD, 1, shown)


async def test_another_persons_job_is_not_there(database: MemoryDatabase, job_id: JobId) -> None:
    with pytest.raises(JobNotFoundError):
        await ViewJob(MemoryJobsOfPerson(database))(ViewJobQuery(BJORN, job_id))
