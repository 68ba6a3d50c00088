"""How much a booked observation is like a pending entry."""

import re
from datetime import date
from functools import lru_cache
from typing import Final

from domain.ledger.entry import Entry
from domain.ledger.matching.evidence import AmountFit, Evidence, Link, Method, PayeeFit
from domain.ledger.matching.manners import Manners
from domain.shared.money import Money
from domain.shared.observations import TransactionSeen

SURE: Final = 60
"""Per cent from which two are linked. What is less sure is suggested."""
DOUBT: Final = 20
"""What it costs an inexact pair that something else could be it nearly as well."""
NEARLY: Final = 8
"""Per cent that make two candidates rivals."""
SAME_AMOUNT: Final = {
    PayeeFit.SAME: 97,
    PayeeFit.COMMON: 95,
    PayeeFit.UNKNOWN: 85,
    PayeeFit.OTHER: 55,
}
"""Per cent for two of one amount and day, by how their words fit."""
_OTHER_AMOUNT: Final = 84
_PER_PERCENT: Final = 0.3
_UNLIKELY: Final = 45
"""The other sign, or another currency: a bank's habit, or another thing altogether."""
_DAYS_COUNT_TO: Final = 10

_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_NOISE: Final = frozenset(
    {"visa", "mastercard", "kort", "card", "varekjøp", "varekjop", "kortkjøp", "kortköp"}
    | {"reservasjon", "reservation", "reservert", "reserved", "pending", "purchase", "betaling"}
    | {"payment", "pos", "nok", "eur", "sek", "dkk", "usd", "gbp"}
)
"""Words that any card purchase may carry."""
Words = tuple[str | None, str | None]
"""Text and counterparty, where they are known."""


def likeness(seen: TransactionSeen, pending: Entry, manners: Manners) -> Link | None:
    """Why, and how surely, `seen` is the booking of `pending`; None: it is not."""
    days = days_between(pending.booked_on, seen.booked_on)
    if not -manners.earlier_by <= days <= manners.later_by:
        return None
    payee = payee_fit(seen, pending)
    weighed = _weighed(seen.amount, pending.amount, payee, manners)
    if weighed is None:
        return None
    confidence, amount, percent = weighed
    # A little for each day, so that equals go with the nearest.
    confidence -= min(abs(days), _DAYS_COUNT_TO)
    return Link(Method.ASSIGNED, confidence, Evidence(amount, payee, days, percent))


def _weighed(
    booked: Money, held: Money, payee: PayeeFit, manners: Manners
) -> tuple[int, AmountFit, int] | None:
    if booked == held:
        return SAME_AMOUNT[payee], AmountFit.SAME, 0
    if payee not in {PayeeFit.SAME, PayeeFit.COMMON} or not booked.minor * held.minor:
        return None
    if booked.minor == -held.minor and booked.currency == held.currency:
        return _UNLIKELY, AmountFit.OPPOSITE, 0
    return None if booked.minor * held.minor < 0 else _grown(booked, held, manners)


def _grown(booked: Money, held: Money, manners: Manners) -> tuple[int, AmountFit, int] | None:
    if booked.currency != held.currency:
        return _UNLIKELY, AmountFit.OTHER_CURRENCY, 0
    percent = growth(booked, held)
    if percent > manners.grows_by:
        return None
    # A hold is released down to what was bought; a tip, or the rate of the day, adds a little.
    fit = AmountFit.MORE if booked.minor / held.minor > 1 else AmountFit.LESS
    return round(_OTHER_AMOUNT - _PER_PERCENT * abs(percent)), fit, percent


def growth(booked: Money, held: Money) -> int:
    """Per cent by which a held amount of the same currency and sign grew; rounded up."""
    return -((held.minor - booked.minor) * 100 // held.minor)


def days_between(before: date, after: date) -> int:
    return (after - before).days


def payee_fit(seen: TransactionSeen, entry: Entry | TransactionSeen) -> PayeeFit:
    return words_fit((seen.text, seen.counterparty), (entry.text, entry.counterparty))


def words_fit(one: Words, other: Words) -> PayeeFit:
    (text, _), (known_text, _) = one, other
    (told, names), (known, named) = _payees(*one), _payees(*other)
    if told == known and (told or text == known_text):
        return PayeeFit.SAME
    if not told or not known:
        return PayeeFit.UNKNOWN
    return PayeeFit.COMMON if names & known or named & told else PayeeFit.OTHER


def _payees(text: str | None, counterparty: str | None) -> tuple[frozenset[str], frozenset[str]]:
    return payee(text or "", counterparty), leading(text or "", counterparty)


@lru_cache(4_096)
def payee(text: str, counterparty: str | None) -> frozenset[str]:
    """The words that say who was paid."""
    return frozenset(_words(text)) | frozenset(_words(counterparty or ""))


@lru_cache(4_096)
def leading(text: str, counterparty: str | None) -> frozenset[str]:
    """The words that begin with whom: what follows is a town, a branch, a date.

    Two that have only later words in common were paid in one town, and not to one payee.
    """
    return frozenset((*_words(text)[:1], *_words(counterparty or "")[:1]))


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.casefold()) if word not in _NOISE]
