import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from taskiq import AsyncBroker
from taskiq.kicker import AsyncKicker
from typing_extensions import override

from adapters.wakeups.brokers import TASK_NAME
from application.shared.jobs import Wakeups
from domain.shared.ids import JobId

_PATIENCE_S: Final = 0.5
_PENDING_MAX: Final = 100


@dataclass(slots=True)
class LocalWakeups(Wakeups):
    """For a worker in this very process: no message, just a call."""

    look: Callable[[], None] | None = None

    @override
    async def ring(self, job_ids: Sequence[JobId]) -> None:
        if self.look is not None:
            self.look()


@dataclass(slots=True)
class TaskiqWakeups(Wakeups):
    """Sends the job's id as a taskiq message, beside the request and never in its way.

    A broker that is down, slow or frozen costs nothing here: the message is dropped, and the
    workers find the job when they next look.
    """

    broker: AsyncBroker
    sending: "set[asyncio.Task[None]]" = field(default_factory=set)

    @override
    async def ring(self, job_ids: Sequence[JobId]) -> None:
        for job_id in job_ids:
            if len(self.sending) >= _PENDING_MAX:
                return  # enough messages are under way to wake everybody
            task = asyncio.create_task(self._send(job_id))
            self.sending.add(task)
            task.add_done_callback(self.sending.discard)

    async def _send(self, job_id: JobId) -> None:
        with suppress(Exception):
            async with asyncio.timeout(_PATIENCE_S):
                await AsyncKicker[[str], None](TASK_NAME, self.broker, {}).kiq(str(job_id))

    async def close(self) -> None:
        if self.sending:
            await asyncio.wait(self.sending, timeout=_PATIENCE_S)


@dataclass(frozen=True, slots=True)
class AllWakeups(Wakeups):
    """Ring here and there."""

    everybody: Sequence[Wakeups]

    @override
    async def ring(self, job_ids: Sequence[JobId]) -> None:
        for one in self.everybody:
            await one.ring(job_ids)
