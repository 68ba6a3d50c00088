from abc import abstractmethod
from collections.abc import Mapping
from typing import Protocol

from domain.shared.ids import UserId


class AuditTrail(Protocol):
    """A person's append-only, hash-chained trail, as one transaction sees it."""

    @abstractmethod
    async def record(
        self,
        user_id: UserId,
        action: str,
        facts: Mapping[str, str | int | bool | None],
        actor: UserId | None = None,
    ) -> None:
        """Append to the chain of `user_id`; `actor` is who did it, the person by default.

        `action` is a dotted name such as `connections.linked`. Facts hold ids and codes, never
        secrets. If this raises, so must the use case: what cannot be audited does not happen.
        """
