from dataclasses import asdict
from uuid import UUID

from application.shared.jobs import Job
from domain.shared.events import Event


def payload_of(fact: Job | Event) -> object:
    """The fields of a job or event as JSON knows them; ids become text."""
    return _plain(asdict(fact))


def _plain(value: object) -> object:
    match value:
        case UUID():
            return str(value)
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case tuple() | list():
            return [_plain(one) for one in value]
        case _:
            return value
