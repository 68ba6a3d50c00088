"""Who runs which job, in the world that runs: nothing enqueued is without a handler."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import fields as dataclass_fields
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import Final, get_args, get_type_hints
from uuid import UUID

import msgspec
import pytest
from dishka import AsyncContainer, Provider, Scope, provide

import application
import domain
from adapters.memory.ledger.rates import MemoryRates
from adapters.postgres.jobs.payload import payload_of
from application.jobs.schedule import EnqueueDueChores
from application.jobs.tidy import TidyJob
from application.jobs.work import Worker
from application.ledger.rates import Rates
from application.shared.chance import Chance
from application.shared.clock import Clock
from application.shared.jobs import Job, JobBoard, JobState, Lease
from domain.shared.events import (
    ConnectionEnded,
    ConnectionLinked,
    ConsentNoticed,
    Event,
    FeedReceived,
    IdentityVerified,
    LedgerChanged,
    PersonRegistered,
)
from domain.shared.ids import ConnectionId, FeedId, JobId, UserId
from domain.shared.notices import NoticeId, NoticeKind
from domain.shared.secret import Secret
from entrypoints.composition.schedules import SCHEDULES
from entrypoints.composition.secrets_file import fresh_secrets
from entrypoints.composition.settings import read_settings
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from entrypoints.composition.world import production_world
from entrypoints.worker.handlers import HANDLERS, handler_of, handlers_from
from entrypoints.worker.log import StructuredWorkLog
from tests.support.postgres import CleanDatabase

ANNA = UserId(UUID(int=0xA))
SOMETHING = UUID(int=0xB)
LEASE = Lease(JobId(UUID(int=1)), 1)

ONLY_KEPT: Final[set[type[Event]]] = {PersonRegistered, IdentityVerified, ConnectionLinked}
"""Facts that nobody acts on yet. Whoever subscribes to one takes it out of here."""

EXAMPLES: Final = (
    ConnectionEnded(ANNA, ConnectionId(SOMETHING), FeedId(SOMETHING), erase=True),
    ConsentNoticed(ANNA, NoticeId(SOMETHING), NoticeKind.RENEWAL_OFFERED, 1_780_000_000),
    FeedReceived(ANNA, FeedId(SOMETHING), 7),
    LedgerChanged(ANNA, 6, 7),
)


def everything_below(base: type[object]) -> set[str]:
    """By name: a class with slots is made twice, and both are subclasses."""
    for package in (application, domain):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    return {name for name in names(_below(base)) if not name.startswith("tests.")}


def names(kinds: Iterable[type[object]]) -> set[str]:
    return {f"{kind.__module__}.{kind.__qualname__}" for kind in kinds}


def _below(base: type[object]) -> Iterator[type[object]]:
    for one in base.__subclasses__():
        yield one
        yield from _below(one)


def test_every_job_has_a_handler() -> None:
    assert everything_below(Job) == names(HANDLERS)


def test_every_job_has_a_name_of_its_own() -> None:
    assert len({job.name for job in HANDLERS}) == len(HANDLERS)


def test_every_event_is_acted_on_or_known_to_be_only_kept() -> None:
    assert everything_below(Event) == names(SUBSCRIPTIONS) | names(ONLY_KEPT)
    assert not names(SUBSCRIPTIONS) & names(ONLY_KEPT)
    events: tuple[type[Event], ...] = (*SUBSCRIPTIONS, *ONLY_KEPT)
    assert len({event.name for event in events}) == len(events)


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.name)
def test_what_an_event_enqueues_can_be_run_for_the_same_person(event: Event) -> None:
    for job_for in SUBSCRIPTIONS[type(event)]:
        job = job_for(event)
        assert type(job) in HANDLERS
        assert job.user_id == event.user_id


def test_there_is_an_example_of_every_event_that_is_acted_on() -> None:
    assert {type(event) for event in EXAMPLES} == set(SUBSCRIPTIONS)


def test_every_chore_can_be_run() -> None:
    assert all(type(schedule.job()) in HANDLERS for schedule in SCHEDULES)


def _plain(kind: object) -> object:
    """Some value of that kind, as JSON has it."""
    kind = next((one for one in get_args(kind) if one is not NoneType), kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return next(iter(kind)).value
    plain: dict[object, object] = {int: 3, bool: True, NoneType: None}
    return plain.get(kind, str(SOMETHING))


def an_example_of(job: type[Job]) -> Job:
    hints = get_type_hints(job)
    fields = {one.name: _plain(hints[one.name]) for one in dataclass_fields(job)}
    return msgspec.convert(fields, job)


@pytest.mark.parametrize("job", HANDLERS, ids=lambda job: job.name)
async def test_a_job_comes_back_from_its_row_as_it_was(job: type[Job]) -> None:
    made, seen = an_example_of(job), list[Job]()

    async def run(given: Job, lease: Lease) -> None:
        assert lease == LEASE
        seen.append(given)

    # What PostgreSQL gives back is what its JSON says.
    await handler_of(job, run)(msgspec.json.decode(msgspec.json.encode(payload_of(made))), LEASE)

    assert seen == [made]


async def test_a_payload_that_is_no_such_job_is_refused() -> None:
    async def run(given: TidyJob, lease: Lease) -> None:
        raise AssertionError(given, lease)

    with pytest.raises(msgspec.ValidationError):
        await handler_of(TidyJob, run)({"user_id": "somebody"}, LEASE)


class NobodyAsked(Provider):
    """The central bank is not called from here."""

    scope = Scope.APP

    @provide(override=True)
    def rates(self) -> Rates:
        return MemoryRates()


@pytest.fixture
async def world(clean_database: CleanDatabase, tmp_path: Path) -> AsyncIterator[AsyncContainer]:
    settings = read_settings({**fresh_secrets(), "DALER_HOME": str(tmp_path)})
    container = production_world(
        msgspec.structs.replace(settings, database_url=Secret(clean_database.app_url)),
        NobodyAsked(),
    )
    yield container
    await container.close()


@pytest.mark.postgres
async def test_every_handler_is_there_in_the_world_that_runs(world: AsyncContainer) -> None:
    handlers = await handlers_from(world)

    assert handlers.keys() == {job.name for job in HANDLERS}


@pytest.mark.postgres
async def test_the_house_does_its_chores(world: AsyncContainer) -> None:
    """From the clock to the end of the job, as it is composed in production."""
    enqueued = await (await world.get(EnqueueDueChores))()
    worker = Worker(
        await world.get(JobBoard),
        await handlers_from(world),
        await world.get(Clock),
        await world.get(Chance),
        StructuredWorkLog(),
    )

    assert enqueued == len(SCHEDULES)
    assert await worker.run_due() == len(SCHEDULES)
    assert await worker.board.counts() == {JobState.DONE: len(SCHEDULES)}
