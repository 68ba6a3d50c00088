"""Who banks here. A person is a few facts; `days.py` turns them into a life."""

import re
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Literal

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
MANY = re.compile(r"many-([1-9][0-9]{0,6})")

WHOLE_UNITS = frozenset({"JPY"})
"""Currencies without hundredths: their minor unit is the unit itself."""

AccountType = Literal["CHECKING", "SAVINGS", "CREDIT_CARD"]


@dataclass(frozen=True, slots=True)
class AccountSpec:
    name: str
    type: AccountType
    currency: str
    opening_minor: int
    limit_minor: int = 0


@dataclass(frozen=True, slots=True)
class Transfer:
    """A standing order on a day of the month. Without `into` the other side is elsewhere."""

    day: int
    out_of: int | None
    into: int | None
    minor: int
    arrives_minor: int
    text: str


@dataclass(frozen=True, slots=True)
class Person:
    """Account 0 is the one for everyday life; `card` is the account of card purchases."""

    username: str
    full_name: str
    accounts: tuple[AccountSpec, ...]
    card: int = 0
    income: tuple[str, int, int] | None = None
    """Payer, day of the month, amount in minor units."""
    rent_minor: int = 0
    appetite: float = 1.0
    """How many purchases, against an ordinary person's."""
    drives: bool = False
    commutes: bool = True
    night_owl: bool = False
    travels_in: tuple[str, ...] = ()
    foreign_account: int | None = None
    transfers: tuple[Transfer, ...] = ()
    many: int = 0
    """Not a life but a load: so many booked entries."""


CHECKING = AccountSpec("Brukskonto", "CHECKING", "NOK", 18_245_50)
SAVINGS = AccountSpec("Sparekonto", "SAVINGS", "NOK", 64_000_00)
CARD = AccountSpec("Mastercard", "CREDIT_CARD", "NOK", 0, limit_minor=50_000_00)
EURO = AccountSpec("Valutakonto EUR", "CHECKING", "EUR", 1_250_00)

PEOPLE = (
    Person(
        "anna",
        "Anna Hansen",
        (CHECKING, SAVINGS, CARD),
        card=2,
        income=("NORDLYS KONSULT AS", 25, 38_420_00),
        rent_minor=12_500_00,
        travels_in=("EUR",),
        transfers=(
            Transfer(26, 0, 1, 3_000_00, 3_000_00, "Fast sparing"),
            Transfer(27, 0, None, 2_500_00, 2_500_00, "Til egen konto i Fjord Reisebank"),
        ),
    ),
    Person(
        "anna-travel",
        "Anna Hansen",
        (replace(CHECKING, name="Reisekonto", opening_minor=4_100_00), EURO),
        appetite=0.07,
        commutes=False,
        foreign_account=1,
        travels_in=("EUR",),
        transfers=(
            Transfer(27, None, 0, 2_500_00, 2_500_00, "Fra Anna Hansen"),
            Transfer(28, 0, 1, 1_200_00, 102_40, "Valutaveksling NOK-EUR"),
        ),
    ),
    Person(
        "bjorn",
        "Bjørn Åsen",
        (replace(CHECKING, opening_minor=-1_204_75), replace(SAVINGS, name="Buffer"), CARD),
        card=2,
        income=("VESTLAND BYGG OG ANLEGG AS", 12, 41_900_00),
        rent_minor=9_800_00,
        appetite=1.3,
        drives=True,
        commutes=False,
        travels_in=("SEK", "EUR"),
        transfers=(Transfer(13, 0, 1, 1_500_00, 1_500_00, "Buffersparing"),),
    ),
    Person(
        "kari",
        "Kari Nordmann",
        (CHECKING, replace(SAVINGS, name="BSU", opening_minor=411_250_00)),
        income=("NAV", 20, 24_310_00),
        rent_minor=6_200_00,
        appetite=0.5,
        commutes=False,
        night_owl=True,
        transfers=(Transfer(21, 0, 1, 5_000_00, 5_000_00, "Sparing"),),
    ),
    Person(
        "sofie",
        "Sofie Lund",
        (
            replace(CHECKING, opening_minor=3_310_00),
            AccountSpec("Yen account", "CHECKING", "JPY", 182_000),
        ),
        income=("LÅNEKASSEN", 15, 13_808_00),
        rent_minor=3_900_00,
        appetite=0.42,
        foreign_account=1,
        travels_in=("JPY",),
    ),
    Person("tom", "Tom Tomt", (replace(CHECKING, opening_minor=0), SAVINGS), appetite=0),
    Person("ingen", "Ingen Konto", (), appetite=0),
)


RESERVED = frozenset({"cancel", "locked", "broken"})
"""Names that mean an outcome on a link page, never a person."""


def person_named(username: str, seed: int) -> Person | None:
    """The person of that name; every well-formed name is somebody's."""
    if username in RESERVED:
        return None
    if known := next((p for p in PEOPLE if p.username == username), None):
        return known
    if match := MANY.fullmatch(username):
        return Person(username, "Mange Bilag", (CHECKING, SAVINGS, CARD), many=int(match[1]))
    return _stranger(username, seed) if NAME.fullmatch(username) else None


def _stranger(username: str, seed: int) -> Person:
    dice = blake2b(f"{seed}/{username}".encode(), digest_size=8).digest()
    return replace(
        PEOPLE[0],
        username=username,
        full_name=username.replace("-", " ").replace("_", " ").title(),
        accounts=(
            replace(CHECKING, opening_minor=dice[0] * 250_00 - 5_000_00 + dice[1]),
            replace(SAVINGS, opening_minor=dice[2] * 1_100_00),
            CARD,
        ),
        income=("ARBEIDSGIVER AS", 10 + dice[3] % 16, 28_000_00 + dice[4] * 90_00),
        rent_minor=6_000_00 + dice[5] * 40_00,
        appetite=0.45 + dice[6] / 512,
        drives=dice[7] % 2 == 0,
        transfers=PEOPLE[0].transfers[:1],
    )
