"""Which entries of the street are one movement between somebody's own accounts.

GET /control/transfers?person=anna ->
    {"transfers": [{"sent": side, "received": side}]}, oldest first, with a side as
    {"person", "account", "date", "amount_minor", "currency", "text"}. The account is its name.
    Of people of the same full name, who are one, transfers between them are told, too.
"""

from collections.abc import Iterator

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.life.home import CARD_BILL, CARD_PAID
from entrypoints.sandbox.life.people import PEOPLE, Person
from entrypoints.sandbox.life.rows import Row

NEXT = 2
"""Keys of rows that are written one after the other are that far apart."""
Side = tuple[str, Row]


def transfers_of(bank: Bank, username: str) -> list[dict[str, object]]:
    """Raises UnknownPersonError."""
    person = bank.person(username)
    found = [*_within(bank, person), *_between(bank, person)]
    found.sort(key=lambda pair: (pair[0][1].booked_on, pair[0][1].key))
    return [{"sent": _told(bank, sent), "received": _told(bank, got)} for sent, got in found]


def _within(bank: Bank, person: Person) -> Iterator[tuple[Side, Side]]:
    """Both sides are written at once, the one after the other, by the same order."""
    words = {order.text: order.text for order in person.transfers} | {CARD_BILL: CARD_PAID}
    rows = {row.key: row for _, _, row in bank.history(person.username).statement}
    for row in rows.values():
        answer = words.get(row.wording.original)
        other = rows.get(row.key + NEXT)
        if answer is None or other is None or other.wording.original != answer:
            continue
        if row.minor < 0 < other.minor and row.account != other.account:
            yield (person.username, row), (person.username, other)


def _between(bank: Bank, person: Person) -> Iterator[tuple[Side, Side]]:
    """What leaves for elsewhere, and reaches the same person there on that day."""
    same = [one for one in PEOPLE if one.full_name == person.full_name]
    for sender in same:
        for receiver in same:
            if sender is not receiver and person.username in {sender.username, receiver.username}:
                yield from _sent(bank, sender, receiver)


def _sent(bank: Bank, sender: Person, receiver: Person) -> Iterator[tuple[Side, Side]]:
    leaving = {order.text for order in sender.transfers if order.into is None}
    arriving = {order.text for order in receiver.transfers if order.out_of is None}
    got = {
        (row.booked_on, row.minor): row
        for _, _, row in bank.history(receiver.username).statement
        if row.wording.original in arriving
    }
    for _, _, row in bank.history(sender.username).statement:
        other = got.get((row.booked_on, -row.minor))
        if row.wording.original in leaving and other is not None:
            yield (sender.username, row), (receiver.username, other)


def _told(bank: Bank, side: Side) -> dict[str, object]:
    username, row = side
    spec = bank.person(username).accounts[row.account]
    return {
        "person": username,
        "account": spec.name,
        "date": row.booked_on,
        "amount_minor": row.minor,
        "currency": spec.currency,
        "text": row.wording.original,
    }
