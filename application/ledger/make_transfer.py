from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from application.ledger.transfer_marks import write_marks
from application.ledger.transfers import BeginTransfersTx, TransfersTx
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.idempotency import IdempotencyKey
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.errors import EntryNotFoundError
from domain.ledger.errors_transfers import AlreadyInTransferError
from domain.ledger.transfers import (
    PAIRER,
    Method,
    Transfer,
    TransferState,
    category_between,
    sides,
)
from domain.shared.ids import EntryId, TransferId, UserId


@dataclass(frozen=True, slots=True)
class MakeTransferCommand:
    owner: UserId
    one: EntryId
    other: EntryId
    """In either order: what left is told by its sign."""
    key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class MadeTransfer:
    id: TransferId
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class MakeTransfer:
    """Take two transactions for one transfer because the person says so; no rule undoes it.

    Raises:
        EntryNotFoundError, SameAccountError, NotOppositeError, AlreadyInTransferError
    """

    begin: BeginTransfersTx
    clock: Clock
    ids: NewIds

    async def __call__(self, command: MakeTransferCommand) -> MadeTransfer:
        async with self.begin(command.owner) as tx:
            if command.key is not None:
                earlier = await tx.ledger.idempotency.earlier_result(command.key)
                if earlier is not None:
                    return MadeTransfer(TransferId(UUID(bytes=earlier)), replayed=True)
            accounts = await tx.transfers.accounts()
            one, other = await entries_of(tx, command.one, command.other)
            out, into = sides(one, other)
            for entry in (out, into):
                if entry.transfer is not None:
                    raise AlreadyInTransferError(entry.id, entry.transfer.id)
            known = await tx.transfers.find((out.id, into.id))
            transfer = (known or self._new(out, into)).paired_by_person(self.clock.now())
            await join(tx, command.owner, transfer, (out, into), accounts)
            if command.key is not None:
                await tx.ledger.idempotency.keep(command.key, transfer.id.bytes)
            await tx.ledger.commit()
        return MadeTransfer(transfer.id)

    def _new(self, out: Entry, into: Entry) -> Transfer:
        return Transfer(
            id=TransferId(self.ids.one()),
            out=out.id,
            into=into.id,
            state=TransferState.PAIRED,
            method=Method.PERSON,
            confidence=100,
            pairer=PAIRER,
            by_person=True,
            made_at=self.clock.now(),
        )


async def entries_of(tx: TransfersTx, *entry_ids: EntryId) -> list[Entry]:
    """Locked, none of them removed. Raises EntryNotFoundError."""
    found = await tx.ledger.entries.load(entry_ids)
    for entry_id in entry_ids:
        if entry_id not in found or found[entry_id].removed is not None:
            raise EntryNotFoundError(entry_id)
    return [found[entry_id] for entry_id in entry_ids]


async def join(
    tx: TransfersTx,
    owner: UserId,
    transfer: Transfer,
    both: tuple[Entry, Entry],
    accounts: Sequence[Account],
) -> None:
    """Write that these two are that transfer."""
    out, into = both
    category = category_between(accounts, out, into)
    after = {
        out.id: out.paired(transfer.id, into, category),
        into.id: into.paired(transfer.id, out, category),
    }
    await tx.transfers.save([transfer])
    await write_marks(tx, owner, {one.id: one for one in both}, after)
