"""One mapping per direction, side by side."""

from typing import Any

from sqlalchemy.engine import Row

from domain.identity.password import CredentialId, PasswordCredential, PasswordHash
from domain.identity.refresh import RefreshToken, TokenHash
from domain.identity.session import Ended, Method, Session, SessionKind
from domain.shared.ids import SessionId, UserId


def credential_from_row(row: Row[Any]) -> PasswordCredential:
    return PasswordCredential(
        user_id=UserId(row.user_id),
        id=CredentialId(row.id),
        hash=PasswordHash(row.secret_hash),
        created_at=row.created_at,
        changed_at=row.changed_at,
        suffices_alone=row.suffices_alone,
    )


def credential_to_row(credential: PasswordCredential) -> dict[str, Any]:
    return {
        "user_id": credential.user_id,
        "id": credential.id,
        "kind": "password",
        "secret_hash": credential.hash,
        "created_at": credential.created_at,
        "changed_at": credential.changed_at,
        "suffices_alone": credential.suffices_alone,
    }


def session_from_row(row: Row[Any]) -> Session:
    return Session(
        user_id=UserId(row.user_id),
        id=SessionId(row.id),
        device=row.device,
        address=row.address,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        idle_expires_at=row.idle_expires_at,
        expires_at=row.expires_at,
        proved_at=row.proved_at,
        methods=frozenset(Method(method) for method in row.methods),
        kind=SessionKind(row.kind),
        ended_at=row.ended_at,
        ended=None if row.ended is None else Ended(row.ended),
    )


def session_to_row(session: Session) -> dict[str, Any]:
    return {
        "user_id": session.user_id,
        "id": session.id,
        "device": session.device,
        "address": session.address,
        "created_at": session.created_at,
        "last_used_at": session.last_used_at,
        "idle_expires_at": session.idle_expires_at,
        "expires_at": session.expires_at,
        "proved_at": session.proved_at,
        "methods": sorted(session.methods),
        "kind": session.kind,
        "ended_at": session.ended_at,
        "ended": session.ended,
    }


def token_from_row(row: Row[Any]) -> RefreshToken:
    return RefreshToken(
        hash=TokenHash(row.hash),
        user_id=UserId(row.user_id),
        session_id=SessionId(row.session_id),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        successor=None if row.successor_hash is None else TokenHash(row.successor_hash),
    )


def token_to_row(token: RefreshToken) -> dict[str, Any]:
    return {
        "hash": token.hash,
        "user_id": token.user_id,
        "session_id": token.session_id,
        "issued_at": token.issued_at,
        "expires_at": token.expires_at,
        "used_at": token.used_at,
        "successor_hash": token.successor,
    }
