from dataclasses import dataclass

from application.ledger.changing import account_of, write_change
from application.ledger.ports import BeginLedgerTx
from domain.ledger.entry import Removed
from domain.shared.ids import EntryId, UserId


@dataclass(frozen=True, slots=True)
class RemoveEntryCommand:
    owner: UserId
    entry_id: EntryId


@dataclass(frozen=True, slots=True)
class RemoveEntry:
    """Take a transaction out of the ledger at the person's wish.

    It leaves sums and lists. The bank's balance stays the bank's, and no feed brings it back.
    """

    begin: BeginLedgerTx

    async def __call__(self, command: RemoveEntryCommand) -> None:
        account_id = await account_of(self.begin, command.owner, command.entry_id)
        async with self.begin(command.owner) as tx:
            account = await tx.accounts.get(account_id)
            before = await tx.entries.get(command.entry_id)
            await write_change(tx, account, before, before.taken_away(Removed.BY_PERSON))
            await tx.commit()
