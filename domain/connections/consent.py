"""The life of a consent: how long it holds, when renewing it is offered, and when it is needed.

It ends on the provider's own date and no other. EU banks may grant 180 days, many grant 90, some
fewer: nobody here knows a number.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from domain.connections.connection import OFFERED_BEFORE, Connection, ConnectionStatus
from domain.shared.notices import NoticeKind

EXPIRED: Final = "consent_expired"


class RenewalState(StrEnum):
    NONE = "none"
    OFFERED = "offered"
    """It goes on as it is; renewing before `by` keeps it from ending."""
    REQUIRED = "required"
    """Nothing is read until the person has signed in at the bank."""


@dataclass(frozen=True, slots=True)
class Renewal:
    state: RenewalState
    by: datetime | None = None
    """Until when an offer holds: the provider's own date."""
    reason: str | None = None
    """Why it is required, as a stable code."""


NO_RENEWAL: Final = Renewal(RenewalState.NONE)


class ConsentFacts(Protocol):
    """What it takes to know how a consent stands: a connection has it, and so has its view."""

    @property
    def status(self) -> ConnectionStatus: ...
    @property
    def consent_expires_at(self) -> datetime | None: ...
    @property
    def synced_at(self) -> datetime | None: ...
    @property
    def last_error(self) -> str | None: ...


def renewal_of(consent: ConsentFacts, now: datetime) -> Renewal:
    """Whether the person may or must say yes again.

    A date that has passed ends a consent, unless the bank was read after it: then the bank holds
    on to it, whatever its date says, and renewing stays an offer.
    """
    if consent.status in (ConnectionStatus.DISCONNECTING, ConnectionStatus.DISCONNECTED):
        return NO_RENEWAL
    until = consent.consent_expires_at
    if consent.status is ConnectionStatus.REQUIRES_RENEWAL:
        reason = EXPIRED if _passed(until, now) else consent.last_error
        return Renewal(RenewalState.REQUIRED, reason=reason)
    if until is None or now < until - OFFERED_BEFORE:
        return NO_RENEWAL
    read_since = consent.synced_at is not None and consent.synced_at >= until
    if _passed(until, now) and not read_since:
        return Renewal(RenewalState.REQUIRED, reason=EXPIRED)
    return Renewal(RenewalState.OFFERED, by=until)


def look_at(connection: Connection, now: datetime) -> datetime | None:
    """When somebody has to look at the consent next: to offer renewing it, then at its end.

    None: not before something else happens to it.
    """
    until = connection.consent_expires_at
    if until is None or not connection.may_be_read:
        return None
    offered_at = until - OFFERED_BEFORE
    if now < offered_at:
        return offered_at
    return until if now < until else None


def watched_from(connection: Connection) -> datetime | None:
    """When the first of these looks is due; it moves with the consent, and not with the clock."""
    if connection.consent_expires_at is None or not connection.may_be_read:
        return None
    return connection.consent_expires_at - OFFERED_BEFORE


def told_of_lapse(connection: Connection, now: datetime, *, withdrawn: bool) -> NoticeKind:
    """Which news it is for the person that the bank cannot be read any more."""
    if withdrawn:
        return NoticeKind.ACCESS_WITHDRAWN_AT_BANK
    if _passed(connection.consent_expires_at, now):
        return NoticeKind.CONSENT_EXPIRED
    return NoticeKind.RENEWAL_REQUIRED


def _passed(until: datetime | None, now: datetime) -> bool:
    return until is not None and now >= until
