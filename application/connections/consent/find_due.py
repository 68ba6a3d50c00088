from dataclasses import dataclass
from typing import Final

from application.connections.consent.jobs import (
    FindDueConsentsJob,
    LookAtConsentJob,
    look_key,
)
from application.connections.consent.ports import DueConsent
from application.connections.ports import BeginHouseTx
from application.shared.clock import Clock
from application.shared.jobs import Lease

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class FindDueConsents:
    """Once an hour: have a look taken at every consent whose time has come, and at no other.

    What is due stays due until its look was taken, so a look that died is taken an hour later.
    """

    begin: BeginHouseTx
    clock: Clock

    async def __call__(self, job: FindDueConsentsJob, lease: Lease) -> int:  # noqa: ARG002 - jobs have one shape
        """How many were due."""
        last: DueConsent | None = None
        seen, now = 0, self.clock.now()
        while True:
            async with self.begin() as tx:
                await tx.jobs.hold(lease)
                due = await tx.consents.until(now, last, _BATCH)
                for one in due:
                    await tx.jobs.enqueue(
                        LookAtConsentJob(user_id=one.user_id, connection_id=one.connection_id),
                        unique=look_key(one.connection_id),
                    )
                if len(due) < _BATCH:
                    await tx.jobs.finish(lease)
                    await tx.commit()
                    return seen + len(due)
                await tx.jobs.get_on(lease)
                await tx.commit()
            last, seen = due[-1], seen + len(due)
