from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from adapters.memory.tables import Table
from application.shared.jobs import JobState
from domain.shared.events import Event
from domain.shared.ids import EventId, JobId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    id: JobId
    name: str
    payload: Mapping[str, Any]
    state: JobState
    run_at: datetime
    created_at: datetime
    attempts: int = 0
    attempts_max: int = 12
    fence: int = 0
    lease_until: datetime | None = None
    unique: str | None = None
    finished_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class KeptReply:
    request_hash: bytes
    result: bytes
    at: datetime


JOBS: Final = Table[JobId, JobRow]("jobs")
OUTBOX: Final = Table[EventId, Event]("outbox")
INBOX: Final = Table[tuple[UserId | None, str, str], bool]("inbox")
IDEMPOTENCY_KEYS: Final = Table[tuple[UserId | None, str, str], KeptReply]("idempotency_keys")
UNFINISHED: Final = (JobState.READY, JobState.LEASED)
