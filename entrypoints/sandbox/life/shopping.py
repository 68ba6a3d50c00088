"""What a person does with a card, and what banks make of it."""

from dataclasses import replace

from entrypoints.sandbox.life import catalogue as c
from entrypoints.sandbox.life.calendar import SATURDAY
from entrypoints.sandbox.life.catalogue import Shop, plain
from entrypoints.sandbox.life.daybook import HOUR_S, DayBook
from entrypoints.sandbox.life.home import LAST_SECOND_S
from entrypoints.sandbox.life.people import WHOLE_UNITS, Person
from entrypoints.sandbox.life.rows import Wording

FUEL_HOLD_MINOR, DEPOSIT_MINOR = 1_500_00, 1_000_00
RATES = {"EUR": 11.62, "SEK": 1.03, "JPY": 0.069}
SHOPS_ABROAD = {"EUR": c.EURO_SHOPS, "SEK": c.SWEDISH_SHOPS, "JPY": c.JAPANESE_SHOPS}
OFTEN = (
    (c.SUPERMARKETS, 0.62),
    (c.QUICK_BITES, 0.22),
    (c.CAFES, 0.30),
    (c.PHARMACIES, 0.06),
    (c.TAXIS, 0.05),
    (c.THINGS, 0.07),
    (c.FLIGHTS, 0.012),
)
FRIENDS = ("Marit Lie", "Ola Dahl", "Ingrid Moen", "Jonas Berg")
DAYS_BETWEEN_TWINS = 13


def purchases(book: DayBook, person: Person) -> None:
    weekend = book.day.weekday() >= SATURDAY
    for shops, per_day in OFTEN:
        if book.chance(min(per_day * person.appetite, 0.95)):
            _bought(book, person, book.dice.choice(shops))
    if person.commutes and not weekend and book.chance(0.35):
        _bought(book, person, c.TICKET, at_s=7.6 * HOUR_S)
    if book.chance((0.45 if weekend else 0.1) * person.appetite):
        _ate_out(book, person)
    if weekend and book.chance(0.2 * person.appetite):
        _bought(book, person, c.VINMONOPOLET)
    if person.drives and book.chance(0.16):
        _filled_up(book, person)
    if book.chance(0.06 * person.appetite):
        _ordered_clothes(book, person)
    for i, subscription in enumerate(c.SUBSCRIPTIONS):
        if person.commutes and book.day.day == 4 + 7 * i:
            _bought(book, person, subscription, at_s=3 * HOUR_S + i)


def abroad(book: DayBook, person: Person) -> None:
    """Foreign money: converted on the card, or spent from an account in that currency."""
    for currency in person.travels_in:
        shop = book.dice.choice(SHOPS_ABROAD[currency])
        if not book.chance(0.08):
            continue
        account = person.foreign_account
        if account is not None and person.accounts[account].currency == currency:
            minor = price(book, shop, 1 if currency in WHOLE_UNITS else 100)
            book.held(account, -minor, shop.wording, hour(book, person), settled_minor=-minor)
            continue
        # The hold is an estimate; the rate is known when the purchase books.
        spent = price(book, shop, 100)
        estimate, rate = RATES[currency], RATES[currency] * book.dice.uniform(0.985, 1.02)
        note = f"{currency} {spent // 100},{spent % 100:02} Kurs {rate:.4f}"
        book.held(
            person.card,
            -round(spent * estimate),
            replace(shop.wording, note=note),
            hour(book, person),
            settled_minor=-round(spent * rate),
            settles_after=2,
        )


def oddities(book: DayBook, person: Person) -> None:
    if book.day.toordinal() % DAYS_BETWEEN_TWINS == 0:
        _twins(book, person)
    if book.chance(0.015 * person.appetite):
        _slept_away(book, person)
    if book.chance(0.12 * person.appetite):
        _vipps(book)
    if book.chance(0.03 * person.appetite):
        cash = plain("MINIBANK DNB STORTORVET", "Minibank", c.CASH, note="Kontantuttak")
        book.booked(0, -book.dice.choice((200_00, 500_00, 1_000_00)), cash, hour(book, person))


def price(book: DayBook, shop: Shop, minor_per_unit: int) -> int:
    if shop.low == shop.high:
        return shop.low * minor_per_unit
    # Small sums are commoner than large ones.
    units = shop.low + int((shop.high - shop.low) * book.dice.random() ** 2.4)
    ending = book.dice.choice((0, 0, 90, 50, book.dice.randrange(100)))
    return units * minor_per_unit + (ending if minor_per_unit > 1 else 0)


def hour(book: DayBook, person: Person) -> float:
    """Seconds after midnight; some people shop when dates are about to turn."""
    if person.night_owl and book.chance(0.4):
        return book.dice.choice((2, LAST_SECOND_S, LAST_SECOND_S - 600))
    return book.dice.triangular(8 * HOUR_S, 22 * HOUR_S, 16.5 * HOUR_S)


def _bought(book: DayBook, person: Person, shop: Shop, at_s: float | None = None) -> None:
    minor = price(book, shop, 100)
    _paid(book, person, shop.wording, minor, hour(book, person) if at_s is None else at_s)


def _paid(book: DayBook, person: Person, wording: Wording, minor: int, at_s: float) -> None:
    days = 1 + book.chance(0.25) + book.chance(0.1)
    # Some entries come with the terminal's raw text first, and are explained later.
    raw = replace(wording, display=wording.original, merchant="") if book.chance(0.07) else None
    row = book.held(
        person.card, -minor, raw or wording, at_s, settled_minor=-minor, settles_after=days
    )
    if row is not None and raw is not None:
        book.renamed_later(row, wording, days=1)


def _ate_out(book: DayBook, person: Person) -> None:
    """Restaurants hold the bill and book it with the tip."""
    shop = book.dice.choice(c.RESTAURANTS)
    bill = price(book, shop, 100)
    settled = bill + (bill // 10 if book.chance(0.6) else 0)
    at_s = book.dice.uniform(17, 23) * HOUR_S
    book.held(person.card, -bill, shop.wording, at_s, settled_minor=-settled)


def _filled_up(book: DayBook, person: Person) -> None:
    """Pumps hold a round sum and book what ran through them."""
    shop = book.dice.choice(c.STATIONS)
    book.held(
        person.card,
        -FUEL_HOLD_MINOR,
        shop.wording,
        hour(book, person),
        settled_minor=-price(book, shop, 100),
        settles_after=2,
    )


def _ordered_clothes(book: DayBook, person: Person) -> None:
    """What does not fit goes back: the same figure returns a week and a half later."""
    shop = book.dice.choice(c.FASHION)
    minor = price(book, shop, 100)
    _paid(book, person, shop.wording, minor, hour(book, person))
    if book.chance(0.35):
        text = f"RETUR {shop.wording.original}"
        refund = replace(
            plain(text, shop.wording.display, c.REFUND), merchant=shop.wording.merchant
        )
        book.booked(person.card, minor, refund, 10 * HOUR_S, days_later=11)


def _twins(book: DayBook, person: Person) -> None:
    """Two coffees, one after the other: same shop, day and figure, and both are real."""
    shop = book.dice.choice(c.CAFES)
    minor, at_s = price(book, shop, 100), 9 * HOUR_S + book.dice.randrange(HOUR_S)
    for _ in range(2):
        book.held(person.card, -minor, shop.wording, at_s, settled_minor=-minor)


def _slept_away(book: DayBook, person: Person) -> None:
    """A hotel's deposit is held and released; the night itself is a booking of its own."""
    shop = c.HOTELS[0]
    deposit = replace(shop.wording, original=f"{shop.wording.original} DEPOSIT")
    book.held(
        person.card, -DEPOSIT_MINOR, deposit, 15 * HOUR_S, settled_minor=None, settles_after=4
    )
    _paid(book, person, shop.wording, price(book, shop, 100), 15 * HOUR_S + 60)


def _vipps(book: DayBook) -> None:
    """Money between friends; two days on the bank finds out with whom."""
    friend, came = book.dice.choice(FRIENDS), book.chance(0.4)
    minor = book.dice.randrange(40, 900) * 100
    category = c.RECEIVED if came else c.GIFT
    raw = plain("VIPPS*OVERFORING", "Vipps", category)
    row = book.booked(0, minor if came else -minor, raw, hour_of_friends(book))
    if book.chance(0.5):
        book.renamed_later(row, plain(f"VIPPS*{friend.upper()}", friend, category), days=2)


def hour_of_friends(book: DayBook) -> float:
    return LAST_SECOND_S if book.chance(0.1) else book.dice.uniform(10, 23) * HOUR_S
