from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.secrets.jobs import ResealJob
from application.secrets.ports import BeginSecretsTx, KeyKeeper, Owners
from application.secrets.rotate_encryption import unique_for
from application.shared.clock import Clock
from application.shared.jobs import Lease
from domain.secrets.ring import RingName
from domain.shared.ids import HOUSE, UserId

PERSONS: Final = 200
ROUNDS_MAX: Final = 5
BETWEEN_ROUNDS: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ResealReport:
    persons: int
    resealed: int
    left: int


@dataclass(frozen=True, slots=True)
class Reseal:
    """Take sealed values along to the newest key, a slice of everybody at a time.

    A value says itself under which key it is, so doing a slice again does no harm and costs
    little. A batch is one transaction on behalf of its person, and stops when somebody else has
    got the job. Values that somebody was changing are looked for in another round.
    """

    keeper: KeyKeeper
    begin: BeginSecretsTx
    owners: Owners
    clock: Clock
    persons: int = PERSONS

    async def __call__(self, job: ResealJob, lease: Lease) -> ResealReport:
        ring = self.keeper.ring(RingName.ENCRYPTION)
        page = await self.owners.page(
            None if job.after is None else UserId(job.after), self.persons
        )
        resealed = left = 0
        for person in (HOUSE, *page) if job.after is None else page:
            done, remain = await self._person(person, ring[0].id, lease)
            resealed, left = resealed + done, left + remain
        report = ResealReport(len(page), job.resealed + resealed, job.left + left)
        await self._go_on(job, lease, report, page[-1] if len(page) == self.persons else None)
        return report

    async def _go_on(
        self, job: ResealJob, lease: Lease, report: ResealReport, last: UserId | None
    ) -> None:
        ring = self.keeper.ring(RingName.ENCRYPTION)
        async with self.begin(HOUSE) as tx:
            await tx.jobs.hold(lease)
            # First, for the successor has the same unique key.
            await tx.jobs.finish(lease)
            if last is not None:
                follower = ResealJob(
                    after=last, resealed=report.resealed, left=report.left, round=job.round
                )
                await tx.jobs.enqueue(follower, unique=unique_for(ring))
            elif report.left and job.round < ROUNDS_MAX:
                follower = ResealJob(resealed=report.resealed, round=job.round + 1)
                later = self.clock.now() + BETWEEN_ROUNDS
                await tx.jobs.enqueue(follower, run_at=later, unique=unique_for(ring))
            else:
                await tx.audit.record(
                    HOUSE,
                    "secrets.resealed",
                    {"newest": ring[0].id, "resealed": report.resealed, "left": report.left},
                )
            await tx.commit()

    async def _person(self, person: UserId, newest: str, lease: Lease) -> tuple[int, int]:
        """How many values of theirs were sealed anew, and how many are left."""
        if not (stale := await self._stale(person, newest)):
            return 0, 0
        resealed = 0
        for column in stale:
            resealed += await self._column(person, column, lease)
        return resealed, sum((await self._stale(person, newest)).values())

    async def _column(self, person: UserId, column: str, lease: Lease) -> int:
        resealed, after = 0, None
        while True:
            async with self.begin(person) as tx:
                await tx.jobs.hold(lease)
                batch = await tx.sealed.reseal(column, after)
                await tx.jobs.get_on(lease)
                await tx.commit()
            resealed, after = resealed + batch.resealed, batch.after
            if after is None:
                return resealed

    async def _stale(self, person: UserId, newest: str) -> dict[str, int]:
        found: dict[str, int] = {}
        async with self.begin(person) as tx:
            for use in await tx.sealed.uses():
                if use.key != newest:
                    found[use.column] = found.get(use.column, 0) + use.values
        return found
