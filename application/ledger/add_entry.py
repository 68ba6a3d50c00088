from dataclasses import dataclass
from datetime import date
from uuid import UUID

from application.ledger.changing import write_change
from application.ledger.ports import BeginLedgerTx
from application.ledger.whereabouts import account_of
from application.shared.chance import NewIds
from application.shared.idempotency import IdempotencyKey
from domain.ledger.categories import UNCATEGORISED
from domain.ledger.entry import Entry, ensure_category
from domain.shared.ids import AccountId, EntryId, UserId
from domain.shared.money import CurrencyMismatchError, Money
from domain.shared.observations import EntryStatus


@dataclass(frozen=True, slots=True)
class AddEntryCommand:
    owner: UserId
    account_id: AccountId
    amount: Money
    booked_on: date
    text: str
    category: str | None = None
    counterparty: str | None = None
    note: str | None = None
    key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class AddedEntry:
    id: EntryId
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class AddEntry:
    """Write a transaction into a manual account; in others the bank is the one to say."""

    begin: BeginLedgerTx
    ids: NewIds

    async def __call__(self, command: AddEntryCommand) -> AddedEntry:
        category = command.category or UNCATEGORISED
        ensure_category(category)
        async with self.begin(command.owner) as tx:
            if command.key is not None:
                earlier = await tx.idempotency.earlier_result(command.key)
                if earlier is not None:
                    return AddedEntry(EntryId(UUID(bytes=earlier)), replayed=True)
            account = await account_of(tx, command.account_id)
            account.ensure_manual()
            if command.amount.currency != account.currency:
                raise CurrencyMismatchError(command.amount.currency, account.currency)
            entry = Entry(
                id=EntryId(self.ids.one()),
                account_id=account.id,
                status=EntryStatus.BOOKED,
                amount=command.amount,
                booked_on=command.booked_on,
                text=command.text,
                counterparty=command.counterparty,
                category=category,
                note=command.note,
            )
            await write_change(tx, account, None, entry)
            if command.key is not None:
                await tx.idempotency.keep(command.key, entry.id.bytes)
            await tx.commit()
        return AddedEntry(entry.id)
