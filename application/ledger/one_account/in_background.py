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
from domain.shared.ids import AccountId, UserId

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
    impossible since it was asked for ends the job, which says why.
    """

    begin: BeginLedgerTx
    join: JoinAccounts

    async def __call__(
        self, job: JoinAccountsJob, lease: Lease
    ) -> JoinedAccount | RefusedInBackground | None:
        command = JoinAccountsCommand(job.user_id, job.account_id, job.other_id)
        try:
            async with self.begin(job.user_id) as tx:
                await tx.jobs.hold(lease)
                report = await self.join.within(tx, command)
                await tx.jobs.finish(lease)
                await tx.commit()
        except _FINAL as error:
            return await self._over(job, lease, error)
        return report

    async def _over(
        self, job: JoinAccountsJob, lease: Lease, error: DalerError
    ) -> RefusedInBackground | None:
        async with self.begin(job.user_id) as tx:
            one, other = [await _now(tx, each) for each in (job.account_id, job.other_id)]
            if one is not None and one == other:
                await tx.jobs.finish(lease)
                await tx.commit()
                return None
        return await _refused(self.begin, job.user_id, lease, error)


@dataclass(frozen=True, slots=True)
class SeparateInBackground:
    """Give the feed an account of its own, in one transaction; otherwise as `JoinInBackground`."""

    begin: BeginLedgerTx
    separate: SeparateFeed

    async def __call__(
        self, job: SeparateFeedJob, lease: Lease
    ) -> SeparatedAccount | RefusedInBackground:
        command = SeparateFeedCommand(job.user_id, job.account_id, job.feed_id)
        try:
            async with self.begin(job.user_id) as tx:
                await tx.jobs.hold(lease)
                report = await self.separate.within(tx, command)
                await tx.jobs.finish(lease)
                await tx.commit()
        except _FINAL as error:
            return await _refused(self.begin, job.user_id, lease, error)
        return report


async def _now(tx: LedgerTx, account_id: AccountId) -> AccountId | None:
    """Which account it is by now; None: it is gone."""
    there = await tx.accounts.is_there(account_id)
    return account_id if there else await tx.joined.moved_to(account_id)


async def _refused(
    begin: BeginLedgerTx, owner: UserId, lease: Lease, error: DalerError
) -> RefusedInBackground:
    async with begin(owner) as tx:
        await tx.jobs.refuse(lease, error)
        await tx.commit()
    return RefusedInBackground(error.code)
