from typing import Any

from sqlalchemy import Row

from domain.connections.attempt import Attempt, AttemptStatus
from domain.connections.connection import Connection, ConnectionStatus
from domain.connections.ids import AttemptId
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, ExternalId, FeedId, UserId


def connection_from_row(row: Row[Any]) -> Connection:
    return Connection(
        id=ConnectionId(row.id),
        owner=UserId(row.user_id),
        provider=Provider(row.provider),
        feed_id=FeedId(row.feed_id),
        external_id=ExternalId(row.external_id),
        institution=row.institution,
        status=ConnectionStatus(row.status),
        consent_expires_at=row.consent_expires_at,
        granted_at=row.granted_at,
        created_at=row.created_at,
        cursor=row.cursor,
        wanted=row.wanted,
        served=row.served,
        synced_at=row.synced_at,
        told_at=row.told_at,
        last_error=row.last_error,
        lapsed_at=row.lapsed_at,
        erase=row.erase,
        version=row.version,
    )


def connection_to_row(connection: Connection) -> dict[str, Any]:
    return {
        "user_id": connection.owner,
        "id": connection.id,
        "provider": connection.provider,
        "feed_id": connection.feed_id,
        "external_id": connection.external_id,
        "institution": connection.institution,
        "status": connection.status,
        "consent_expires_at": connection.consent_expires_at,
        "granted_at": connection.granted_at,
        "created_at": connection.created_at,
        "cursor": connection.cursor,
        "wanted": connection.wanted,
        "served": connection.served,
        "synced_at": connection.synced_at,
        "told_at": connection.told_at,
        "last_error": connection.last_error,
        "lapsed_at": connection.lapsed_at,
        "erase": connection.erase,
        "version": connection.version,
    }


def attempt_from_row(row: Row[Any]) -> Attempt:
    return Attempt(
        id=AttemptId(row.id),
        owner=UserId(row.user_id),
        provider=Provider(row.provider),
        state_digest=row.state_digest,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        renews=None if row.renews is None else ConnectionId(row.renews),
        status=AttemptStatus(row.status),
        return_digest=row.return_digest,
        lease_until=row.lease_until,
        failure=row.failure,
        version=row.version,
    )


def attempt_to_row(attempt: Attempt) -> dict[str, Any]:
    return {
        "user_id": attempt.owner,
        "id": attempt.id,
        "provider": attempt.provider,
        "state_digest": attempt.state_digest,
        "issued_at": attempt.issued_at,
        "expires_at": attempt.expires_at,
        "renews": attempt.renews,
        "status": attempt.status,
        "return_digest": attempt.return_digest,
        "lease_until": attempt.lease_until,
        "failure": attempt.failure,
        "version": attempt.version,
    }
