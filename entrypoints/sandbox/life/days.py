"""A person's days, written in order."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from entrypoints.sandbox.life import catalogue as c
from entrypoints.sandbox.life.daybook import DayBook
from entrypoints.sandbox.life.home import (
    card_bill,
    card_bill_falls_on,
    income_and_home,
    interest,
    standing_orders,
)
from entrypoints.sandbox.life.people import Person
from entrypoints.sandbox.life.rows import Change, Kind
from entrypoints.sandbox.life.shopping import abroad, oddities, purchases

DAYS = 730
WORDINGS = tuple(
    shop.wording for shops in (c.SUPERMARKETS, c.CAFES, c.QUICK_BITES, c.THINGS) for shop in shops
)
GROWTH_PER_DAY_MIN = 3


class Days(Protocol):
    """Writes the days of one person; asked for each day once, in order."""

    def day(self, day: date) -> list[Change]: ...


@dataclass(slots=True)
class Life:
    """Everyday life. Only the card's bill looks back at the days before."""

    person: Person
    seed: int
    card_debt_minor: int = 0

    def day(self, day: date) -> list[Change]:
        person = self.person
        book = DayBook.of(day, self.seed, person.username)
        if not (person.accounts and person.appetite):
            return []
        income_and_home(book, person)
        standing_orders(book, person)
        interest(book, person)
        purchases(book, person)
        abroad(book, person)
        oddities(book, person)
        self.card_debt_minor -= sum(
            change.row.minor
            for change in book.changes
            if change.kind is Kind.ADD
            and not change.row.pending
            and change.row.account == person.card
        )
        if card_bill_falls_on(day, person) and self.card_debt_minor > 0:
            card_bill(book, person, self.card_debt_minor)
            self.card_debt_minor = 0
        return book.changes


@dataclass(slots=True)
class Load:
    """Not a life but a weight: exactly so many booked entries before the bank opened."""

    person: Person
    seed: int
    origin: date

    def day(self, day: date) -> list[Change]:
        many, index = self.person.many, (day - self.origin).days
        book = DayBook.of(day, self.seed, self.person.username)
        if index < DAYS:
            for _ in range((index + 1) * many // DAYS - index * many // DAYS):
                self._entry(book, hold=False)
            return book.changes
        for _ in range(max(GROWTH_PER_DAY_MIN, many // DAYS)):
            self._entry(book, hold=True)
        return book.changes

    def _entry(self, book: DayBook, *, hold: bool) -> None:
        # One throw serves the whole entry: fifty thousand of them are made while a caller waits.
        throw = book.dice.getrandbits(40)
        account, wording = throw % 3, WORDINGS[(throw >> 2) % len(WORDINGS)]
        minor = (throw >> 10) % 180_000 - 90_000
        if minor % 40 == 0 and book.changes:
            twin = book.changes[-1].row
            account, wording, minor = twin.account, twin.wording, twin.minor
        at_s = (throw >> 28) % 86_400
        if hold:
            book.held(account, minor or 1, wording, at_s, settled_minor=minor or 1)
        else:
            book.booked(account, minor or 1, wording, at_s)
