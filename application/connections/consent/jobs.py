"""The background work of consents."""

from dataclasses import dataclass

from application.shared.jobs import Job
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class FindDueConsentsJob(Job):
    """The house's own: find the consents that are to be looked at now."""

    name = "connections.find_due_consents"

    user_id: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtConsentJob(Job):
    """Offer to renew a consent that ends soon, or ask the bank about one that should have ended."""

    name = "connections.look_at_consent"

    user_id: UserId
    connection_id: ConnectionId


def look_key(connection_id: ConnectionId) -> str:
    return f"connections.look_at_consent:{connection_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeFormerJob(Job):
    """End the consent that a renewed connection had under another name."""

    name = "connections.revoke_former"

    user_id: UserId
    connection_id: ConnectionId
    provider: Provider
    former: ConnectionId
    """Under what id its access is kept until then."""


def former_key(former: ConnectionId) -> str:
    return f"connections.revoke_former:{former}"
