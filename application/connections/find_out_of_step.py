from dataclasses import dataclass
from typing import Final

from application.connections.health.lag import LagTally
from application.connections.jobs import FindOutOfStepJob, KeepInStepJob, check_key, step_key
from application.connections.pace.pressure import DEFAULT_PRESSURE, Pressure
from application.connections.ports import BeginHouseTx, LinkedName, LinkedUp
from application.connections.rhythm import SIX_HOURLY, Rhythm
from application.shared.clock import Clock
from application.shared.jobs import Lease

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class FindOutOfStep:
    """Once an hour: nothing that was told, wished for or due is forgotten.

    Every connection that has no rhythm waiting gets one, to begin at once. And one that is behind
    (a wish that nobody serves, a sync that is overdue) is looked after now, though its rhythm
    waits for later: providers do not repeat everything that they tell, and jobs can die.
    Of everybody who is in step nothing is written. Many that are behind are not looked after all
    at once, but as many a minute as the line of syncs holds.

    On its way it counts, for administrators, how long ago each provider's were last read well.
    """

    begin: BeginHouseTx
    linked: LinkedUp
    clock: Clock
    rhythm: Rhythm = SIX_HOURLY
    pressure: Pressure = DEFAULT_PRESSURE

    async def __call__(self, job: FindOutOfStepJob, lease: Lease) -> int:  # noqa: ARG002 - jobs have one shape
        """How many links were looked at."""
        last: LinkedName | None = None
        seen, late = 0, 0
        tally = LagTally(self.rhythm.every)
        while True:
            async with self.begin() as tx:
                await tx.jobs.hold(lease)
                names = await tx.names.after(last, _BATCH)
                if not names:
                    for lag in tally.lags(self.clock.now()):
                        await tx.lags.note(lag)
                    await tx.jobs.finish(lease)
                    await tx.commit()
                    return seen
            # Read for one person after the other, outside of any transaction.
            connections = await self.linked.read(names)
            now = self.clock.now()
            tally.add(connections, now)
            behind = {one.id for one in connections if one.is_behind(now, self.rhythm.every)}
            async with self.begin() as tx:
                await tx.jobs.hold(lease)
                for name in names:
                    job_for_it = KeepInStepJob(
                        user_id=name.user_id, connection_id=name.connection_id
                    )
                    at = now + self.pressure.place(late) if late else None
                    await tx.jobs.enqueue(
                        job_for_it, run_at=at, unique=step_key(name.connection_id)
                    )
                    if name.connection_id in behind:
                        await tx.jobs.enqueue(
                            job_for_it, run_at=at, unique=check_key(name.connection_id)
                        )
                        late += 1
                await tx.jobs.get_on(lease)
                await tx.commit()
            last, seen = names[-1], seen + len(names)
