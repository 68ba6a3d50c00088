from dataclasses import dataclass

from application.ledger.changing import changing, write_change
from application.ledger.ports import BeginLedgerTx
from domain.ledger.one_account.merged import deleted_among
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
        held = changing(self.begin, command.owner, command.entry_id)
        async with held as (tx, account):
            before = await tx.entries.get(command.entry_id)
            after = deleted_among(before, await tx.tellings.told([before.id]))
            await write_change(tx, account, before, after)
            await tx.commit()
