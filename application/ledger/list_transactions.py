from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from application.ledger.reading import (
    AccountsReader,
    Position,
    TransactionFilter,
    TransactionsReader,
    TransactionView,
)
from application.shared.caller import Claims
from domain.ledger.categories import CategoryGroup
from domain.ledger.entry import ensure_category

_GROUPS: Final = frozenset(group.value for group in CategoryGroup)


@dataclass(frozen=True, slots=True)
class TransactionsQuery:
    claims: Claims
    wanted: TransactionFilter
    after: Position | None
    limit: int


@dataclass(frozen=True, slots=True)
class ListTransactions:
    """One page of a person's transactions, newest first.

    Raises:
        UnauthenticatedError, UnknownCategoryError, AccountNotFoundError
    """

    transactions: TransactionsReader
    accounts: AccountsReader

    async def __call__(self, query: TransactionsQuery) -> Sequence[TransactionView]:
        wanted = query.wanted
        if wanted.category is not None and wanted.category not in _GROUPS:
            ensure_category(wanted.category)
        rows = await self.transactions.page(query.claims, wanted, query.after, query.limit)
        if not rows and wanted.account_id is not None:
            # "Nothing there" and "no such account" are different answers.
            await self.accounts.get(query.claims, wanted.account_id)
        return rows
