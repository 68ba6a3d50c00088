from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from application.ledger.changing import changing, write_change
from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.shared.keep import KEEP, Keep
from domain.ledger.account import Account
from domain.ledger.entry import Edited, Entry, Part, Removed
from domain.ledger.errors import StaleEntryError
from domain.ledger.errors_transfers import TransferSideError
from domain.ledger.one_account.merged import said_of_it_too, shown_half
from domain.shared.ids import EntryId, UserId
from domain.shared.money import CurrencyMismatchError, Money


@dataclass(frozen=True, slots=True)
class EditEntryCommand:
    """What is `KEEP` stays. Amount, day and counterparty can be changed in manual accounts."""

    owner: UserId
    entry_id: EntryId
    category: str | Keep = KEEP
    note: str | Keep | None = KEEP
    text: str | Keep = KEEP
    parts: Sequence[Part] | Keep = KEEP
    amount: Money | Keep = KEEP
    booked_on: date | Keep = KEEP
    counterparty: str | Keep | None = KEEP
    version: int | None = None
    """The version the person looked at; None: whatever it is."""

    @property
    def touches_facts(self) -> bool:
        return any(fact is not KEEP for fact in (self.amount, self.booked_on, self.counterparty))


@dataclass(frozen=True, slots=True)
class EditEntry:
    """Change what a person may say about a transaction; no feed overwrites it afterwards.

    Raises:
        EntryNotFoundError, AccountFedByBankError, StaleEntryError, SplitDoesNotAddUpError,
        UnknownCategoryError, CurrencyMismatchError, TransferSideError: nothing was changed.
    """

    begin: BeginLedgerTx

    async def __call__(self, command: EditEntryCommand) -> None:
        held = changing(self.begin, command.owner, command.entry_id)
        async with held as (tx, account):
            before = await tx.entries.get(command.entry_id)
            if command.version is not None and command.version != before.version:
                raise StaleEntryError(before.id)
            after = _edited(before, account, command)
            if after != before:
                revision = await write_change(tx, account, before, after)
                await _keep_with_what_was_seen(tx, before, after, revision)
            await tx.commit()


async def _keep_with_what_was_seen(
    tx: LedgerTx, before: Entry, after: Entry, revision: int
) -> None:
    """Said of a booking that was put to a hold: taken apart again, it comes back with that."""
    seen = shown_half(await tx.tellings.told([before.id]))
    formers = {one.was for one in seen if one.was is not None}
    for former in (await tx.entries.load(formers)).values() if formers else ():
        if former.removed is Removed.MERGED:
            await tx.entries.put(said_of_it_too(before, after, former), revision)


def _edited(entry: Entry, account: Account, command: EditEntryCommand) -> Entry:
    if command.touches_facts:
        account.ensure_manual()
        entry = _with_facts(entry, command)
    if not isinstance(command.category, Keep):
        entry = entry.categorised(command.category)
    if not isinstance(command.note, Keep):
        entry = entry.noted(command.note)
    if not isinstance(command.text, Keep):
        entry = replace(entry, text=command.text, edited=entry.edited | {Edited.TEXT})
    if not isinstance(command.parts, Keep):
        entry = entry.split_into(command.parts)
    return entry


def _with_facts(entry: Entry, command: EditEntryCommand) -> Entry:
    amount = entry.amount if isinstance(command.amount, Keep) else command.amount
    if amount.currency != entry.amount.currency:
        raise CurrencyMismatchError(amount.currency, entry.amount.currency)
    if entry.transfer is not None and amount.minor * entry.amount.minor <= 0:
        raise TransferSideError(entry.id, entry.transfer.id)
    return replace(
        entry,
        amount=amount,
        # A split of another amount is none; the person splits anew.
        split=entry.split if amount == entry.amount else (),
        booked_on=entry.booked_on if isinstance(command.booked_on, Keep) else command.booked_on,
        counterparty=(
            entry.counterparty if isinstance(command.counterparty, Keep) else command.counterparty
        ),
    )
