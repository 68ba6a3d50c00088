"""The receipt of a withdrawal, as the person reads it."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from application.shared.receipts import Line, Revocation
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, UserId


class ReceiptState(StrEnum):
    REVOKING = "revoking"
    """The provider has not confirmed yet that the consent is over; it is asked again."""
    CLEARING = "clearing"
    """The consent is over; what the link brought is being put away."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ReceiptView:
    connection_id: ConnectionId
    provider: Provider
    state: ReceiptState
    erase: bool
    """Whether everything that the link brought was to go, too."""
    asked_at: datetime
    tries: int
    """How often the provider was asked to end the consent."""
    last_error: str | None
    """Why the last try failed, while the provider has not confirmed. `seal_broken` afterwards: a
    consent from before a renewal could not be ended, since what opened it cannot be read."""
    revoked_at: datetime | None
    revocation: Revocation | None
    done_at: datetime | None
    lines: Sequence[Line]
    """What was deleted and what was kept, as far as it is done."""


def state_of(*, revoked: bool, link_done: bool, ledger_done: bool) -> ReceiptState:
    if not revoked:
        return ReceiptState.REVOKING
    return ReceiptState.DONE if link_done and ledger_done else ReceiptState.CLEARING


class ReceiptsReader(Protocol):
    @abstractmethod
    async def get(self, user_id: UserId, connection_id: ConnectionId) -> ReceiptView:
        """Raises ReceiptNotFoundError."""
