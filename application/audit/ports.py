from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.audit.chain import AuditEntry, Head
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class ChainPage:
    """A piece of one chain and the head, seen at the same moment."""

    head: Head
    entries: Sequence[AuditEntry]


class AuditChains(Protocol):
    """The trails of everybody, one person at a time."""

    @abstractmethod
    async def persons(self, after: UserId | None, limit: int) -> Sequence[UserId]:
        """Everybody who has, or must have, a trail, in ascending order of id."""

    @abstractmethod
    async def page(self, user_id: UserId, after: int, limit: int) -> ChainPage:
        """Up to `limit` entries with a `seq` above `after`, oldest first.

        A person without a head has an empty one.
        """
