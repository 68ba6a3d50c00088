"""One try to link a bank, from the button to the way back from the bank."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from domain.connections.errors import LinkInProgressError, StateExpiredError, StateUsedError
from domain.connections.ids import AttemptId
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, UserId

STATE_LIFE: Final = timedelta(minutes=10)
EXCHANGE_LEASE: Final = timedelta(seconds=30)
"""How long one request may take to exchange before another one may conclude that it died."""


class AttemptStatus(StrEnum):
    ISSUED = "issued"
    EXCHANGING = "exchanging"
    LINKED = "linked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Every step is committed before the next one begins, so that a crash in between is seen."""

    id: AttemptId
    owner: UserId
    provider: Provider
    state_digest: bytes
    """The state itself is nowhere kept."""
    issued_at: datetime
    expires_at: datetime
    renews: ConnectionId | None = None
    """The connection whose consent is to be renewed; None makes a new one."""
    status: AttemptStatus = AttemptStatus.ISSUED
    return_digest: bytes | None = None
    """What the person came back with, as a digest: the same again may be resumed."""
    lease_until: datetime | None = None
    failure: str | None = None
    version: int = 1

    def came_back(
        self, now: datetime, return_digest: bytes, *, exchange_is_repeatable: bool
    ) -> Self:
        """The next state once the person has come back: `exchanging`, or `failed`.

        Failed, when an exchange was cut off and cannot be repeated: the person links again.

        Raises:
            StateExpiredError, StateUsedError, LinkInProgressError: nothing changes.
        """
        match self.status:
            case AttemptStatus.ISSUED:
                if now >= self.expires_at:
                    raise StateExpiredError(self.id)
                return self._exchanging(now, return_digest)
            case AttemptStatus.EXCHANGING:
                if self.lease_until is not None and now < self.lease_until:
                    raise LinkInProgressError(self.id)
                if exchange_is_repeatable and return_digest == self.return_digest:
                    return self._exchanging(now, return_digest)
                return self.failed("exchange_cut_off")
            case AttemptStatus.LINKED | AttemptStatus.FAILED:
                raise StateUsedError(self.id)

    def _exchanging(self, now: datetime, return_digest: bytes) -> Self:
        return replace(
            self,
            status=AttemptStatus.EXCHANGING,
            return_digest=return_digest,
            lease_until=now + EXCHANGE_LEASE,
        )

    def ensure_held(self, lease_until: datetime | None) -> None:
        """Whoever began to exchange with this lease still holds the attempt.

        Raises:
            LinkInProgressError: another request resumed it.
            StateUsedError: another request concluded it.
        """
        if self.status is not AttemptStatus.EXCHANGING:
            raise StateUsedError(self.id)
        if self.lease_until != lease_until:
            raise LinkInProgressError(self.id)

    def given_back(self) -> Self:
        """The provider was not there and nothing was consumed: the same return may come again."""
        return replace(self, status=AttemptStatus.ISSUED, return_digest=None, lease_until=None)

    def linked(self) -> Self:
        return replace(self, status=AttemptStatus.LINKED, lease_until=None)

    def failed(self, failure: str) -> Self:
        return replace(self, status=AttemptStatus.FAILED, lease_until=None, failure=failure)
