import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from domain.identity.email import EmailAddress
from domain.identity.errors import AccountNotActiveError
from domain.identity.errors_staff import PersonStatusError
from domain.identity.roles import Role
from domain.shared.errors import FieldProblem, InvalidFieldsError
from domain.shared.ids import UserId

NAME_MAX: Final = 100
_CONTROL: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Joiners are letters' business in Persian, Hindi and others; every other format sign is a trick.
_JOINERS: Final = frozenset("\u200c\u200d")


class PersonStatus(StrEnum):
    ACTIVE = "active"
    LOCKED = "locked"
    BANNED = "banned"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class PersonName:
    """What a person wants to be called."""

    text: str = field(repr=False)

    @classmethod
    def parse(cls, typed: str) -> Self:
        """Raises InvalidFieldsError with what is wrong, under the name `name`."""
        if len(typed) > 4 * NAME_MAX:  # before any work is put into it
            raise _invalid("too_long", f"a name has at most {NAME_MAX} characters")
        text = " ".join(unicodedata.normalize("NFC", typed).split())
        if not text:
            raise _invalid("missing", "write the name you want to be called by")
        if len(text) > NAME_MAX:
            raise _invalid("too_long", f"a name has at most {NAME_MAX} characters")
        if any(unicodedata.category(c) in _CONTROL and c not in _JOINERS for c in text):
            raise _invalid("bad_character", "a name has letters, not control characters")
        return cls(text)


@dataclass(frozen=True, slots=True)
class Locality:
    """How figures, days and words are shown."""

    locale: str = "nb-NO"
    time_zone: str = "Europe/Oslo"
    currency: str = "NOK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    id: UserId
    name: PersonName
    email: EmailAddress | None
    """None: they came by BankID and gave none."""
    created_at: datetime
    locality: Locality = field(default_factory=Locality)
    status: PersonStatus = PersonStatus.ACTIVE
    role: Role = Role.USER

    def ensure_active(self) -> None:
        if self.status is not PersonStatus.ACTIVE:
            raise AccountNotActiveError(self.id)

    def called(self, name: PersonName) -> Self:
        return replace(self, name=name)

    def settled(self, locality: Locality) -> Self:
        """Shown from now on in this language, zone and currency; nothing kept is converted."""
        return replace(self, locality=locality)

    def given(self, role: Role) -> Self:
        """Raises PersonStatusError: only who may sign in can become staff."""
        if role is not Role.USER and self.status is not PersonStatus.ACTIVE:
            raise PersonStatusError(self.id, self.status)
        return replace(self, role=role)

    # The verbs below give the same person when there is nothing to change.

    def banned(self) -> Self:
        return self._moved(PersonStatus.BANNED, {PersonStatus.ACTIVE, PersonStatus.LOCKED})

    def unbanned(self) -> Self:
        return self._moved(PersonStatus.ACTIVE, {PersonStatus.BANNED})

    def locked(self) -> Self:
        return self._moved(PersonStatus.LOCKED, {PersonStatus.ACTIVE})

    def unlocked(self) -> Self:
        return self._moved(PersonStatus.ACTIVE, {PersonStatus.LOCKED})

    def _moved(self, to: PersonStatus, of: Collection[PersonStatus]) -> Self:
        if self.status is not to and self.status not in of:
            raise PersonStatusError(self.id, self.status)
        return replace(self, status=to)


def _invalid(error: str, message: str) -> InvalidFieldsError:
    return InvalidFieldsError(FieldProblem("name", error, message))
