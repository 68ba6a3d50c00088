"""Norwegian BankID: what it tells of a person, and what that means here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.identity.errors_bankid import (
    BankIdAgeUnknownError,
    BankIdUnderAgeError,
    BirthDateConflictError,
)
from domain.identity.national_number import NationalNumber, NumberKind, age_on
from domain.identity.person import PersonName
from domain.shared.errors import InvalidFieldsError
from domain.shared.ids import UserId

OF_AGE: Final = 18
NAMELESS: Final = PersonName("Daler customer")
"""Until they say what they want to be called: not every issuer tells a name."""
_OSLO: Final = "Europe/Oslo"

BankIdLinkId = NewType("BankIdLinkId", UUID)


class Assurance(StrEnum):
    """How surely it is that person (eIDAS, article 8): BIS is substantial, BankID itself high."""

    SUBSTANTIAL = "substantial"
    HIGH = "high"


class KeyKind(StrEnum):
    """What a person can be found by, the surest first."""

    NUMBER = "number"
    STABLE = "stable"
    """The issuer's own name for the person, the same for all its clients (`bankid_altsub`)."""
    SUBJECT = "subject"
    """The issuer's name for the person in its dealings with us (`sub`)."""


@dataclass(frozen=True, slots=True)
class BankIdKey:
    kind: KeyKind
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankIdClaims:
    """What the issuer vouches for: its signatures hold, and its words are still its own."""

    issuer: str
    subject: str = field(repr=False)
    stable: str | None = field(default=None, repr=False)
    number: str | None = field(default=None, repr=False)
    birth_date: date | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    assurance: Assurance
    method: str
    """The issuer's word for how the person proved it, such as `BID`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Somebody whom BankID knows, found to be of age and without contradictions."""

    keys: Sequence[BankIdKey]
    """The surest first."""
    number: NationalNumber | None
    born_on: date | None = field(repr=False)
    name: PersonName | None
    issuer: str
    assurance: Assurance
    method: str

    @classmethod
    def of(cls, told: BankIdClaims, allowed: Collection[NumberKind], now: datetime) -> Self:
        """Who that is, as of today in Norway.

        Raises:
            NumberInvalidError, NumberNotAllowedError, BirthDateConflictError,
            BankIdAgeUnknownError, BankIdUnderAgeError.
        """
        today = now.astimezone(ZoneInfo(_OSLO)).date()
        number = None if told.number is None else NationalNumber.parse(told.number, allowed)
        born_on = _born_on(told.birth_date, number, today)
        if age_on(today, born_on) < OF_AGE:
            raise BankIdUnderAgeError
        return cls(
            keys=_keys(told, number),
            number=number,
            born_on=born_on,
            name=_name(told.name),
            issuer=told.issuer,
            assurance=told.assurance,
            method=told.method,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BankIdLink:
    """A BankID opens this person's account, and has verified who they are."""

    user_id: UserId
    id: BankIdLinkId
    issuer: str
    assurance: Assurance
    method: str
    verified_at: datetime
    """When the facts below were last told anew, or more surely."""
    linked_at: datetime
    number: NationalNumber | None
    born_on: date | None = field(repr=False)
    name: PersonName | None
    """As the issuer spells it; what the person wants to be called is theirs to say."""
    unlinked_at: datetime | None = None

    @classmethod
    def make(cls, link_id: BankIdLinkId, user_id: UserId, seen: Verified, now: datetime) -> Self:
        return cls(
            user_id=user_id,
            id=link_id,
            issuer=seen.issuer,
            assurance=seen.assurance,
            method=seen.method,
            verified_at=now,
            linked_at=now,
            number=seen.number,
            born_on=seen.born_on,
            name=seen.name,
        )

    def seen(self, again: Verified, now: datetime) -> Self:
        """With what was told anew; the same link when that is nothing. Nothing is unlearnt.

        A weaker proof never takes the place of a stronger one.
        """
        if again.assurance is Assurance.SUBSTANTIAL and self.assurance is Assurance.HIGH:
            return self
        told = replace(
            self,
            issuer=again.issuer,
            assurance=again.assurance,
            method=again.method,
            number=again.number or self.number,
            born_on=again.born_on or self.born_on,
            name=again.name or self.name,
        )
        return self if told == self else replace(told, verified_at=now)

    def unlinked(self, now: datetime) -> Self:
        """That somebody was verified stays known; who that was does not."""
        return replace(self, unlinked_at=now, number=None, born_on=None, name=None)


def _born_on(told: date | None, number: NationalNumber | None, today: date) -> date:
    derived = None if number is None else number.birth_date(today)
    if told is not None and derived is not None and told != derived:
        raise BirthDateConflictError
    born_on = told or derived
    if born_on is None:
        raise BankIdAgeUnknownError
    return born_on


def _keys(told: BankIdClaims, number: NationalNumber | None) -> Sequence[BankIdKey]:
    # Two issuers may use one name for two people, so theirs go with whose names they are.
    keys = [BankIdKey(KeyKind.SUBJECT, f"{told.issuer}\n{told.subject}")]
    if told.stable is not None:
        keys.insert(0, BankIdKey(KeyKind.STABLE, f"{told.issuer}\n{told.stable}"))
    if number is not None:
        keys.insert(0, BankIdKey(KeyKind.NUMBER, number.text))
    return tuple(keys)


def _name(told: str | None) -> PersonName | None:
    try:
        return PersonName.parse(told or "")
    except InvalidFieldsError:
        # Too long for us, or odd: no reason to keep anybody out.
        return None
