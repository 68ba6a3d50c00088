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
    """It is not asked any more; what the link brought is being put away."""
    DONE = "done"


class Ending(StrEnum):
    """How the consent ended at the provider, as far as anybody here can say."""

    CONFIRMED = "confirmed"
    GONE_ALREADY = "gone_already"
    NOT_CONFIRMED = "not_confirmed"
    """It could not be ended from here, and what opened it is forgotten all the same: it may live
    on at the bank until its own end, and can be withdrawn there."""


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
    """Why the last try failed, while the provider has not confirmed. After `revoked_at`: why a
    consent from before a renewal could not be ended."""
    revoked_at: datetime | None
    """When the provider said that the consent is over; None for good where it never did."""
    revocation: Ending | None
    """None as long as the provider is asked."""
    done_at: datetime | None
    lines: Sequence[Line]
    """What was deleted and what was kept, as far as it is done."""


def ending_of(revocation: Revocation | None, *, link_done: bool) -> Ending | None:
    """The link is put away only once it was revoked, or nobody tries that any longer."""
    if revocation is None:
        return Ending.NOT_CONFIRMED if link_done else None
    return Ending(revocation)


def state_of(ending: Ending | None, *, link_done: bool, ledger_done: bool) -> ReceiptState:
    if ending is None:
        return ReceiptState.REVOKING
    return ReceiptState.DONE if link_done and ledger_done else ReceiptState.CLEARING


class ReceiptsReader(Protocol):
    @abstractmethod
    async def get(self, user_id: UserId, connection_id: ConnectionId) -> ReceiptView:
        """Raises ReceiptNotFoundError."""
