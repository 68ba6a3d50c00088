from abc import abstractmethod
from typing import Protocol

from domain.shared.events import Event
from domain.shared.ids import EventId


class Outbox(Protocol):
    """Facts for other contexts, kept in the transaction that made them true."""

    @abstractmethod
    async def append(self, event: Event) -> EventId:
        """Keep the event, and enqueue the job of every handler that subscribes to it.

        Both commit with the rest of the transaction: there is no moment in which the fact is
        there and its consequences are not under way (ADR 0003).
        """


class Inbox(Protocol):
    """Which events a consumer has had, as one transaction sees it."""

    @abstractmethod
    async def first_time(self, consumer: str, event: str) -> bool:
        """Mark `event` as had by `consumer`; False when it was marked before."""

    @abstractmethod
    async def forget(self, consumer: str, event: str) -> None:
        """Take the mark back: nothing came of it, and it may be had again."""
