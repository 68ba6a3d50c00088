"""Exchange rates: where they come from, where they are kept, and who may ask."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from application.shared.caller import Claims
from application.shared.jobs import JobQueue
from domain.ledger.rates import Quote


class Rates(Protocol):
    """A central bank's reference rates, over the network."""

    @abstractmethod
    async def between(self, first: date, last: date) -> Sequence[Quote]:
        """Every currency's quote of every banking day from `first` to `last`, both included.

        Days and currencies without a quote are left out; there may be none at all.

        Raises:
            UnavailableError: it may be asked again later.
        """


class KeptRates(Protocol):
    """Quotes as one transaction sees them. What is kept once never changes."""

    @abstractmethod
    async def span(self) -> tuple[date, date] | None:
        """How far back was asked, and the newest day with a quote; None: there are no quotes."""

    @abstractmethod
    async def reached(self, day: date) -> None:
        """From that day on everything that was published is kept, also where that is nothing."""

    @abstractmethod
    async def add(self, quotes: Sequence[Quote]) -> int:
        """Keep those that are not kept yet; returns how many there were."""

    @abstractmethod
    async def between(
        self, currencies: Collection[str], first: date, last: date
    ) -> Sequence[Quote]: ...


@dataclass(frozen=True, slots=True)
class RatesTx:
    """One transaction of the house."""

    rates: KeptRates
    jobs: JobQueue
    commit: Callable[[], Awaitable[None]]


class BeginRatesTx(Protocol):
    @abstractmethod
    def __call__(self) -> AbstractAsyncContextManager[RatesTx]: ...


class RatesReader(Protocol):
    @abstractmethod
    async def between(
        self, claims: Claims, currencies: Collection[str], first: date, last: date
    ) -> Sequence[Quote]:
        """Raises UnauthenticatedError."""
