from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from adapters.crypto.keys import RingNow
from adapters.postgres.database import Database
from adapters.postgres.errors import database_errors
from adapters.postgres.secrets.values import PostgresSealedValues
from application.secrets.ports import BeginSecretsTx, Owners, SecretsTx
from application.shared.cipher import Cipher
from domain.shared.ids import HOUSE, UserId

# Whoever is here, and whoever was: something of theirs may be kept although they left.
_OWNERS: Final = """
    select user_id from audit_heads where user_id > $1
    union select user_id from people_directory where user_id > $1
    order by 1 limit $2
"""


@dataclass(frozen=True, slots=True)
class BeginPostgresSecretsTx(BeginSecretsTx):
    database: Database
    cipher: Cipher
    ring: RingNow

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[SecretsTx]:
        async with self.database.begin(acting_for) as tx:
            yield SecretsTx(
                sealed=PostgresSealedValues(await tx.driver(), acting_for, self.cipher, self.ring),
                jobs=tx.jobs,
                audit=tx.audit,
                commit=tx.commit,
            )


@dataclass(frozen=True, slots=True)
class PostgresOwners(Owners):
    database: Database

    @override
    async def page(self, after: UserId | None, limit: int) -> Sequence[UserId]:
        with database_errors():
            rows = await self.database.reads.fetch(_OWNERS, after or HOUSE, limit)
        return [UserId(row["user_id"]) for row in rows]
