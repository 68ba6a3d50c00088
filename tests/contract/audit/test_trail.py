"""The trail as both stores keep it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import pytest

from adapters.memory.audit.trail import MemoryAuditChains
from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from adapters.postgres.audit.chains import PostgresAuditChains
from adapters.postgres.database import Database
from application.audit.ports import AuditChains
from application.audit.verify_trail import TrailReport, VerifyTrail
from application.shared.audit import AuditTrail
from domain.audit.chain import Head
from domain.shared.ids import UserId
from tests.support.clock import CountedIds, FixedClock

ANNA, BO = UserId(UUID(int=1)), UserId(UUID(int=2))


class Audited(Protocol):
    @property
    def audit(self) -> AuditTrail: ...

    async def commit(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Backend:
    begin: Callable[[UserId], AbstractAsyncContextManager[Audited]]
    chains: AuditChains

    async def records(self, user_id: UserId, *actions: str, actor: UserId | None = None) -> None:
        async with self.begin(user_id) as tx:
            for action in actions:
                await tx.audit.record(user_id, action, {"n": 1, "text": "blåbær"}, actor)
            await tx.commit()


@pytest.fixture
def memory(clock: FixedClock, ids: CountedIds) -> Backend:
    database = MemoryDatabase(clock, ids)
    return Backend(database.begin, MemoryAuditChains(database.tables.of(AUDIT_CHAINS)))


@pytest.fixture
def postgres(database: Database) -> Backend:
    return Backend(database.begin, PostgresAuditChains(database))


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> Backend:
    chosen: Backend = request.getfixturevalue(request.param)
    return chosen


async def test_entries_follow_each_other_person_by_person(backend: Backend) -> None:
    await backend.records(ANNA, "a.one", "a.two")
    await backend.records(BO, "b.one")
    await backend.records(ANNA, "a.three")

    page = await backend.chains.page(ANNA, 0, 10)

    assert [(e.seq, e.action) for e in page.entries] == [
        (1, "a.one"),
        (2, "a.two"),
        (3, "a.three"),
    ]
    assert page.head == page.entries[-1].head
    assert {e.actor_id for e in page.entries} == {ANNA}


async def test_somebody_else_may_have_done_it(backend: Backend) -> None:
    await backend.records(ANNA, "admin.looked", actor=BO)

    (entry,) = (await backend.chains.page(ANNA, 0, 10)).entries

    assert (entry.user_id, entry.actor_id) == (ANNA, BO)


async def test_what_was_rolled_back_left_no_trace(backend: Backend) -> None:
    async with backend.begin(ANNA) as tx:
        await tx.audit.record(ANNA, "a.one", {})

    assert (await backend.chains.page(ANNA, 0, 10)).entries == []
    assert (await backend.chains.page(ANNA, 0, 10)).head == Head()
    assert await backend.chains.persons(None, 10) == []


async def test_a_chain_is_read_page_by_page(backend: Backend) -> None:
    await backend.records(ANNA, "a", "b", "c")

    assert [e.seq for e in (await backend.chains.page(ANNA, 0, 2)).entries] == [1, 2]
    assert [e.seq for e in (await backend.chains.page(ANNA, 2, 2)).entries] == [3]


async def test_persons_come_in_pages_too(backend: Backend) -> None:
    await backend.records(ANNA, "a")
    await backend.records(BO, "b")

    assert await backend.chains.persons(None, 1) == [ANNA]
    assert await backend.chains.persons(ANNA, 1) == [BO]
    assert await backend.chains.persons(BO, 1) == []


@pytest.mark.parametrize("page_size", [1, 2, 3, 1000])
async def test_untouched_trails_are_whole(backend: Backend, page_size: int) -> None:
    await backend.records(ANNA, "a", "b", "c")
    await backend.records(BO, "d")

    report = await VerifyTrail(backend.chains, page_size)()

    assert report == TrailReport(persons=2, rows=4)
    assert report.whole
