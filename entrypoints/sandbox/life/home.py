"""What comes and goes by itself: wages, rent, bills, standing orders, the card's bill."""

import calendar
from datetime import date
from functools import lru_cache

from entrypoints.sandbox.life import catalogue as c
from entrypoints.sandbox.life.calendar import DAYS_MAX, working_day
from entrypoints.sandbox.life.catalogue import Category, plain
from entrypoints.sandbox.life.daybook import HOUR_S, DayBook
from entrypoints.sandbox.life.people import Person, Transfer

LAST_SECOND_S = 24 * HOUR_S - 20
BILL_DAY, POWER_DAY, CARD_DAY = 20, 18, 15
CARD_BILL, CARD_PAID = "KREDITTKORT FAKTURA", "INNBETALING FRA BRUKSKONTO"
COLD_MONTHS = frozenset({1, 2, 3, 11, 12})
BILLS = (
    ("TELENOR NORGE AS", "Telenor", c.MOBILE, 449_00),
    ("ALTIBOX AS", "Altibox", c.BROADBAND, 699_00),
    ("GJENSIDIGE FORSIKRING ASA", "Gjensidige", c.INSURANCE, 612_50),
)
INCOME_KINDS = {"NAV": c.PENSION, "LÅNEKASSEN": c.STIPEND}


def income_and_home(book: DayBook, person: Person) -> None:
    if person.income:
        payer, pay_day, minor = person.income
        if falls_on(book.day, pay_day):
            # Booked in the first minutes of the day in Oslo, which is still yesterday by UTC.
            kind = INCOME_KINDS.get(payer, c.SALARY)
            book.booked(0, minor, plain(payer, payer.title(), kind, note="Lønn"), 45)
    if not person.rent_minor:
        return
    if falls_on(book.day, 1):
        _direct_debit(book, "HUSLEIE OBOS FORVALTNING", "Obos", c.RENT, person.rent_minor)
    if falls_on(book.day, POWER_DAY):
        cold = 1 + (book.day.month in COLD_MONTHS)
        minor = cold * book.dice.randrange(380_00, 940_00)
        _direct_debit(book, "TIBBER NORGE AS", "Tibber", c.POWER, minor)
    if falls_on(book.day, BILL_DAY):
        for text, name, category, minor in BILLS:
            _direct_debit(book, text, name, category, minor)


def standing_orders(book: DayBook, person: Person) -> None:
    for order in person.transfers:
        if falls_on(book.day, order.day):
            _transfer(book, person, order)


def card_bill(book: DayBook, person: Person, debt_minor: int) -> None:
    """Pay off the card: the same figure leaves one own account and reaches another."""
    book.booked(0, -debt_minor, plain(CARD_BILL, "Kortfaktura", c.CARD_BILL), 25200)
    paid = plain(CARD_PAID, "Innbetaling", c.CARD_BILL)
    book.booked(person.card, debt_minor, paid, 25260)


def card_bill_falls_on(day: date, person: Person) -> bool:
    return person.accounts[person.card].type == "CREDIT_CARD" and falls_on(day, CARD_DAY)


def interest(book: DayBook, person: Person) -> None:
    """Capitalised in the year's last minute: the date must not slip into the next year."""
    if (book.day.month, book.day.day) != (12, 31):
        return
    for index, account in enumerate(person.accounts):
        if account.type == "SAVINGS":
            minor = book.dice.randrange(900_00, 3100_00)
            book.booked(index, minor, plain("KREDITRENTER", "Renter", c.INTEREST), LAST_SECOND_S)


@lru_cache(maxsize=DAYS_MAX * 8)
def falls_on(day: date, day_of_month: int) -> bool:
    """Whether the payment of that day of the month is made on this day, weekends passed over."""
    for months_back in (0, 1):
        total = day.year * 12 + day.month - 1 - months_back
        year, month = divmod(total, 12)
        last = calendar.monthrange(year, month + 1)[1]
        if working_day(date(year, month + 1, min(day_of_month, last))) == day:
            return True
    return False


def _direct_debit(book: DayBook, text: str, name: str, category: Category, minor: int) -> None:
    book.booked(0, -minor, plain(text, name, category, note="Avtalegiro"), 6 * HOUR_S)


def _transfer(book: DayBook, person: Person, order: Transfer) -> None:
    saving = order.into is not None and person.accounts[order.into].type == "SAVINGS"
    if order.out_of is not None:
        out = plain(order.text, order.text, c.MOVED_OUT if saving else c.OWN_OUT)
        book.booked(order.out_of, -order.minor, out, 7200)
    if order.into is not None:
        into = plain(order.text, order.text, c.MOVED_IN if saving else c.OWN_IN)
        book.booked(order.into, order.arrives_minor, into, 7201)
