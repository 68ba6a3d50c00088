from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.errors import database_errors
from adapters.postgres.identity.tables_bankid import bankid_directory, bankid_links
from application.identity.bankid.ports import BankIdDirectory, BankIdLinks
from application.shared.cipher import Cipher, SealContext
from domain.identity.bankid import Assurance, BankIdKey, BankIdLink, BankIdLinkId
from domain.identity.national_number import NationalNumber
from domain.identity.person import PersonName
from domain.shared.ids import UserId

NUMBER: Final = "identity.national_number"
BORN_ON: Final = "identity.birth_date"
NAME: Final = "identity.verified_name"
_KEY: Final = "identity.bankid"

_OWNERS: Final = "select key_hmac, user_id from bankid_directory where key_hmac = any($1)"


@dataclass(frozen=True, slots=True)
class PostgresBankIdDirectory(BankIdDirectory):
    database: Database
    cipher: Cipher

    @override
    async def owner_of(self, keys: Sequence[BankIdKey]) -> UserId | None:
        hashes = [_hash(self.cipher, key) for key in keys]
        with database_errors():
            rows = await self.database.reads.fetch(_OWNERS, hashes)
        owners = {bytes(row["key_hmac"]): UserId(row["user_id"]) for row in rows}
        return next((owners[one] for one in hashes if one in owners), None)


@dataclass(frozen=True, slots=True)
class PostgresBankIdLinks(BankIdLinks):
    """Number, birth date and name lie here encrypted, bound to their purpose and their person."""

    db: AsyncConnection
    cipher: Cipher
    acting_for: UserId

    @override
    async def present(self) -> BankIdLink | None:
        found = await self.db.execute(
            select(bankid_links)
            .where(bankid_links.c.user_id == self.acting_for, bankid_links.c.unlinked_at.is_(None))
            .with_for_update()
        )
        row = found.one_or_none()
        return None if row is None else self._from_row(row)

    @override
    async def put(self, link: BankIdLink) -> None:
        row = self._to_row(link)
        statement = upsert(bankid_links).values(row)
        changing = {name: statement.excluded[name] for name in row if name not in {"user_id", "id"}}
        await self.db.execute(
            statement.on_conflict_do_update(index_elements=["user_id", "id"], set_=changing)
        )

    @override
    async def claim(self, keys: Collection[BankIdKey]) -> Collection[BankIdKey]:
        named = {_hash(self.cipher, key): key for key in keys}
        # In one order for everybody, so that two who claim the same wait, and never for each other.
        rows = [
            {"key_hmac": one, "kind": named[one].kind, "user_id": self.acting_for}
            for one in sorted(named)
        ]
        await self.db.execute(upsert(bankid_directory).values(rows).on_conflict_do_nothing())
        taken = await self.db.execute(
            select(bankid_directory.c.key_hmac).where(
                bankid_directory.c.key_hmac.in_(list(named)),
                bankid_directory.c.user_id != self.acting_for,
            )
        )
        return [named[bytes(row.key_hmac)] for row in taken]

    @override
    async def release(self) -> None:
        await self.db.execute(
            delete(bankid_directory).where(bankid_directory.c.user_id == self.acting_for)
        )

    def _to_row(self, link: BankIdLink) -> dict[str, Any]:
        born_on = None if link.born_on is None else link.born_on.isoformat()
        return {
            "user_id": link.user_id,
            "id": link.id,
            "issuer": link.issuer,
            "assurance": link.assurance,
            "method": link.method,
            "verified_at": link.verified_at,
            "linked_at": link.linked_at,
            "unlinked_at": link.unlinked_at,
            "number": self._seal(NUMBER, link.number.text if link.number else None, link.id),
            "born_on": self._seal(BORN_ON, born_on, link.id),
            "name": self._seal(NAME, link.name.text if link.name else None, link.id),
        }

    def _from_row(self, row: Row[Any]) -> BankIdLink:
        number = self._open(NUMBER, row.number, row.id)
        born_on = self._open(BORN_ON, row.born_on, row.id)
        name = self._open(NAME, row.name, row.id)
        return BankIdLink(
            user_id=UserId(row.user_id),
            id=BankIdLinkId(row.id),
            issuer=row.issuer,
            assurance=Assurance(row.assurance),
            method=row.method,
            verified_at=row.verified_at,
            linked_at=row.linked_at,
            unlinked_at=row.unlinked_at,
            number=None if number is None else NationalNumber(number),
            born_on=None if born_on is None else date.fromisoformat(born_on),
            name=None if name is None else PersonName(name),
        )

    def _seal(self, purpose: str, text: str | None, row: BankIdLinkId) -> bytes | None:
        if text is None:
            return None
        return self.cipher.seal(text.encode(), SealContext(purpose, self.acting_for, row))

    def _open(self, purpose: str, sealed: bytes | None, row: BankIdLinkId) -> str | None:
        if sealed is None:
            return None
        return self.cipher.open(sealed, SealContext(purpose, self.acting_for, row)).decode()


def _hash(cipher: Cipher, key: BankIdKey) -> bytes:
    return cipher.lookup(f"{_KEY}.{key.kind}", key.text)
