from dataclasses import dataclass
from datetime import datetime

from application.identity.ports import AccessToken, AccessTokenIssuer
from domain.identity.refresh import RefreshToken
from domain.identity.session import Session
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a device needs to act for a person."""

    user_id: UserId
    session_id: SessionId
    access: AccessToken
    refresh: Secret
    refresh_expires_at: datetime
    at: datetime
    device_token: Secret | None = None
    """What this device should bring the next time: the one it brought, or a new one."""

    @property
    def access_expires_in_s(self) -> int:
        return int((self.access.expires_at - self.at).total_seconds())

    @property
    def refresh_expires_in_s(self) -> int:
        return int((self.refresh_expires_at - self.at).total_seconds())


def signed_in(
    session: Session, issuer: AccessTokenIssuer, refresh: Secret, kept: RefreshToken, now: datetime
) -> SignedIn:
    return SignedIn(
        user_id=session.user_id,
        session_id=session.id,
        access=issuer.issue(session, now),
        refresh=refresh,
        refresh_expires_at=kept.expires_at,
        at=now,
    )
