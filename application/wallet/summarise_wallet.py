from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.shared.caller import Claims
from application.shared.clock import Clock
from application.wallet.calendar import month_name, month_of, today
from application.wallet.flows import MOVES, Flow
from application.wallet.ports import Balances, PendingFlow, WalletFigures, WalletReader
from domain.shared.money import Money


@dataclass(frozen=True, slots=True)
class CurrencySummary:
    currency: str
    balance: Money
    """Assets and debts together."""
    assets: Money
    debts: Money
    """Negative: cards, loans, and whatever else is overdrawn."""
    accounts: int
    income: Money
    """Of this month, so far."""
    spending: Money
    """Of this month, so far; negative. Refunds make it less."""
    net: Money
    pending_in: Money
    """Under way, and in none of the figures above."""
    pending_out: Money


@dataclass(frozen=True, slots=True)
class WalletSummary:
    month: str
    """The month that income and spending are of: `2026-03`."""
    currencies: Sequence[CurrencySummary]
    synced_at: datetime | None
    """When a bank was last read; null before the first time."""


@dataclass(frozen=True, slots=True)
class SummariseWallet:
    """What a person has and owes, and how this month goes, in each currency.

    Its cost does not depend on how many transactions there are.
    """

    reader: WalletReader
    clock: Clock

    async def __call__(self, claims: Claims) -> WalletSummary:
        """Raises UnauthenticatedError."""
        month = month_of(today(self.clock.now()))
        figures = await self.reader.figures(claims, month, MOVES)
        balances = {one.currency: one for one in figures.balances}
        pending = {one.currency: one for one in figures.pending}
        flows = {row.currency for row in figures.month}
        return WalletSummary(
            month=month_name(month),
            currencies=tuple(
                _summary(
                    balances.get(currency) or Balances(currency, 0, 0, 0),
                    _flow(figures, currency),
                    pending.get(currency) or PendingFlow(currency, 0, 0),
                )
                for currency in sorted(balances.keys() | pending.keys() | flows)
            ),
            synced_at=figures.synced_at,
        )


def _flow(figures: WalletFigures, currency: str) -> Flow:
    return Flow.total(row for row in figures.month if row.currency == currency)


def _summary(held: Balances, flow: Flow, pending: PendingFlow) -> CurrencySummary:
    currency = held.currency
    return CurrencySummary(
        currency=currency,
        balance=Money(held.assets_minor + held.debts_minor, currency),
        assets=Money(held.assets_minor, currency),
        debts=Money(held.debts_minor, currency),
        accounts=held.accounts,
        income=Money(flow.income, currency),
        spending=Money(flow.spending, currency),
        net=Money(flow.net, currency),
        pending_in=Money(pending.in_minor, currency),
        pending_out=Money(pending.out_minor, currency),
    )
