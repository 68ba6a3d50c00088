"""Which money counts as income and which as spending."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from application.wallet.ports import MonthFlow
from domain.ledger.categories import CATEGORIES, CategoryGroup, counts_in_cash_flow

MOVES: Final = frozenset(code for code in CATEGORIES if not counts_in_cash_flow(code))
"""Categories of money that only changes its pocket."""

_EITHER: Final = frozenset({CategoryGroup.OTHER.value, CategoryGroup.TRANSFER.value})


@dataclass(frozen=True, slots=True)
class Flow:
    """In minor units; spending is negative."""

    income: int = 0
    spending: int = 0

    @property
    def net(self) -> int:
        return self.income + self.spending

    @classmethod
    def of(cls, row: MonthFlow) -> Self:
        """What a group's money in and out means.

        In the group `income` all of it is income. Where a category says nothing (`other`, money
        to and from people) the direction decides. Everywhere else it is spending, and what came
        back (a refund) makes it less.
        """
        if row.group == CategoryGroup.INCOME:
            return cls(income=row.in_minor + row.out_minor)
        if row.group in _EITHER:
            return cls(row.in_minor, row.out_minor)
        return cls(spending=row.in_minor + row.out_minor)

    @classmethod
    def total(cls, rows: Iterable[MonthFlow]) -> Self:
        flows = [cls.of(row) for row in rows]
        return cls(sum(flow.income for flow in flows), sum(flow.spending for flow in flows))
