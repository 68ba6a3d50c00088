"""A person's standing permission to read one bank login."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from domain.connections.errors import ConnectionEndedError, ConsentLapsedError
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, ExternalId, FeedId, UserId

OFFERED_BEFORE: Final = timedelta(days=7)
"""How long before its end renewing a consent is offered; Plaid warns as early, too."""
GRACE: Final = timedelta(hours=1)
"""How late the rhythm may be with a connection whose provider tells us of news."""


class ConnectionStatus(StrEnum):
    ACTIVE = "active"
    REQUIRES_RENEWAL = "requires_renewal"
    """The bank wants the person to sign in again."""
    DEGRADED = "degraded"
    """The provider does not answer properly at the moment; we go on trying."""
    DISCONNECTING = "disconnecting"
    """The person withdrew; the provider has not confirmed yet."""
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    id: ConnectionId
    owner: UserId
    provider: Provider
    feed_id: FeedId
    external_id: ExternalId
    institution: str | None
    status: ConnectionStatus
    consent_expires_at: datetime | None
    granted_at: datetime
    """When the present consent began: the person linked or renewed it here, or the provider
    confirmed that it was repaired or prolonged elsewhere. What is told of a consent is told once
    for each such beginning."""
    created_at: datetime
    cursor: str | None = None
    """Where the next update begins, in the provider's words; None for everything there is."""
    wanted: int = 1
    """How often a sync was wished for. It runs ahead of `served` while a wish is open."""
    served: int = 0
    synced_at: datetime | None = None
    told_at: datetime | None = None
    """When the provider last told us something on its own account."""
    last_error: str | None = None
    """The code of what went wrong last; None once a sync went well."""
    lapsed_at: datetime | None = None
    """Since when the bank wants the person to sign in; None again once it was read."""
    erase: bool = False
    """Withdrawn together with everything the connection brought."""
    version: int = 1

    @property
    def ended(self) -> bool:
        return self.status in (ConnectionStatus.DISCONNECTING, ConnectionStatus.DISCONNECTED)

    @property
    def may_be_read(self) -> bool:
        return self.status in (ConnectionStatus.ACTIVE, ConnectionStatus.DEGRADED)

    def is_behind(self, now: datetime, every: timedelta) -> bool:
        """Whether somebody has to look after it who should have by now.

        Who is told of news can be a little late; who never was has nothing but our asking.
        """
        if self.status is ConnectionStatus.DISCONNECTING:
            return True
        if not self.may_be_read:
            return False
        due_at = (self.synced_at or self.granted_at) + every
        late_at = due_at if self.told_at is None else due_at + GRACE
        return self.wanted > self.served or now >= late_at

    def ensure_not_ended(self) -> None:
        if self.ended:
            raise ConnectionEndedError(self.id)

    def sync_wanted(self) -> Self:
        """One more wish. Raises ConnectionEndedError, ConsentLapsedError."""
        self.ensure_not_ended()
        if not self.may_be_read:
            raise ConsentLapsedError(self.id)
        return replace(self, wanted=self.wanted + 1)

    def sign_in_repaired(self) -> Self:
        """The provider says that the person has signed in again: read, and see whether it is so."""
        return replace(
            self, status=ConnectionStatus.ACTIVE, wanted=self.wanted + 1, last_error=None
        )

    def told(self, at: datetime) -> Self:
        return replace(self, told_at=max(at, self.told_at or at))

    def consent_until(self, expires_at: datetime | None, at: datetime) -> Self:
        """The provider's own date; where it has none, the last one it gave stands.

        One that leads out of the last week again is a new lease of life that somebody gave the
        consent elsewhere (the bank, another application).
        """
        before, until = self.consent_expires_at, expires_at or self.consent_expires_at
        if before is None or until is None or until == before:
            return replace(self, consent_expires_at=until)
        prolonged = before - OFFERED_BEFORE <= at < until - OFFERED_BEFORE
        granted_at = at if prolonged else self.granted_at
        return replace(self, consent_expires_at=until, granted_at=granted_at)

    def synced(self, cursor: str | None, served: int, at: datetime) -> Self:
        return replace(
            self,
            status=ConnectionStatus.ACTIVE,
            cursor=cursor,
            served=served,
            synced_at=at,
            last_error=None,
            # Read after it had lapsed: the sign-in was repaired, and a new consent has begun.
            granted_at=self.granted_at if self.lapsed_at is None else at,
            lapsed_at=None,
        )

    def degraded(self, error: str) -> Self:
        return replace(self, status=ConnectionStatus.DEGRADED, last_error=error)

    def consent_lapsed(self, error: str, at: datetime) -> Self:
        return replace(
            self,
            status=ConnectionStatus.REQUIRES_RENEWAL,
            last_error=error,
            lapsed_at=self.lapsed_at or at,
        )

    def renewed(
        self,
        external_id: ExternalId,
        institution: str | None,
        consent_expires_at: datetime | None,
        at: datetime,
    ) -> Self:
        """The person said yes again; what was read stays.

        When the provider knows the link by a new name, its cursor means nothing any more: the
        feed goes on from the beginning. Accounts and booked entries that the ledger is sure to
        have had before are recognised there; what it cannot tell is taken as new.
        """
        return replace(
            self,
            status=ConnectionStatus.ACTIVE,
            external_id=external_id,
            institution=institution or self.institution,
            consent_expires_at=consent_expires_at,
            granted_at=at,
            cursor=self.cursor if external_id == self.external_id else None,
            wanted=self.wanted + 1,
            last_error=None,
            lapsed_at=None,
        )

    def may_become(self, institution: str | None) -> bool:
        """Whether a login there can continue this history: never that of another bank."""
        return institution is None or self.institution is None or institution == self.institution

    def withdrawn(self, *, erase: bool) -> Self:
        """The person wants out. Saying it twice is harmless; `erase` once said stays said."""
        if self.status is ConnectionStatus.DISCONNECTED and (self.erase or not erase):
            return self
        return replace(
            self, status=ConnectionStatus.DISCONNECTING, erase=self.erase or erase, last_error=None
        )

    def revocation_failed(self, error: str) -> Self:
        return replace(self, last_error=error)

    def disconnected(self) -> Self:
        return replace(
            self,
            status=ConnectionStatus.DISCONNECTED,
            consent_expires_at=None,
            cursor=None,
            last_error=None,
            lapsed_at=None,
        )
