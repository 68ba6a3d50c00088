"""The job that looks for transfers wherever the ledger has changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from application.ledger.jobs import KeepRatesJob, PairTransfersJob
from application.ledger.pairing_work import PairingWork
from application.ledger.transfers import BeginTransfersTx, TransfersTx
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.jobs import Lease

STRETCH: Final = timedelta(days=122)
"""Days that are decided in one transaction, when much has changed."""
TRIES_MAX: Final = 4
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGER: Final = 8


@dataclass(frozen=True, slots=True)
class PairingReport:
    paired: int = 0
    dissolved: int = 0
    suggested: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class PairTransfers:
    """Decide anew about the days that changed, a stretch per transaction.

    Sums move in the transaction that pairs. Every stretch is decided from all that is known then,
    so running twice, late, or again after a crash ends in the same.
    """

    begin: BeginTransfersTx
    clock: Clock
    ids: NewIds

    async def __call__(self, job: PairTransfersJob, lease: Lease) -> PairingReport:
        async with self.begin(job.user_id) as tx:
            await tx.ledger.jobs.hold(lease)
            if not await tx.transfers.possible():
                await tx.ledger.jobs.finish(lease)
                await tx.ledger.commit()
                return PairingReport()
            days = await tx.transfers.touched(job.from_revision, job.to_revision)
        report, unknown = PairingReport(), list[date]()
        for first, last in stretches(days):
            async with self.begin(job.user_id) as tx:
                await tx.ledger.jobs.get_on(lease)
                work = PairingWork(tx, job.user_id, self.clock, self.ids)
                await work.decide(first, last)
                await tx.ledger.commit()
            report = _plus(report, work)
            unknown += work.without_rate
        async with self.begin(job.user_id) as tx:
            await tx.ledger.jobs.hold(lease)
            if await tx.transfers.erased(job.from_revision, job.to_revision):
                await tx.transfers.forget_erased()
            if unknown:
                await self._wait_for_rates(tx, job, min(unknown))
            await tx.ledger.jobs.finish(lease)
            await tx.ledger.commit()
        return report

    async def _wait_for_rates(self, tx: TransfersTx, job: PairTransfersJob, since: date) -> None:
        """Have them fetched, and look again: soon, then later, then not any more."""
        if job.tries >= TRIES_MAX:
            return
        jobs, day = tx.ledger.jobs, since.toordinal()
        await jobs.enqueue(KeepRatesJob(since=day), unique=f"{KeepRatesJob.name}:{day}")
        again = PairTransfersJob(
            user_id=job.user_id,
            from_revision=job.from_revision,
            to_revision=job.to_revision,
            tries=job.tries + 1,
        )
        await jobs.enqueue(again, run_at=self.clock.now() + _FIRST_WAIT * _LONGER**job.tries)


def stretches(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Days that are near each other together, and never too many."""
    first = last = None
    for day in days:
        if first is None or last is None:
            first = last = day
        elif day - first <= STRETCH:
            last = day
        else:
            yield first, last
            first = last = day
    if first is not None and last is not None:
        yield first, last


def _plus(report: PairingReport, work: PairingWork) -> PairingReport:
    return PairingReport(
        report.paired + work.paired,
        report.dissolved + work.dissolved,
        report.suggested + work.suggested,
        report.withdrawn + work.withdrawn,
    )
