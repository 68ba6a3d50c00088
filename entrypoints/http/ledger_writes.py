"""Accounts and transactions that people write themselves, and what they change in others."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, delete, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from application.ledger.add_entry import AddedEntry, AddEntry, AddEntryCommand
from application.ledger.close_account import CloseAccount, CloseAccountCommand
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.open_account import OpenAccount, OpenAccountCommand, OpenedAccount
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from application.shared.caller import Caller
from application.shared.idempotency import IdempotencyKey
from application.shared.keep import KEEP
from domain.ledger.entry import Part
from domain.shared.ids import AccountId, EntryId, UserId
from domain.shared.observations import AccountKind
from domain.shared.scopes import Scope
from entrypoints.http.checks import plain, plain_or_none, sane_day
from entrypoints.http.envelope import Data, Replay
from entrypoints.http.inputs import MoneyIn, Word

NameIn = Annotated[str, msgspec.Meta(min_length=1, max_length=100, examples=["Cash"])]
TextIn = Annotated[str, msgspec.Meta(min_length=1, max_length=500, examples=["Coffee"])]
PayeeIn = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
NoteIn = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
CategoryIn = Annotated[Word, msgspec.Meta(examples=["food.groceries"])]
VersionIn = Annotated[
    int, msgspec.Meta(ge=1, le=2**31 - 1, description="The one you looked at; a newer one is 409.")
]


class NewAccount(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: NameIn
    kind: AccountKind
    opening_balance: MoneyIn
    """What was there before the first transaction; its currency is the account's."""
    opened_on: date | None = None
    """Transactions before this day are in the opening balance already."""

    def command(self, owner: UserId, key: IdempotencyKey | None) -> OpenAccountCommand:
        return OpenAccountCommand(
            owner=owner,
            name=plain(self.name, "name"),
            kind=self.kind,
            opening_balance=self.opening_balance.money("opening_balance"),
            opened_on=None if self.opened_on is None else sane_day(self.opened_on, "opened_on"),
            key=key,
        )


class NewTransaction(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    account_id: UUID
    """A manual account; in others the bank, or your statements, are the ones to say."""
    amount: MoneyIn
    booked_on: date
    text: TextIn
    category: CategoryIn | None = None
    counterparty: PayeeIn | None = None
    note: NoteIn | None = None

    def command(self, owner: UserId, key: IdempotencyKey | None) -> AddEntryCommand:
        return AddEntryCommand(
            owner=owner,
            account_id=AccountId(self.account_id),
            amount=self.amount.money(),
            booked_on=sane_day(self.booked_on, "booked_on"),
            text=plain(self.text, "text"),
            category=self.category,
            counterparty=plain_or_none(self.counterparty, "counterparty"),
            note=plain_or_none(self.note, "note"),
            key=key,
        )


class PartIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    amount: MoneyIn
    category: CategoryIn
    note: NoteIn | None = None

    def part(self, field: str) -> Part:
        note = plain_or_none(self.note, f"{field}.note")
        return Part(self.amount.money(f"{field}.amount"), self.category, note)


class TransactionChanges(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is left out stays. Amount, day and counterparty change in manual accounts only.

    A category is the whole transaction's, so it takes a split back; so does an empty `parts`.
    """

    category: CategoryIn | UnsetType = UNSET
    note: NoteIn | UnsetType | None = UNSET
    """`null` takes it away."""
    text: TextIn | UnsetType = UNSET
    parts: Annotated[tuple[PartIn, ...], msgspec.Meta(max_length=50)] | UnsetType = UNSET
    """At least two that add up to the amount; none takes the split back."""
    amount: MoneyIn | UnsetType = UNSET
    booked_on: date | UnsetType = UNSET
    counterparty: PayeeIn | UnsetType | None = UNSET
    """`null` takes it away."""
    version: VersionIn | None = None

    def command(self, owner: UserId, entry_id: EntryId) -> EditEntryCommand:
        return EditEntryCommand(
            owner=owner,
            entry_id=entry_id,
            category=KEEP if self.category is UNSET else self.category,
            note=KEEP if self.note is UNSET else plain_or_none(self.note, "note"),
            text=KEEP if self.text is UNSET else plain(self.text, "text"),
            parts=KEEP
            if self.parts is UNSET
            else [one.part(f"parts[{at}]") for at, one in enumerate(self.parts)],
            amount=KEEP if self.amount is UNSET else self.amount.money(),
            booked_on=KEEP if self.booked_on is UNSET else sane_day(self.booked_on, "booked_on"),
            counterparty=KEEP
            if self.counterparty is UNSET
            else plain_or_none(self.counterparty, "counterparty"),
            version=self.version,
        )


class Created(msgspec.Struct, frozen=True):
    id: UUID


def created(made: OpenedAccount | AddedEntry) -> Data[Created]:
    return (Replay if made.replayed else Data)(Created(made.id))


@post("/accounts", name="accounts.open", scope=Scope.LEDGER_WRITE)
async def open_account(
    data: JSONBody[NewAccount],
    caller: FromDishka[Caller],
    key: FromDishka[IdempotencyKey | None],
    open_it: FromDishka[OpenAccount],
) -> Data[Created]:
    """Open a manual account: cash, or whatever no bank reports."""
    return created(await open_it(data.command(caller.user_id, key)))


@delete("/accounts/{account_id:uuid}", name="accounts.close", scope=Scope.LEDGER_WRITE)
async def close_account(
    account_id: FromPath[UUID], caller: FromDishka[Caller], close: FromDishka[CloseAccount]
) -> None:
    """Forget a manual or imported account with all its transactions.

    A bank's account goes with its connection.
    """
    await close(CloseAccountCommand(caller.user_id, AccountId(account_id)))


@post("/transactions", name="transactions.add", refuses=(404, 410), scope=Scope.LEDGER_WRITE)
async def add_transaction(
    data: JSONBody[NewTransaction],
    caller: FromDishka[Caller],
    key: FromDishka[IdempotencyKey | None],
    add: FromDishka[AddEntry],
) -> Data[Created]:
    """Write a transaction into a manual account. Outflow is negative."""
    return created(await add(data.command(caller.user_id, key)))


@patch(
    "/transactions/{transaction_id:uuid}",
    status_code=204,
    name="transactions.edit",
    scope=Scope.LEDGER_WRITE,
)
async def edit_transaction(
    transaction_id: FromPath[UUID],
    data: JSONBody[TransactionChanges],
    caller: FromDishka[Caller],
    edit: FromDishka[EditEntry],
) -> None:
    """Change what you say about a transaction. No bank and no statement says otherwise later."""
    await edit(data.command(caller.user_id, EntryId(transaction_id)))


@delete("/transactions/{transaction_id:uuid}", name="transactions.remove", scope=Scope.LEDGER_WRITE)
async def remove_transaction(
    transaction_id: FromPath[UUID], caller: FromDishka[Caller], remove: FromDishka[RemoveEntry]
) -> None:
    """Take a transaction out of lists and sums, for good."""
    await remove(RemoveEntryCommand(caller.user_id, EntryId(transaction_id)))


def ledger_writes_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[
            open_account,
            close_account,
            add_transaction,
            edit_transaction,
            remove_transaction,
        ],
        tags=["ledger"],
    )
