"""What banks say of balances, kept as proofs of what the ledger comes to."""

from collections.abc import Mapping

from application.ledger.jobs import ApplyFeedJob
from application.ledger.ports import LedgerTx
from domain.ledger.account import Account, AccountOrigin
from domain.ledger.proofs.promises import Reading, day_before
from domain.shared.ids import AccountId
from domain.shared.money import Money


async def keep_readings(
    tx: LedgerTx,
    job: ApplyFeedJob,
    met: Mapping[AccountId, Account],
    now: Mapping[AccountId, Account],
) -> None:
    """Keep what the bank says of balances, put at the end of a day that was over by then.

    Call it after the sums are written: what the update told of later days is taken out again.
    """
    for account_id, account in sorted(now.items()):
        anchor, before = account.anchor, met.get(account_id)
        same = before is not None and before.anchor == anchor
        if anchor is None or same or account.origin is not AccountOrigin.CONNECTION:
            continue
        day = day_before(anchor.as_of)
        since = await tx.proofs.booked_after(account, day)
        amount = Money(anchor.booked.minor - since, account.currency)
        await tx.proofs.read(Reading(account_id, job.feed_id, day, amount, anchor.as_of))
