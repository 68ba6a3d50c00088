"""What acting on others needs of the outside world."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.identity.ports import People, Sessions
from application.shared.audit import AuditTrail
from domain.identity.person import PersonStatus
from domain.identity.roles import Role
from domain.shared.ids import UserId


class Admins(Protocol):
    @abstractmethod
    async def hold(self) -> frozenset[UserId]:
        """The administrators who can sign in; none of them stops being one until the end.

        To be called after the person was held, never before: so two who act on each other wait
        in one order.
        """


@dataclass(frozen=True, slots=True)
class StaffTx:
    """One transaction about one person, by somebody else. Without `commit()` it never happened."""

    people: People
    sessions: Sessions
    admins: Admins
    audit: AuditTrail
    commit: Callable[[], Awaitable[None]]


class BeginStaffTx(Protocol):
    @abstractmethod
    def __call__(self, about: UserId) -> AbstractAsyncContextManager[StaffTx]:
        """Every row of a person that it can see or write belongs to `about`."""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One line of the list of people: nothing that is personal."""

    id: UserId
    status: PersonStatus
    role: Role
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    status: PersonStatus | None = None
    role: Role | None = None


class PeopleDirectory(Protocol):
    """Who there is. It is kept in the transactions that make and change people."""

    @abstractmethod
    async def page(
        self, wanted: PeopleFilter, after: UserId | None, limit: int
    ) -> Sequence[PersonLine]:
        """The newest first, and one more than `limit` when there are more."""


ActionPosition = tuple[datetime, UserId, int]
"""When an action was, whom it was done to, and its number in their trail."""


@dataclass(frozen=True, slots=True)
class StaffAction:
    """One thing that somebody did to somebody else: where it stands in that person's trail."""

    user_id: UserId
    seq: int
    action: str
    at: datetime


class StaffActions(Protocol):
    @abstractmethod
    async def of(
        self, actor: UserId, before: ActionPosition | None, limit: int
    ) -> Sequence[StaffAction]:
        """The latest first, and one more than `limit` when there are more."""
