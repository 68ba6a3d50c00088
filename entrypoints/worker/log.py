from dataclasses import asdict, dataclass, is_dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

import structlog
from typing_extensions import override

from application.jobs.work import WorkLog
from application.shared.jobs import LeasedJob, LeaseLostError
from domain.shared.errors import DalerError

log: structlog.typing.FilteringBoundLogger = structlog.get_logger("jobs")


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
        write = log.warning if expected and wait is not None else log.error
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
    if isinstance(report, Enum):
        return {"outcome": report.value}
    if is_dataclass(report) and not isinstance(report, type):
        facts = {f"report_{name}": value for name, value in asdict(report).items()}
        return {
            name: value.value if isinstance(value, Enum) else value
            for name, value in facts.items()
            if isinstance(value, str | int | Enum)
        }
    return {}
