from dataclasses import dataclass

from application.ledger.one_account.join import feeds_of
from application.ledger.ports import BeginLedgerTx, LedgerChange
from application.ledger.whereabouts import account_of
from domain.ledger.account import AccountOrigin
from domain.ledger.errors import AccountFedByBankError
from domain.shared.events import LedgerChanged
from domain.shared.ids import AccountId, UserId


@dataclass(frozen=True, slots=True)
class CloseAccountCommand:
    owner: UserId
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class CloseAccount:
    """Forget a manual or imported account with all its transactions.

    A bank's account goes with its connection.
    """

    begin: BeginLedgerTx

    async def __call__(self, command: CloseAccountCommand) -> None:
        async with self.begin(command.owner) as tx:
            # Feeds before their account, as when an update is applied (no deadlocks).
            for feed_id in await feeds_of(tx, command.account_id):
                await tx.feeds.lock(feed_id)
            account = await account_of(tx, command.account_id)
            if account.origin is AccountOrigin.CONNECTION:
                raise AccountFedByBankError(account.id)
            # Once more: an import may have begun the feed while we waited for the account.
            for feed_id in await feeds_of(tx, account.id):
                await tx.feeds.erase(feed_id)
                await tx.updates.erase(feed_id)
            await tx.accounts.remove(account.id)
            revision = await tx.revisions.next()
            await tx.revisions.record(
                LedgerChange(revision, "erase", None, None, (account.id,), 0, 0, 1)
            )
            await tx.outbox.append(
                LedgerChanged(command.owner, revision - 1, revision, (account.id,))
            )
            await tx.audit.record(
                command.owner, "ledger.account_closed", {"account_id": str(account.id)}
            )
            await tx.commit()
