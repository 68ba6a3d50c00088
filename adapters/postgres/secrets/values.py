import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg
from typing_extensions import override

from adapters.crypto.aes_gcm import VERSION, prefix_of
from adapters.crypto.keys import RingNow
from adapters.postgres.secrets.sealed_columns import SEALED, SealedColumn
from application.secrets.ports import Batch, SealedValues
from application.shared.cipher import Cipher, SealBrokenError, SealContext
from domain.secrets.health import Use
from domain.shared.ids import HOUSE, UserId

_HEAD: Final = 34
"""Version, length, and a key's name at its longest: no more of a value is read to count it."""


@dataclass(frozen=True, slots=True)
class PostgresSealedValues(SealedValues):
    """Inside the caller's transaction; SQL is made of names in SEALED, never of anything sent."""

    db: asyncpg.Connection
    acting_for: UserId
    cipher: Cipher
    ring: RingNow
    columns: Sequence[SealedColumn] = SEALED

    @override
    async def uses(self) -> Sequence[Use]:
        mine = [one for one in self.columns if one.walled == (self.acting_for != HOUSE)]
        parts = " union all ".join(_count(one) for one in mine)
        parameters = () if self.acting_for == HOUSE else (self.acting_for,)
        rows = await self.db.fetch(parts, *parameters)
        return tuple(Use(row["place"], row["key"], row["count"]) for row in rows)

    @override
    async def reseal(self, column: str, after: object | None) -> Batch:
        one = next(one for one in self.columns if one.name == column)
        rows = await self._next(one, after)
        fresh = await asyncio.to_thread(self._fresh, one, rows)
        key = " and ".join(f"{name} = ${at}" for at, name in enumerate(one.key, 2))
        await self.db.executemany(
            f"update {one.table} set {one.column} = $1 where {key}",  # noqa: S608
            [(value, *_key(one, row)) for row, value in fresh],
        )
        return Batch(len(fresh), _key(one, rows[-1]) if len(rows) == one.batch else None)

    async def _next(self, one: SealedColumn, after: object | None) -> Sequence[asyncpg.Record]:
        """Locked, so that nobody writes between our reading and our writing.

        Never waited for: whoever locks in another order than we do would wait for us in turn.
        """
        prefix = prefix_of(self.ring().newest.id)
        parameters: list[Any] = [prefix, len(prefix)]
        where = f"{one.column} is not null and substring({one.column}, 1, $2::int) <> $1"
        if one.walled:
            parameters.append(self.acting_for)
            where += f" and user_id = ${len(parameters)}"
        keys = ", ".join(one.key)
        if isinstance(after, tuple):
            first = len(parameters) + 1
            parameters += after
            places = ", ".join(f"${at}" for at in range(first, first + len(after)))
            where += f" and ({keys}) > ({places})"
        wanted = ", ".join(dict.fromkeys((*one.key, one.owner, one.row, one.column)))
        found: Sequence[asyncpg.Record] = await self.db.fetch(
            f"select {wanted} from {one.table} where {where} order by {keys}"  # noqa: S608
            f" limit {one.batch} for no key update skip locked",
            *parameters,
        )
        return found

    def _fresh(
        self, one: SealedColumn, rows: Sequence[asyncpg.Record]
    ) -> list[tuple[asyncpg.Record, bytes]]:
        found = []
        for row in rows:
            context = SealContext(one.purpose, UserId(row[one.owner]), _row_id(row[one.row]))
            try:
                plain = self.cipher.open(row[one.column], context)
            except SealBrokenError:
                continue  # it stays as it is, and is counted among what is left
            found.append((row, self.cipher.seal(plain, context)))
        return found


def _count(one: SealedColumn) -> str:
    value = one.column
    head, size = f"substring({value}, 1, {_HEAD})", f"get_byte(substring({value}, 1, 2), 1)"
    whole = f"octet_length({value}) >= 2 and get_byte({head}, 0) = {VERSION}"
    name = f"case when {whole} then nullif(encode(substring({head}, 3, {size}), 'escape'), '') end"
    mine = " and user_id = $1" if one.walled else ""
    return (
        f"select '{one.name}' as place, {name} as key, count(*) from {one.table}"  # noqa: S608
        f" where {value} is not null{mine} group by 2"
    )


def _key(one: SealedColumn, row: asyncpg.Record) -> tuple[Any, ...]:
    return tuple(row[name] for name in one.key)


def _row_id(value: UUID | bytes) -> UUID:
    return UUID(bytes=value[:16]) if isinstance(value, bytes) else value
