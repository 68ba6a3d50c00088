"""What a person says of a transfer, or of a suggestion to make one."""

from dataclasses import dataclass

from application.ledger.make_transfer import entries_of, join
from application.ledger.transfer_marks import write_marks
from application.ledger.transfers import BeginTransfersTx
from application.shared.clock import Clock
from domain.ledger.errors_transfers import AlreadyInTransferError, TransferNotFoundError
from domain.ledger.transfers import TransferState
from domain.shared.ids import TransferId, UserId


@dataclass(frozen=True, slots=True)
class TransferCommand:
    owner: UserId
    transfer_id: TransferId


@dataclass(frozen=True, slots=True)
class UndoTransfer:
    """Take a transfer apart. These two are never paired again unless the person says so."""

    begin: BeginTransfersTx
    clock: Clock

    async def __call__(self, command: TransferCommand) -> None:
        """Raises TransferNotFoundError."""
        async with self.begin(command.owner) as tx:
            await tx.transfers.accounts()
            transfer = await tx.transfers.get(command.transfer_id)
            if transfer.state is not TransferState.PAIRED:
                raise TransferNotFoundError(transfer.id)
            before = await tx.ledger.entries.load(transfer.pair)
            await tx.transfers.save([transfer.rejected(self.clock.now())])
            after = {one.id: one.unpaired() for one in before.values()}
            await write_marks(tx, command.owner, before, after)
            await tx.ledger.commit()


@dataclass(frozen=True, slots=True)
class ConfirmTransfer:
    """Yes, these two are one transfer; no rule undoes it. Said again, nothing happens."""

    begin: BeginTransfersTx
    clock: Clock

    async def __call__(self, command: TransferCommand) -> None:
        """Pair what was suggested.

        Raises:
            TransferNotFoundError, NoSuggestionError, EntryNotFoundError, AlreadyInTransferError
        """
        async with self.begin(command.owner) as tx:
            accounts = await tx.transfers.accounts()
            transfer = await tx.transfers.get(command.transfer_id)
            if transfer.fixed:
                return
            confirmed = transfer.confirmed(self.clock.now())
            out, into = await entries_of(tx, *transfer.pair)
            for entry in (out, into):
                if entry.transfer is not None:
                    raise AlreadyInTransferError(entry.id, entry.transfer.id)
            await join(tx, command.owner, confirmed, (out, into), accounts)
            await tx.ledger.commit()


@dataclass(frozen=True, slots=True)
class DismissTransfer:
    """No, these two are no transfer; it is not suggested again. Said again, nothing happens."""

    begin: BeginTransfersTx
    clock: Clock

    async def __call__(self, command: TransferCommand) -> None:
        """Raises TransferNotFoundError, NoSuggestionError."""
        async with self.begin(command.owner) as tx:
            await tx.transfers.accounts()
            transfer = await tx.transfers.get(command.transfer_id)
            if transfer.state is TransferState.REJECTED:
                return
            await tx.transfers.save([transfer.dismissed(self.clock.now())])
            await tx.ledger.commit()
