"""Jobs and events lie in tables that no policy guards: only ids and numbers may be in them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest

from adapters.postgres.jobs.payload import payload_of
from application.shared.jobs import Job
from domain.shared.events import Event
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from entrypoints.worker.handlers import HANDLERS
from tests.architecture.sources import below

JOBS, EVENTS = below(Job), below(Event)
HARMLESS = (UUID, int, bool, NoneType)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUpJob(Job):
    """Proof that the looking below would find something."""

    name = "made.up"

    user_id: None = None
    address: str | None


def kinds(hint: Any) -> Iterator[Any]:  # noqa: ANN401 - any type
    """What a field can hold, with names, unions and sequences taken apart."""
    hint = getattr(hint, "__supertype__", hint)
    if hasattr(hint, "__supertype__"):
        yield from kinds(hint)
    elif get_origin(hint) in {Union, UnionType, tuple, list, frozenset}:
        for inner in get_args(hint):
            if inner is not Ellipsis:
                yield from kinds(inner)
    else:
        yield hint


def telling(fact: type[Job] | type[Event]) -> list[str]:
    """Fields that could hold something about a person."""
    hints = get_type_hints(fact)
    return [
        field.name
        for field in fields(fact)
        for kind in kinds(hints[field.name])
        if kind not in HARMLESS and not (isinstance(kind, type) and issubclass(kind, Enum))
    ]


def test_there_are_jobs_and_events() -> None:
    assert len(JOBS) > 7
    assert len(EVENTS) > 3
    assert telling(MadeUpJob) == ["address"]


@pytest.mark.parametrize("fact", [*JOBS, *EVENTS], ids=lambda one: one.name)
def test_a_fact_holds_ids_and_numbers_only(fact: type[Job] | type[Event]) -> None:
    assert is_dataclass(fact)
    assert telling(fact) == []


@pytest.mark.parametrize("kind", [JOBS, EVENTS], ids=["jobs", "events"])
def test_every_fact_has_a_name_of_its_own(kind: list[type[Job] | type[Event]]) -> None:
    assert [one for one in kind if "name" not in vars(one)] == []
    names = Counter(one.name for one in kind)
    assert [word for word, count in names.items() if count > 1] == []
    for word in names:
        context, _, rest = word.partition(".")
        assert context, word
        assert rest.replace("_", "").isalpha(), word


def test_somebody_runs_every_job() -> None:
    assert set(HANDLERS) == set(JOBS)


def test_every_subscription_makes_jobs_of_its_event() -> None:
    assert set(SUBSCRIPTIONS) <= set(EVENTS)
    for event, makers in SUBSCRIPTIONS.items():
        hints = get_type_hints(event)
        made_up = {field.name: _some(hints[field.name]) for field in fields(event)}
        for make in makers:
            job = make(event(**made_up))
            assert isinstance(job, Job)
            assert job.user_id == made_up["user_id"], "a job acts for the person of its event"
            assert payload_of(job)


def _some(hint: Any) -> Any:  # noqa: ANN401 - any type
    if get_origin(hint) is tuple:
        return ()
    kind = next(iter(kinds(hint)))
    if issubclass(kind, Enum):
        return next(iter(kind))
    return UUID(int=7) if kind is UUID else kind()
