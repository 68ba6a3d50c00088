"""The person says that a feed tells of another account: done while they wait, or by a job."""

from dataclasses import dataclass

from application.ledger.one_account.jobs import SeparateFeedJob
from application.ledger.one_account.outcome import (
    AT_ONCE,
    Outcome,
    earlier,
    kept,
    packed,
    unpacked,
)
from application.ledger.one_account.separate import (
    SeparatedAccount,
    SeparateFeed,
    SeparateFeedCommand,
)
from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.ledger.whereabouts import ensure_there
from application.shared.idempotency import IdempotencyKey
from domain.ledger.errors_one_account import NotAFeedOfAccountError
from domain.shared.ids import JobId


@dataclass(frozen=True, slots=True)
class RequestSeparate:
    """Give a feed an account of its own; what would take longer than a moment is left to a job.

    While a job for it waits or runs, asking again leads to that one.

    Raises what SeparateFeed raises.
    """

    begin: BeginLedgerTx
    separate: SeparateFeed

    async def __call__(
        self, command: SeparateFeedCommand, key: IdempotencyKey | None = None
    ) -> Outcome[SeparatedAccount]:
        async with self.begin(command.owner) as tx:
            before = await earlier(tx, key, _separated_from)
            if before is not None:
                return before
            if (await tx.joined.size_of(command.account_id)).entries <= AT_ONCE:
                outcome = Outcome(await self.separate.within(tx, command))
            else:
                await _ensure_may_be_separated(tx, command)
                outcome = Outcome(job_id=await _enqueued(tx, command))
            if key is not None:
                await tx.idempotency.keep(key, kept(outcome, _packed))
            await tx.commit()
        return outcome


async def _ensure_may_be_separated(tx: LedgerTx, command: SeparateFeedCommand) -> None:
    await ensure_there(tx, command.account_id)
    tellers = (await tx.joined.joined()).get(command.account_id, {})
    if command.feed_id not in tellers:
        raise NotAFeedOfAccountError(command.account_id, command.feed_id)


async def _enqueued(tx: LedgerTx, command: SeparateFeedCommand) -> JobId:
    job = SeparateFeedJob(
        user_id=command.owner, account_id=command.account_id, feed_id=command.feed_id
    )
    key = f"{job.name}:{command.account_id}:{command.feed_id}"
    return await tx.jobs.enqueue(job, unique=key, ahead=True)


def _packed(done: SeparatedAccount) -> bytes:
    return packed(done.account_id, done.own_account_id, done.separated)


def _separated_from(result: bytes) -> SeparatedAccount:
    account_id, own, (separated,) = unpacked(result)
    return SeparatedAccount(account_id, own, separated)
