"""What happens at the same moment: only a real database has two of those."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import delete
from typing_extensions import override

from adapters.memory.bank import MemoryBank
from adapters.postgres.database import Database
from adapters.postgres.feeds.received import PostgresReceivedUpdates
from adapters.postgres.jobs.tables import jobs
from application.connections.banks import Banks
from application.connections.complete_link import CompleteLink, CompleteLinkCommand
from application.connections.disconnect import Disconnect, DisconnectCommand
from application.connections.gateway import FetchedPage, Granted, LinkReturn
from application.connections.jobs import (
    KeepInStepJob,
    RevokeConnectionJob,
    SyncConnectionJob,
    step_key,
)
from application.connections.keep_in_step import KeepInStep, Step
from application.connections.keep_link import KeepLink, LinkReport
from application.connections.link_states import LinkStates
from application.connections.request_sync import RequestSync, RequestSyncCommand
from application.connections.revoke_connection import RevokeConnection
from application.connections.start_link import Attempting, StartLink, StartLinkCommand
from application.connections.sync_connection import SyncConnection, SyncLimits, SyncReport
from application.connections.sync_setback import SyncSetback
from application.shared.jobs import Job, JobState, Lease, LeasedJob, LeaseLostError
from domain.connections.connection import Connection, ConnectionStatus
from domain.connections.errors import LinkInProgressError, StateUsedError
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, FeedId, JobId, UserId
from domain.shared.observations import Observations
from domain.shared.secret import Secret
from tests.contract.connections.conftest import ANNA, BJORN, Backend
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedChance, CountedIds, FixedClock
from tests.support.observations import pages

pytestmark = pytest.mark.postgres


class SlowBank(MemoryBank):
    """Answers take a moment, so that everybody who asks is there before the first answer."""

    @override
    async def complete_link(self, back: LinkReturn) -> Granted:
        await asyncio.sleep(0.05)
        return await super().complete_link(back)

    @override
    async def fetch(self, access: Secret, cursor: str | None, position: str | None) -> FetchedPage:
        await asyncio.sleep(0.005)
        return await super().fetch(access, cursor, position)


class House:
    """The use cases over PostgreSQL, with a bank in the hand."""

    def __init__(
        self, backend: Backend, database: Database, clock: FixedClock, ids: CountedIds
    ) -> None:
        self.backend, self.database = backend, database
        self.bank = SlowBank()
        banks = Banks(dict.fromkeys(Provider, self.bank))
        begin = backend.begin
        states = LinkStates(CountedChance(), GlassCipher())
        self.start_link = StartLink(Attempting(begin, banks, states, clock, ids))
        self.complete = CompleteLink(begin, banks, states, KeepLink(begin, clock, ids), clock)
        setback = SyncSetback(begin, clock)
        self.sync = SyncConnection(begin, banks, setback, clock, SyncLimits(pages=1))
        self.request_sync = RequestSync(begin, clock)
        self.disconnect = Disconnect(begin)
        self.revoke = RevokeConnection(begin, banks, clock)

    async def started(self, person: UserId = ANNA) -> Secret:
        return (await self.start_link(StartLinkCommand(person, Provider.TINK))).state

    async def back(self, state: Secret, person: UserId = ANNA) -> LinkReport:
        return await self.complete(
            CompleteLinkCommand(person, Provider.TINK, state, {"credentials_id": "c"})
        )

    async def linked(self) -> Connection:
        return (await self.back(await self.started())).connection

    async def claim(self, job_type: type[Job]) -> LeasedJob:
        claimed = {job.name: job for job in await self.backend.board.claim(10)}
        return claimed[job_type.name]

    async def claim_sync_of(self, connection_id: ConnectionId) -> LeasedJob:
        while claimed := await self.backend.board.claim(10):
            for job in claimed:
                payload = cast("Mapping[str, str]", job.payload)
                if (job.name, payload["connection_id"]) == (
                    SyncConnectionJob.name,
                    str(connection_id),
                ):
                    return job
        raise AssertionError("no sync of that connection is due")

    async def due_at_once(self, job: Job, unique: str) -> LeasedJob:
        """The job in a worker's hands, in place of the one that waits under its key."""
        async with self.database.begin(None) as tx:
            await tx.db.execute(delete(jobs).where(jobs.c.unique_key == unique))
            await tx.jobs.enqueue(job, unique=unique)
            await tx.commit()
        return await self.claim(type(job))

    async def is_leased(self, job_id: JobId) -> bool:
        return (await self.backend.board.get(job_id)).state is JobState.LEASED

    async def run_sync(
        self, job: LeasedJob, lease: Lease | None = None, sync: SyncConnection | None = None
    ) -> SyncReport:
        payload = cast("Mapping[str, str]", job.payload)
        todo = SyncConnectionJob(
            user_id=UserId(UUID(payload["user_id"])),
            connection_id=ConnectionId(UUID(payload["connection_id"])),
        )
        return await (sync or self.sync)(todo, lease or job.lease)

    async def read(
        self, feed_id: FeedId, number: int, person: UserId = ANNA
    ) -> list[Observations] | None:
        async with self.database.begin(person) as tx:
            updates = PostgresReceivedUpdates(tx.db, person)
            found = await updates.find(feed_id, number)
            return None if found is None else [page async for page in updates.pages(found)]

    async def connection(self, connection_id: ConnectionId) -> Connection:
        async with self.backend.begin(ANNA) as tx:
            return await tx.connections.get(connection_id)


@pytest.fixture
def house(postgres: Backend, database: Database, clock: FixedClock, ids: CountedIds) -> House:
    return House(postgres, database, clock, ids)


def kinds(outcomes: list[object]) -> Counter[str]:
    return Counter(type(one).__name__ for one in outcomes)


async def test_twenty_returns_with_one_state_make_one_link(house: House) -> None:
    state = await house.started()

    outcomes = await asyncio.gather(*(house.back(state) for _ in range(20)), return_exceptions=True)

    seen = kinds(list(outcomes))
    assert seen["LinkReport"] == 1
    assert set(seen) <= {"LinkReport", LinkInProgressError.__name__, StateUsedError.__name__}
    assert house.bank.exchanges == 1
    assert len(await house.backend.reader.list(ANNA, None)) == 1


async def test_one_login_linked_ten_times_at_once_is_one_connection(house: House) -> None:
    states = [await house.started() for _ in range(10)]

    reports = await asyncio.gather(*(house.back(state) for state in states))

    assert len({report.connection.id for report in reports}) == 1
    assert len(await house.backend.reader.list(ANNA, None)) == 1


async def test_one_login_linked_by_two_people_at_once_belongs_to_one_of_them(
    house: House,
) -> None:
    hers, his = await house.started(ANNA), await house.started(BJORN)

    outcomes = await asyncio.gather(
        house.back(hers, ANNA), house.back(his, BJORN), return_exceptions=True
    )

    assert kinds(list(outcomes)) == {"LinkReport": 1, "BankLinkTakenError": 1}


async def test_fifty_wishes_for_a_sync_are_one_job(house: House) -> None:
    connection = await house.linked()

    wishes = await asyncio.gather(
        *(house.request_sync(RequestSyncCommand(ANNA, connection.id)) for _ in range(50))
    )

    assert len({wish.job_id for wish in wishes}) == 1
    assert (await house.connection(connection.id)).wanted == 51


async def test_of_two_workers_with_one_job_the_newer_one_finishes(
    house: House, database: Database
) -> None:
    connection = await house.linked()
    house.bank.says(*pages(20))
    job = await house.claim(SyncConnectionJob)
    stolen = await stolen_lease(database, job.lease.job_id)

    outcomes = await asyncio.gather(
        house.run_sync(job), house.run_sync(job, stolen), return_exceptions=True
    )

    assert kinds(list(outcomes)) == {"LeaseLostError": 1, "SyncReport": 1}
    assert await house.read(connection.feed_id, 1) == pages(20)
    assert await house.read(connection.feed_id, 2) is None


async def test_a_worker_loses_its_lease_half_way_and_stops_at_its_next_write(
    house: House, database: Database
) -> None:
    connection = await house.linked()
    house.bank.says(*pages(20))
    job = await house.claim(SyncConnectionJob)
    slow = asyncio.create_task(house.run_sync(job))
    await asyncio.sleep(0.05)
    stolen = await stolen_lease(database, job.lease.job_id)

    await house.run_sync(job, stolen)
    with pytest.raises(LeaseLostError):
        await slow

    assert await house.read(connection.feed_id, 1) == pages(20)


async def test_wishes_during_a_sync_are_never_lost(house: House) -> None:
    connection = await house.linked()
    house.bank.says(*pages(10))
    job = await house.claim(SyncConnectionJob)

    async def wish_often() -> None:
        for _ in range(30):
            await house.request_sync(RequestSyncCommand(ANNA, connection.id))

    await asyncio.gather(house.run_sync(job), wish_often())

    present = await house.connection(connection.id)
    waiting = (await house.backend.reader.get(ANNA, connection.id)).job_id
    assert present.wanted == 31
    assert (present.served < present.wanted) == (waiting is not None)
    assert waiting is not None


async def test_a_withdrawal_during_a_sync_ends_both_ways_in_disconnected(house: House) -> None:
    connection = await house.linked()
    house.bank.says(*pages(20))
    job = await house.claim(SyncConnectionJob)

    async def withdraw() -> JobId | None:
        await asyncio.sleep(0.03)
        answer = await house.disconnect(DisconnectCommand(ANNA, connection.id, erase=True))
        return answer.job_id

    await asyncio.gather(house.run_sync(job), withdraw())
    revocation = await house.claim(RevokeConnectionJob)
    await house.revoke(
        RevokeConnectionJob(user_id=ANNA, connection_id=connection.id, erase=True),
        revocation.lease,
    )

    assert (await house.connection(connection.id)).status is ConnectionStatus.DISCONNECTED
    assert await house.read(connection.feed_id, 1) is None
    async with house.backend.begin(ANNA) as tx:
        assert await tx.accesses.find(connection.id) is None


async def test_a_rhythm_and_a_sync_that_ends_do_not_wait_for_each_other(
    house: House, clock: FixedClock
) -> None:
    connection = await house.linked()
    begin = house.backend.begin
    rhythm = KeepInStepJob(user_id=ANNA, connection_id=connection.id)
    step = await house.due_at_once(rhythm, step_key(connection.id))

    async with begin(ANNA) as tx:
        await tx.connections.get(connection.id)
        stepping = asyncio.create_task(KeepInStep(begin, clock)(rhythm, step.lease))
        await asyncio.sleep(0.2)  # it has got as far as it gets without the connection
        await tx.jobs.enqueue(rhythm, unique=step_key(connection.id))
        await tx.commit()

    assert await stepping is Step.SYNC
    waiting = await house.backend.board.list(JobState.READY, 10)
    assert [job.name for job in waiting] == [KeepInStepJob.name], "the rhythm goes on"


async def stolen_lease(database: Database, job_id: JobId) -> Lease:
    """Another worker was given the job, because this one was thought dead."""
    fence = await database.reads.fetchval(
        "update jobs set fence = fence + 1 where id = $1 returning fence", job_id
    )
    return Lease(job_id, fence)
