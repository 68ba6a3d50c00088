"""What people's own settings need of the outside world."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from application.identity.ports import People
from application.shared.audit import AuditTrail
from domain.identity.settings import Choices
from domain.shared.ids import UserId


class NotificationChoices(Protocol):
    @abstractmethod
    async def of(self, user_id: UserId) -> Choices:
        """What the person has decided; nothing, for most people."""

    @abstractmethod
    async def save(self, user_id: UserId, choices: Choices) -> None: ...


@dataclass(frozen=True, slots=True)
class SettingsTx:
    """One transaction about what a person chose. Without `commit()` it never happened."""

    people: People
    notifications: NotificationChoices
    audit: AuditTrail
    commit: Callable[[], Awaitable[None]]


class BeginSettingsTx(Protocol):
    @abstractmethod
    def __call__(self, acting_for: UserId) -> AbstractAsyncContextManager[SettingsTx]:
        """Every row that this transaction can see or write belongs to `acting_for`."""


class TimeZones(Protocol):
    @abstractmethod
    def names(self) -> Collection[str]:
        """Those of the IANA time zone database, such as `Europe/Oslo`."""
