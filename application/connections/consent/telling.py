"""Telling a person what becomes of their consent, once; and being there when it is time to."""

from application.connections.ports import ConnectionsTx
from domain.connections.connection import Connection
from domain.connections.consent import watched_from
from domain.shared.events import ConsentNoticed
from domain.shared.notices import NoticeKind


async def tell(tx: ConnectionsTx, connection: Connection, kind: NoticeKind) -> None:
    """Keep the news, and have it sent. Nothing happens when it was told before."""
    notice_id = await tx.notices.raise_once(connection, kind)
    if notice_id is None:
        return
    until = connection.consent_expires_at if kind is NoticeKind.RENEWAL_OFFERED else None
    until_s = 0 if until is None else int(until.timestamp())
    await tx.outbox.append(ConsentNoticed(connection.owner, notice_id, kind, until_s))


async def watch(tx: ConnectionsTx, before: Connection | None, after: Connection) -> None:
    """Have the consent looked at in time; nothing is written while its date stays the same."""
    due_at = watched_from(after)
    if before is None or watched_from(before) != due_at:
        await tx.terms.put(after.id, due_at)
