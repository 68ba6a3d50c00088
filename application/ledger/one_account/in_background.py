"""Joining and separating large accounts: what the worker does of it."""

from dataclasses import dataclass
from typing import Final

from application.ledger.one_account.jobs import JoinAccountsJob, SeparateFeedJob
from application.ledger.one_account.join import JoinAccounts, JoinAccountsCommand, JoinedAccount
from application.ledger.one_account.separate import (
    SeparatedAccount,
    SeparateFeed,
    SeparateFeedCommand,
)
from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.shared.jobs import Lease
from domain.ledger.errors import AccountNotFoundError
from domain.ledger.errors_one_account import (
    AccountJoinedError,
    AccountsAreTwoError,
    NotAFeedOfAccountError,
)
from domain.ledger.errors_proofs import MonthClosedError
from domain.shared.errors import DalerError
from domain.shared.ids import AccountId

_FINAL: Final = (
    AccountNotFoundError,
    AccountJoinedError,
    AccountsAreTwoError,
    NotAFeedOfAccountError,
    MonthClosedError,
)
"""What no other try could change. A feed that came or went in that moment is tried again."""


@dataclass(frozen=True, slots=True)
class RefusedInBackground:
    code: str


@dataclass(frozen=True, slots=True)
class JoinInBackground:
    """Make the two accounts one, in one transaction.

    Killed half-way it has done nothing; the two found to be one already, it is done. What became
    impossible since it was asked for ends the job, which says why: in the same transaction, so
    that nobody else is given the job in between.
    """

    begin: BeginLedgerTx
    join: JoinAccounts

    async def __call__(
        self, job: JoinAccountsJob, lease: Lease
    ) -> JoinedAccount | RefusedInBackground | None:
        command = JoinAccountsCommand(job.user_id, job.account_id, job.other_id)
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease, at_length=True)
            try:
                async with tx.part(keep=True):
                    report: JoinedAccount | None = await self.join.within(tx, command)
            except _FINAL as error:
                one, other = [await _now(tx, each) for each in (job.account_id, job.other_id)]
                if one is None or one != other:
                    return await _refused(tx, lease, error)
                report = None
            await tx.jobs.finish(lease)
            await tx.commit()
        return report


@dataclass(frozen=True, slots=True)
class SeparateInBackground:
    """Give the feed an account of its own, in one transaction; otherwise as `JoinInBackground`."""

    begin: BeginLedgerTx
    separate: SeparateFeed

    async def __call__(
        self, job: SeparateFeedJob, lease: Lease
    ) -> SeparatedAccount | RefusedInBackground:
        command = SeparateFeedCommand(job.user_id, job.account_id, job.feed_id)
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease, at_length=True)
            try:
                async with tx.part(keep=True):
                    report = await self.separate.within(tx, command)
            except _FINAL as error:
                return await _refused(tx, lease, error)
            await tx.jobs.finish(lease)
            await tx.commit()
        return report


async def _now(tx: LedgerTx, account_id: AccountId) -> AccountId | None:
    """Which account it is by now; None: it is gone."""
    there = await tx.accounts.is_there(account_id)
    return account_id if there else await tx.joined.moved_to(account_id)


async def _refused(tx: LedgerTx, lease: Lease, error: DalerError) -> RefusedInBackground:
    await tx.jobs.refuse(lease, error)
    await tx.commit()
    return RefusedInBackground(error.code)
