from collections.abc import Callable, Mapping, Sequence
from typing import Any

from application.shared.jobs import Job
from domain.shared.events import Event

Subscriptions = Mapping[type[Event], Sequence[Callable[[Any], Job]]]
"""Who reacts to which event: each entry makes the job that one consumer runs for it."""
