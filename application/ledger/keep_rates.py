from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from application.ledger.jobs import KeepRatesJob
from application.ledger.rates import BeginRatesTx, Rates
from application.shared.clock import Clock
from application.shared.jobs import Lease
from domain.ledger.rates import FIRST_QUOTED, OLDEST, Quote

AT_FIRST: Final = timedelta(days=800)
"""What banks usually tell of the past, and a little more."""
AT_ONCE: Final = timedelta(days=365)
"""Days in one question: an answer of a moderate size."""


@dataclass(frozen=True, slots=True)
class KeptReport:
    quotes: int


@dataclass(frozen=True, slots=True)
class KeepRates:
    """Fetch the quotes that are missing: those since the newest kept, and older ones if asked.

    What is kept is one stretch of days without a gap. How far back was asked is remembered, also
    where nothing was published, and nothing is asked for from before `FIRST_QUOTED`: so no day of
    the past is asked for twice, once it was answered. Only days after the newest quote are asked
    for again, until they have one. Safe to run twice or at once: a quote is kept once.
    """

    begin: BeginRatesTx
    rates: Rates
    clock: Clock

    async def __call__(self, job: KeepRatesJob, lease: Lease) -> KeptReport:
        """Raises UnavailableError: the worker tries again later."""
        async with self.begin() as tx:
            await tx.jobs.hold(lease)
            span = await tx.rates.span()
        asked = date.fromordinal(job.since) if job.since else None
        kept = 0
        for first, last in _missing(span, asked, self.clock.now().date()):
            # The bank may take seconds; no transaction is open while we wait.
            quotes = await self.rates.between(first, last)
            kept += await self._keep(lease, quotes, first)
        async with self.begin() as tx:
            await tx.jobs.finish(lease)
            await tx.commit()
        return KeptReport(kept)

    async def _keep(self, lease: Lease, quotes: Sequence[Quote], since: date) -> int:
        async with self.begin() as tx:
            await tx.jobs.hold(lease)
            kept = await tx.rates.add(quotes)
            await tx.rates.reached(since)
            await tx.commit()
        return kept


def _missing(
    span: tuple[date, date] | None, asked: date | None, today: date
) -> Iterator[tuple[date, date]]:
    """Stretches to ask for, each next to what is kept by then."""
    first = today - AT_FIRST
    if asked is not None:
        # A day without a quote takes the one before it.
        first = min(first, max(asked, FIRST_QUOTED + OLDEST) - OLDEST)
    oldest, newest = span or (today + timedelta(days=1), today)
    while first < oldest:
        last = oldest - timedelta(days=1)
        oldest = max(first, last - AT_ONCE)
        yield oldest, last
    while newest < today:
        since = newest + timedelta(days=1)
        newest = min(today, since + AT_ONCE)
        yield since, newest
