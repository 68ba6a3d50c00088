"""The person says that two accounts are one: done while they wait, or by a job."""

from dataclasses import dataclass

from application.ledger.one_account.jobs import JoinAccountsJob
from application.ledger.one_account.join import (
    JoinAccounts,
    JoinAccountsCommand,
    JoinedAccount,
    ensure_open,
)
from application.ledger.one_account.outcome import (
    AT_ONCE,
    Outcome,
    earlier,
    kept,
    packed,
    unpacked,
)
from application.ledger.one_account.ports import AccountSize
from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.ledger.whereabouts import ensure_there
from application.shared.idempotency import IdempotencyKey
from domain.ledger.one_account.same import FedAccount, ensure_may_be_one, in_order
from domain.ledger.proofs.months import end_of
from domain.shared.ids import AccountId, JobId


@dataclass(frozen=True, slots=True)
class RequestJoin:
    """Make two accounts one; what would take longer than a moment is left to a job.

    While a job for the two waits or runs, asking again leads to that one.

    Raises what JoinAccounts raises; what a job could only refuse is refused here, and makes none.
    """

    begin: BeginLedgerTx
    join: JoinAccounts

    async def __call__(
        self, command: JoinAccountsCommand, key: IdempotencyKey | None = None
    ) -> Outcome[JoinedAccount]:
        async with self.begin(command.owner) as tx:
            before = await earlier(tx, key, joined_from)
            if before is not None:
                return before
            ids = command.account_id, command.other_id
            sizes = {one: await tx.joined.size_of(one) for one in ids}
            if sum(one.entries for one in sizes.values()) <= AT_ONCE:
                outcome = Outcome(await self.join.within(tx, command))
            else:
                await _ensure_may_be_joined(tx, command, sizes)
                outcome = Outcome(job_id=await _enqueued(tx, command))
            if key is not None:
                await tx.idempotency.keep(key, kept_of(outcome))
            await tx.commit()
        return outcome


async def _ensure_may_be_joined(
    tx: LedgerTx, command: JoinAccountsCommand, sizes: dict[AccountId, AccountSize]
) -> None:
    """As far as can be told without holding anything up; the job looks again.

    Raises AccountNotFoundError, AccountJoinedError, AccountsAreTwoError, MonthClosedError.
    """
    fed = {one.account.id: one for one in await tx.joined.fed()}
    pair = []
    for account_id in (command.account_id, command.other_id):
        await ensure_there(tx, account_id)
        # One that is kept by hand is fed by nobody.
        bare = fed.get(account_id)
        pair.append(bare or FedAccount(await tx.accounts.get(account_id), frozenset()))
    ensure_may_be_one(*pair)
    stays, other = (one.account.id for one in in_order(*pair))
    months = sizes[other].months
    days = None if months is None else (months[0], end_of(months[1]))
    await ensure_open(tx, stays, other, days)


async def _enqueued(tx: LedgerTx, command: JoinAccountsCommand) -> JobId:
    under_way = await being_joined(tx, command.account_id, command.other_id)
    if under_way is None:
        # Whoever says meanwhile that they are two, waits here, and finds the job.
        await tx.accounts.lock_all()
    one, other = sorted((command.account_id, command.other_id))
    job = JoinAccountsJob(user_id=command.owner, account_id=one, other_id=other)
    return await tx.jobs.enqueue(job, unique=_key(one, other), ahead=True)


async def being_joined(tx: LedgerTx, one: AccountId, other: AccountId) -> JobId | None:
    """The job that will make them one."""
    return await tx.jobs.unfinished(_key(*sorted((one, other))))


def _key(one: AccountId, other: AccountId) -> str:
    return f"{JoinAccountsJob.name}:{one}:{other}"


def kept_of(outcome: Outcome[JoinedAccount]) -> bytes:
    return kept(outcome, _packed)


def _packed(done: JoinedAccount) -> bytes:
    return packed(done.account_id, done.former_account_id, done.joined, done.asked)


def joined_from(result: bytes) -> JoinedAccount:
    account_id, former, (joined, asked) = unpacked(result)
    return JoinedAccount(account_id, former, joined, asked)
