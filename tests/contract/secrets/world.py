"""Rows with something sealed in every column that there is, and the keys to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
from typing_extensions import override

from adapters.crypto.aes_gcm import AesGcmCipher, aes_gcm_cipher
from adapters.crypto.keys import Key, KeyRing
from adapters.postgres.database import Database
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.postgres.secrets.begin import BeginPostgresSecretsTx, PostgresOwners
from adapters.postgres.secrets.sealed_columns import SEALED, SealedColumn
from application.secrets.ports import BeginSecretsTx, KeyKeeper, Turn
from application.secrets.reseal import Reseal
from application.shared.cipher import SealContext
from domain.secrets.ring import Facts, RingName
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from tests.support.clock import NOON, FixedClock

OLD, NEW = Key("1", b"o" * 32), Key("2", b"n" * 32, made=NOON)
ANNA, BJORN, CECILIE = (UserId(UUID(int=(0x0190 << 112) + n)) for n in (1, 2, 3))
EVERYBODY = (ANNA, BJORN, CECILIE)
EACH = 5
"""Rows of each person in each table that lets them have several."""


@dataclass(slots=True)
class Keys(KeyKeeper):
    """A ring that a test turns by hand."""

    held: KeyRing = field(default_factory=lambda: KeyRing([OLD]))

    def __call__(self) -> KeyRing:
        return self.held

    @override
    def ring(self, name: RingName) -> Facts:
        return self.held.facts

    @override
    def at_once(self, name: RingName) -> bool:
        return True

    @override
    def put(self, turns: Mapping[RingName, Turn]) -> Mapping[str, Secret]:
        raise AssertionError("a job changes no ring")


@dataclass(slots=True)
class Vault:
    database: Database
    admin: asyncpg.Connection
    board: PostgresJobBoard
    clock: FixedClock
    keys: Keys = field(default_factory=Keys)
    plain: dict[tuple[str, bytes], bytes] = field(default_factory=dict)
    """What was sealed, by its column and its row's key."""

    @property
    def cipher(self) -> AesGcmCipher:
        return aes_gcm_cipher(self.keys, b"l" * 32)

    @property
    def begin(self) -> BeginPostgresSecretsTx:
        return BeginPostgresSecretsTx(self.database, self.cipher, self.keys)

    def reseal(self, begin: BeginSecretsTx | None = None) -> Reseal:
        return Reseal(
            self.keys, begin or self.begin, PostgresOwners(self.database), self.clock, persons=2
        )

    async def fill(self) -> None:
        """The tables' own rules are not what is asked here, so they are lifted."""
        tables = ", ".join(f"'{one.table}'" for one in SEALED)
        await self.admin.execute(_WITHOUT_RULES.format(tables=tables))
        for person in EVERYBODY:
            await self.admin.execute(
                "insert into audit_heads (user_id, seq, hash) values ($1, 0, $2)",
                person,
                bytes(32),
            )
            for table in dict.fromkeys(one.table for one in SEALED):
                alone = next(one for one in SEALED if one.table == table).key == ("user_id",)
                for number in range(1 if alone else EACH):
                    await self._add(table, person, number)

    async def _add(self, table: str, person: UserId, number: int) -> None:
        columns = await self.admin.fetch(_COLUMNS, table)
        row = {one["name"]: _some(one, person, table, number) for one in columns}
        for one in SEALED:
            if one.table == table:
                text = f"{one.name} {number} of {person}".encode()
                row[one.column] = self.cipher.seal(text, context_of(one, row))
                self.plain[one.name, key_of(one, row)] = text
        names, places = ", ".join(row), ", ".join(f"${at}" for at in range(1, len(row) + 1))
        await self.admin.execute(
            f"insert into {table} ({names}) values ({places})",  # noqa: S608
            *row.values(),
        )

    async def rows(self) -> Mapping[str, Sequence[asyncpg.Record]]:
        return {
            table: await self.admin.fetch(f"select * from {table} order by 1, 2, 3")  # noqa: S608
            for table in dict.fromkeys(one.table for one in SEALED)
        }

    async def opened(self) -> dict[tuple[str, bytes], bytes]:
        """Everything, as its owner reads it."""
        rows = await self.rows()
        return {
            (one.name, key_of(one, dict(row))): self.cipher.open(
                row[one.column], context_of(one, dict(row))
            )
            for one in SEALED
            for row in rows[one.table]
        }


def context_of(one: SealedColumn, row: Mapping[str, object]) -> SealContext:
    owner, named = row[one.owner], row[one.row]
    assert isinstance(owner, UUID)
    if isinstance(named, bytes):
        named = UUID(bytes=named[:16])
    assert isinstance(named, UUID)
    return SealContext(one.purpose, UserId(owner), named)


def key_of(one: SealedColumn, row: Mapping[str, object]) -> bytes:
    parts = (row[name] for name in one.key)
    return b"|".join(part.bytes if isinstance(part, UUID) else _bytes(part) for part in parts)


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value


def _some(column: asyncpg.Record, person: UserId, table: str, number: int) -> object:
    """A value of the column's type; those of keys differ from row to row."""
    own = UUID(int=(person.int << 8) % (1 << 120) + number)
    kinds: Mapping[str, object] = {
        "uuid": person if column["name"] == "user_id" else own,
        "bytea": own.bytes + f"{table:.16}".ljust(16).encode(),
        "timestamp with time zone": NOON,
        "jsonb": "{}",
        "ARRAY": [],
        "boolean": False,
        "text": "x",
        "character varying": "NOK",
    }
    return kinds.get(column["kind"], number)


_COLUMNS = """
    select column_name::text as name, data_type::text as kind from information_schema.columns
    where table_schema = 'public' and table_name = $1
"""
_WITHOUT_RULES = """
    do $$ declare rule record; begin
        for rule in
            select conrelid::regclass as of, conname from pg_constraint
            where connamespace = 'public'::regnamespace and contype in ('c', 'f')
                and conrelid::regclass::text = any(array[{tables}])
            order by contype desc
        loop
            execute format('alter table %s drop constraint %I', rule.of, rule.conname);
        end loop;
        for rule in
            select i.indexrelid::regclass as of
            from pg_index i join pg_class c on c.oid = i.indrelid
            where c.relnamespace = 'public'::regnamespace and i.indisunique and not i.indisprimary
                and c.relname = any(array[{tables}])
        loop
            execute format('drop index %s', rule.of);
        end loop;
    end $$
"""
