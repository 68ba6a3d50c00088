"""A former access that does not open, where accesses really are sealed."""

from uuid import UUID

import pytest
from sqlalchemy import update

from adapters.postgres.connections.begin import BeginPostgresConnectionsTx
from adapters.postgres.connections.tables import connection_secrets
from adapters.postgres.database import Database
from application.connections.consent.former import formers
from domain.connections.former import former_ids
from domain.shared.ids import ConnectionId, UserId
from domain.shared.secret import Secret
from tests.support.cipher import GlassCipher

ANNA = UserId(UUID(int=1))
HERS = ConnectionId(UUID(int=11))


@pytest.mark.postgres
async def test_one_that_does_not_open_is_named_beside_those_that_do(database: Database) -> None:
    begin = BeginPostgresConnectionsTx(database, GlassCipher())
    sound, torn = former_ids(HERS)[:2]
    async with begin(ANNA) as tx:
        for name in (sound, torn):
            await tx.accesses.put(name, Secret(f"opens {name}"))
        await tx.commit()
    async with database.begin(ANNA) as tx:
        mine = connection_secrets.c.connection_id == torn
        await tx.db.execute(update(connection_secrets).where(mine).values(access=b"of a lost key"))
        await tx.commit()

    async with begin(ANNA) as tx:
        found = await formers(tx, HERS)
        assert dict(found.accesses) == {sound: Secret(f"opens {sound}")}
        assert found.unreadable == (torn,)
        assert await tx.accesses.delete(torn), "and it can be forgotten"
