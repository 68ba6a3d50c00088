"""Accesses that a renewal has put another one in the place of, until they are ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.connections.consent.jobs import RevokeFormerJob, former_key
from application.connections.ports import ConnectionsTx
from application.shared.chance import NewIds
from application.shared.cipher import SealBrokenError
from domain.connections.connection import Connection
from domain.connections.former import former_ids
from domain.shared.ids import ConnectionId
from domain.shared.secret import Secret


async def retire(tx: ConnectionsTx, connection: Connection, access: Secret, ids: NewIds) -> None:
    """Keep an access aside and have its consent ended; nobody could, once it is forgotten."""
    names = former_ids(connection.id)
    taken = await tx.accesses.held(names)
    # Where so many wait that no name is left, the job alone knows where it is.
    free = next((one for one in names if one not in taken), ConnectionId(ids.one()))
    await tx.accesses.put(free, access)
    await _have_ended(tx, connection, free)


async def end_what_is_left(tx: ConnectionsTx, connection: Connection) -> None:
    """Have ended what is still kept aside: the jobs that were to do it may have died."""
    for name in await tx.accesses.held(former_ids(connection.id)):
        await _have_ended(tx, connection, name)


@dataclass(frozen=True, slots=True)
class Formers:
    """What is still kept aside of a connection."""

    accesses: Mapping[ConnectionId, Secret]
    unreadable: Sequence[ConnectionId]
    """Sealed by a key that is lost: nobody can end these consents from here."""


async def formers(tx: ConnectionsTx, connection_id: ConnectionId) -> Formers:
    found: dict[ConnectionId, Secret] = {}
    unreadable: list[ConnectionId] = []
    for name in await tx.accesses.held(former_ids(connection_id)):
        try:
            access = await tx.accesses.find(name)
        except SealBrokenError:
            unreadable.append(name)
            continue
        if access is not None:
            found[name] = access
    return Formers(found, tuple(unreadable))


async def _have_ended(tx: ConnectionsTx, connection: Connection, former: ConnectionId) -> None:
    await tx.jobs.enqueue(
        RevokeFormerJob(
            user_id=connection.owner,
            connection_id=connection.id,
            provider=connection.provider,
            former=former,
        ),
        unique=former_key(former),
    )
