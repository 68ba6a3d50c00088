from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.ledger.proofs.coverage import AccountCoverageView, CoverageView
from application.ledger.proofs.report import Report
from application.ledger.whereabouts import ensure_there
from application.shared.clock import Clock
from domain.ledger.account import Account
from domain.ledger.errors import AccountNotFoundError
from domain.ledger.errors_proofs import TooManyDaysError
from domain.ledger.proofs.hints import NEAR, Hint, amounts_of_interest, hints
from domain.ledger.proofs.promises import day_before
from domain.ledger.proofs.verdicts import Period
from domain.shared.ids import AccountId, UserId

HINTED_MAX: Final = 12
"""Periods that do not add up and are looked into, the newest: each costs a look at entries."""


LONGEST: Final = timedelta(days=3_660)
"""Ten years in one report."""
EARLIEST: Final = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class CoverageQuery:
    owner: UserId
    first: date | None = None
    """None: the first day of the month a year ago. Later than the last: that one day."""
    last: date | None = None
    """None, or later: today."""


@dataclass(frozen=True, slots=True)
class ShowCoverage:
    """How much of one account is proved. From kept sums, whatever the number of transactions."""

    begin: BeginLedgerTx
    clock: Clock

    async def __call__(self, query: CoverageQuery, account_id: AccountId) -> CoverageView:
        """Raises AccountNotFoundError, AccountJoinedError, TooManyDaysError."""
        async with self.begin(query.owner) as tx:
            mine = [one for one in await tx.proofs.accounts() if one.id == account_id]
            if not mine:
                await ensure_there(tx, account_id)
                raise AccountNotFoundError(account_id)
            (report,) = await _reports(tx, mine, query, self.clock)
            found = {
                period: await _look_into(tx, report, period)
                for period in report.unexplained[-HINTED_MAX:]
            }
        return report.view(found)


@dataclass(frozen=True, slots=True)
class SummariseCoverage:
    """How much of every account is proved, in figures."""

    begin: BeginLedgerTx
    clock: Clock

    async def __call__(self, query: CoverageQuery) -> Sequence[AccountCoverageView]:
        async with self.begin(query.owner) as tx:
            reports = await _reports(tx, await tx.proofs.accounts(), query, self.clock)
        return [
            AccountCoverageView(
                account_id=one.account.id,
                name=one.account.name,
                first=one.days and one.days[0],
                last=one.days and one.days[1],
                totals=one.totals(),
            )
            for one in reports
        ]


async def _reports(
    tx: LedgerTx, accounts: Sequence[Account], query: CoverageQuery, clock: Clock
) -> list[Report]:
    now = clock.now()
    last = min(query.last or now.date(), now.date())
    last = max(last, EARLIEST)
    first = query.first or date(last.year - 1, last.month, 1)
    if last - first > LONGEST:
        raise TooManyDaysError(LONGEST.days)
    first = min(max(first, EARLIEST), last)
    ids = [one.id for one in accounts]
    evidence = await tx.proofs.evidence(accounts, first, last)
    closed = await tx.proofs.closed_on(ids)
    late = await tx.proofs.late_on(ids)
    return [
        Report(
            account=account,
            evidence=evidence[account.id],
            closed={one.month: one for one in closed if one.account_id == account.id},
            late=[one for one in late if one.account_id == account.id and one.shown],
            wanted=(first, last),
            over=day_before(now),
        )
        for account in accounts
    ]


async def _look_into(tx: LedgerTx, report: Report, period: Period) -> Sequence[Hint]:
    difference = period.difference
    if difference is None:
        return ()
    first, last = period.first, period.last
    amounts = amounts_of_interest(difference)
    near = await tx.proofs.near(report.account.id, first - NEAR, last + NEAR, amounts)
    late = [one.adds_between(first, last) for one in report.late]
    return hints(difference, (first, last), near, dict(report.evidence.nets), late)
