"""Reading accounts and transactions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, get
from litestar.params import FromPath, FromQuery, QueryParameter

from application.ledger.list_transactions import ListTransactions, TransactionsQuery
from application.ledger.reading import (
    AccountsReader,
    AccountView,
    Position,
    TransactionDetails,
    TransactionFilter,
    TransactionsReader,
    TransactionView,
)
from application.shared.caller import Claims
from domain.ledger.categories import CATEGORIES, CategoryGroup, counts_in_cash_flow, group_of
from domain.shared.errors import FieldProblem, InvalidFieldsError
from domain.shared.ids import AccountId, EntryId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus
from domain.shared.scopes import Scope
from entrypoints.http.checks import ensure_order
from entrypoints.http.envelope import Data, Listing
from entrypoints.http.inputs import AMOUNT_PATTERN, CURRENCY_PATTERN, WORD_PATTERN, money_of
from entrypoints.http.pages import LIMIT_DEFAULT, Cursor, Cursors, Limit
from entrypoints.http.problem import InvalidRequestError

_SIGNED = "Inclusive and signed: what leaves an account is negative. Needs `currency`."

Category = Annotated[
    str | None,
    QueryParameter(
        pattern=WORD_PATTERN,
        max_length=80,
        description="A category (`food.groceries`) or a group (`food`); parts of a split count.",
    ),
]
BookedFrom = Annotated[date | None, QueryParameter(name="from", description="Booked on or after.")]
BookedTo = Annotated[date | None, QueryParameter(name="to", description="Booked on or before.")]
Amount = Annotated[
    str | None, QueryParameter(pattern=AMOUNT_PATTERN, max_length=21, description=_SIGNED)
]
Currency = Annotated[str | None, QueryParameter(pattern=CURRENCY_PATTERN, description="ISO 4217.")]
Search = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=200,
        description="Somewhere in text, counterparty or note, in any case.",
    ),
]


@dataclass(frozen=True, slots=True)
class CategoryView:
    code: str
    name: str
    group: CategoryGroup
    counts_in_cash_flow: bool
    """False for money that only moves between a person's own accounts."""


@get("/transactions", name="transactions.list", scope=Scope.LEDGER_READ, refuses=(404, 410, 422))
async def list_transactions(
    *,
    claims: FromDishka[Claims],
    cursors: FromDishka[Cursors],
    list_page: FromDishka[ListTransactions],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
    account_id: FromQuery[UUID | None] = None,
    category: Category = None,
    booked_from: BookedFrom = None,
    booked_to: BookedTo = None,
    min_amount: Amount = None,
    max_amount: Amount = None,
    currency: Currency = None,
    q: Search = None,
    status: FromQuery[EntryStatus | None] = None,
) -> Listing[TransactionView]:
    """A person's transactions, newest first.

    Pending ones are among them. What a bank has taken back, or the person has deleted, is not.
    """
    ensure_order(booked_from, booked_to)
    wanted = TransactionFilter(
        account_id=None if account_id is None else AccountId(account_id),
        category=category,
        booked_from=booked_from,
        booked_to=booked_to,
        minimum=_bound("min_amount", min_amount, currency),
        maximum=_bound("max_amount", max_amount, currency),
        text=q,
        status=status,
        currency=currency,
    )
    _ensure_ascending(wanted.minimum, wanted.maximum)
    filters = ("transactions", claims.user_id, wanted)
    after = cursors.read(cursor, filters, Position)
    rows = await list_page(TransactionsQuery(claims, wanted, after, limit + 1))
    return cursors.page(rows, limit, _position, filters)


@get("/transactions/{transaction_id:uuid}", name="transactions.get", scope=Scope.LEDGER_READ)
async def view_transaction(
    transaction_id: FromPath[UUID],
    claims: FromDishka[Claims],
    reader: FromDishka[TransactionsReader],
) -> Data[TransactionDetails]:
    """One transaction, with its parts and where it comes from."""
    return Data(await reader.get(claims, EntryId(transaction_id)))


@get("/accounts", name="accounts.list", scope=Scope.LEDGER_READ)
async def list_accounts(
    claims: FromDishka[Claims], reader: FromDishka[AccountsReader]
) -> Data[Sequence[AccountView]]:
    """Every account of the person with its balance, oldest first."""
    return Data(await reader.list(claims))


@get("/banking/accounts", name="banking.accounts", scope=Scope.LEDGER_READ)
async def list_banking_accounts(
    claims: FromDishka[Claims], reader: FromDishka[AccountsReader]
) -> Data[Sequence[AccountView]]:
    """The same accounts, where those who link banks look for them."""
    return Data(await reader.list(claims))


@get("/accounts/{account_id:uuid}", name="accounts.get", scope=Scope.LEDGER_READ)
async def view_account(
    account_id: FromPath[UUID], claims: FromDishka[Claims], reader: FromDishka[AccountsReader]
) -> Data[AccountView]:
    """One account."""
    return Data(await reader.get(claims, AccountId(account_id)))


@get("/categories", public=True, name="categories.list", limit="public")
async def list_categories() -> Data[Sequence[CategoryView]]:
    """Every category there is. Codes are stable; `group.leaf`."""
    return Data(
        tuple(
            CategoryView(code, name, group_of(code), counts_in_cash_flow(code))
            for code, name in CATEGORIES.items()
        )
    )


def ledger_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[
            list_transactions,
            view_transaction,
            list_accounts,
            list_banking_accounts,
            view_account,
            list_categories,
        ],
        tags=["ledger"],
    )


def _bound(field: str, amount: str | None, currency: str | None) -> Money | None:
    """Amounts of different currencies are not comparable, so the range must say which it means."""
    if amount is None:
        return None
    if currency is None:
        raise InvalidRequestError(
            FieldProblem("currency", "missing", f"say which currency {field} is in")
        )
    return money_of(amount, currency, field)


def _ensure_ascending(least: Money | None, most: Money | None) -> None:
    if least is not None and most is not None and least.minor > most.minor:
        raise InvalidFieldsError(
            FieldProblem("min_amount", "range_backwards", "`min_amount` is more than `max_amount`")
        )


def _position(last: TransactionView) -> Position:
    return Position(last.booked_on, EntryId(last.id))
