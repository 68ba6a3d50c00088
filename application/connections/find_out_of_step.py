from dataclasses import dataclass
from typing import Final

from application.connections.jobs import FindOutOfStepJob, KeepInStepJob, step_key
from application.connections.ports import BeginHouseTx, LinkedName
from application.shared.jobs import Lease

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class FindOutOfStep:
    """Once an hour: every connection that has no rhythm waiting gets one, to begin at once.

    Reads nothing but the names of links, which say to whom to go: what is due is then decided on
    behalf of each person. Where a rhythm waits, nothing is written.
    """

    begin: BeginHouseTx

    async def __call__(self, job: FindOutOfStepJob, lease: Lease) -> int:  # noqa: ARG002 - jobs have one shape
        """How many links were looked at."""
        last: LinkedName | None = None
        seen = 0
        while True:
            async with self.begin() as tx:
                await tx.jobs.hold(lease)
                names = await tx.names.after(last, _BATCH)
                for name in names:
                    await tx.jobs.enqueue(
                        KeepInStepJob(user_id=name.user_id, connection_id=name.connection_id),
                        unique=step_key(name.connection_id),
                    )
                if not names:
                    await tx.jobs.finish(lease)
                await tx.commit()
            if not names:
                return seen
            last, seen = names[-1], seen + len(names)
