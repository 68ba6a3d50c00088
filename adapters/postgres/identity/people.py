from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.identity import people_directory
from adapters.postgres.identity.tables import login_directory, people
from application.identity.ports import People
from application.shared.cipher import Cipher, SealContext
from domain.identity.email import EmailAddress
from domain.identity.errors import EmailTakenError, PersonNotFoundError
from domain.identity.person import Locality, Person, PersonName, PersonStatus
from domain.identity.roles import Role
from domain.shared.ids import UserId

EMAIL: Final = "identity.email"
NAME: Final = "identity.name"


@dataclass(frozen=True, slots=True)
class PostgresPeople(People):
    """Name and e-mail address lie here encrypted, bound to their purpose and their person."""

    db: AsyncConnection
    cipher: Cipher

    @override
    async def add(self, person: Person) -> None:
        if person.email is not None:
            await self._enter(person.email, person.id)
        await self.db.execute(insert(people).values(self._to_row(person)))
        await people_directory.enter(self.db, person)

    @override
    async def save(self, person: Person) -> None:
        row = self._to_row(person)
        of_person = people.c.user_id == person.id
        written = await self.db.execute(update(people).where(of_person).values(row))
        if written.rowcount != 1:
            raise PersonNotFoundError(person.id)
        await self._enter_anew(person)
        await people_directory.enter(self.db, person)

    async def _enter_anew(self, person: Person) -> None:
        mine = login_directory.c.user_id == person.id
        found = await self.db.execute(select(login_directory.c.email_hmac).where(mine))
        known, email = found.scalar(), person.email
        if known == (None if email is None else self.cipher.lookup(EMAIL, email.text)):
            return
        await self.db.execute(delete(login_directory).where(mine))
        if email is not None:
            await self._enter(email, person.id)

    async def _enter(self, email: EmailAddress, user_id: UserId) -> None:
        # The unique index is the referee: of two who register one address, one waits and loses.
        entered = await self.db.execute(
            upsert(login_directory)
            .values(email_hmac=self.cipher.lookup(EMAIL, email.text), user_id=user_id)
            .on_conflict_do_nothing(index_elements=["email_hmac"])
            .returning(login_directory.c.user_id)
        )
        if entered.first() is None:
            raise EmailTakenError

    @override
    async def get(self, user_id: UserId) -> Person:
        found = await self.db.execute(select(people).where(people.c.user_id == user_id))
        row = found.one_or_none()
        if row is None:
            raise PersonNotFoundError(user_id)
        return self._from_row(row)

    @override
    async def hold(self, user_id: UserId) -> Person:
        found = await self.db.execute(
            select(people).where(people.c.user_id == user_id).with_for_update()
        )
        row = found.one_or_none()
        if row is None:
            raise PersonNotFoundError(user_id)
        return self._from_row(row)

    def _to_row(self, person: Person) -> dict[str, Any]:
        return {
            "user_id": person.id,
            "name": self._seal(NAME, person.name.text, person.id),
            "email": (
                None if person.email is None else self._seal(EMAIL, person.email.text, person.id)
            ),
            "locale": person.locality.locale,
            "time_zone": person.locality.time_zone,
            "currency": person.locality.currency,
            "status": person.status,
            "role": person.role,
            "created_at": person.created_at,
        }

    def _from_row(self, row: Row[Any]) -> Person:
        return Person(
            id=UserId(row.user_id),
            name=PersonName(self._open(NAME, row.name, row.user_id)),
            email=(
                None
                if row.email is None
                else EmailAddress(self._open(EMAIL, row.email, row.user_id))
            ),
            created_at=row.created_at,
            locality=Locality(row.locale, row.time_zone, row.currency),
            status=PersonStatus(row.status),
            role=Role(row.role),
        )

    def _seal(self, purpose: str, text: str, user_id: UserId) -> bytes:
        return self.cipher.seal(text.encode(), SealContext(purpose, user_id, user_id))

    def _open(self, purpose: str, sealed: bytes, user_id: UserId) -> str:
        return self.cipher.open(sealed, SealContext(purpose, user_id, user_id)).decode()
