from dataclasses import dataclass

from application.ledger.ports import BeginLedgerTx, LedgerChange
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
            source = await tx.accounts.feed_of(command.account_id)
            if source is not None:
                # The feed before its account, as when an update is applied (no deadlocks).
                await tx.feeds.lock(source.feed_id)
            account = await tx.accounts.get(command.account_id)
            if account.origin is AccountOrigin.CONNECTION:
                raise AccountFedByBankError(account.id)
            # Once more: an import may have begun the feed while we waited for the account.
            source = await tx.accounts.feed_of(account.id)
            if source is not None:
                await tx.feeds.erase(source.feed_id)
                await tx.updates.erase(source.feed_id)
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
