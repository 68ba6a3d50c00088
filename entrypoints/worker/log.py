import re
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from enum import Enum
from typing import Any, Final

import structlog
from typing_extensions import override

from application.connections.gateway import ProviderMisconfiguredError
from application.jobs.work import WorkLog
from application.shared.jobs import LeasedJob, LeaseLostError
from domain.shared.errors import DalerError

log: structlog.typing.FilteringBoundLogger = structlog.get_logger("jobs")

_CODE: Final = re.compile(r"[a-z0-9_.]{1,40}").fullmatch


@dataclass(frozen=True, slots=True)
class StructuredWorkLog(WorkLog):
    """One line per job: what it was, how it went, and the facts its use case reports."""

    @override
    def done(self, job: LeasedJob, seconds: float, report: object) -> None:
        log.info(
            "job_done",
            job=job.name,
            job_id=str(job.lease.job_id),
            attempt=job.attempts,
            duration_ms=round(seconds * 1000, 1),
            **_facts(report),
        )

    @override
    def failed(self, job: LeasedJob, error: BaseException, wait: timedelta | None) -> None:
        if isinstance(error, LeaseLostError):
            log.warning("job_lease_lost", job=job.name, job_id=str(job.lease.job_id))
            return
        expected = isinstance(error, DalerError)
        # A provider that refuses our own keys passes by nobody's waiting: that is an alarm.
        bearable = expected and not isinstance(error, ProviderMisconfiguredError)
        write = log.warning if bearable and wait is not None else log.error
        write(
            "job_failed" if wait is not None else "job_dead",
            job=job.name,
            job_id=str(job.lease.job_id),
            attempt=job.attempts,
            error=getattr(error, "code", type(error).__name__),
            retry_in_s=None if wait is None else round(wait.total_seconds(), 1),
            exc_info=None if expected else error,
        )

    @override
    def trouble(self, error: BaseException) -> None:
        log.warning("jobs_unreachable", error=getattr(error, "code", type(error).__name__))


def _facts(report: object) -> dict[str, Any]:
    """Numbers and codes of a report. Sentences stay out: they may quote what somebody wrote."""
    if isinstance(report, Enum):
        return {"outcome": report.value}
    if not is_dataclass(report) or isinstance(report, type):
        return {}
    facts = {one.name: getattr(report, one.name) for one in fields(report)}
    return {
        f"report_{name}": value.value if isinstance(value, Enum) else value
        for name, value in facts.items()
        if isinstance(value, int | Enum) or (isinstance(value, str) and _CODE(value))
    }
