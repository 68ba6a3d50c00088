"""What the wallet reads: rows that are already summed, never entries one by one."""

from abc import abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from application.shared.caller import Claims
from domain.shared.ids import AccountId


@dataclass(frozen=True, slots=True)
class Balances:
    """What all accounts of one currency hold together; debts are negative."""

    currency: str
    assets_minor: int
    debts_minor: int
    accounts: int


@dataclass(frozen=True, slots=True)
class MonthFlow:
    """A month's money in and out (negative) of one category group."""

    month: date
    currency: str
    group: str
    in_minor: int
    out_minor: int


@dataclass(frozen=True, slots=True)
class PendingFlow:
    currency: str
    in_minor: int
    out_minor: int


@dataclass(frozen=True, slots=True)
class WalletFigures:
    balances: Sequence[Balances]
    month: Sequence[MonthFlow]
    pending: Sequence[PendingFlow]
    synced_at: datetime | None
    """When a bank was last read."""


@dataclass(frozen=True, slots=True)
class AccountHistory:
    """An account's balance now, and what was booked on it in each period since."""

    account_id: AccountId
    currency: str
    balance_minor: int
    booked: Sequence[tuple[date, int]]
    """First day of the period (a day or a month) and net, only in the account's own currency."""


class WalletReader(Protocol):
    @abstractmethod
    async def figures(self, claims: Claims, month: date, moves: Collection[str]) -> WalletFigures:
        """All of it, with the flow of one month; entries of the categories `moves` are no flow.

        Raises UnauthenticatedError.
        """

    @abstractmethod
    async def flows(
        self, claims: Claims, first: date, last: date, moves: Collection[str]
    ) -> Sequence[MonthFlow]:
        """Of the months from `first` to `last`, in order of month, currency and group.

        Raises UnauthenticatedError.
        """

    @abstractmethod
    async def histories(
        self, claims: Claims, after: date, *, monthly: bool
    ) -> Sequence[AccountHistory]:
        """Of every account: what was booked after the day `after`, by day or by month.

        Raises UnauthenticatedError.
        """
