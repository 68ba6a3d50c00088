"""How surely two tellings are one purchase: amounts, days, words, and what is pending."""

from collections.abc import Iterator
from typing import Final

from domain.ledger.matching import likeness as matcher
from domain.ledger.matching.evidence import AmountFit, Evidence, Link, Method, PayeeFit
from domain.ledger.matching.likeness import SAME_AMOUNT, SURE, growth, likeness, payee
from domain.ledger.matching.manners import USUAL, Manners
from domain.ledger.matching.merging import first_told
from domain.ledger.one_account.loose import Loose
from domain.ledger.one_account.told import Told
from domain.shared.ids import ExternalId
from domain.shared.observations import EntryStatus, TransactionSeen

DAYS: Final = 5
"""By which two banks' ways to date one booking may differ."""
_A_DAY_COSTS: Final = 4
_BY_COUNT: Final = 75
_OTHER_AMOUNT: Final = 45
_BOOKED: Final = EntryStatus.BOOKED


def exactly_alike() -> Link:
    """By day, amount, state and words."""
    return _link(SAME_AMOUNT[PayeeFit.SAME], PayeeFit.SAME, 0)


def by_count() -> Link:
    """Of one day and amount, which both sides speak of just as often."""
    return _link(_BY_COUNT, PayeeFit.OTHER, 0)


def literally(told: Told) -> object:
    return by_figures(told), told.text, told.counterparty


def exactly(told: Told) -> object:
    words = payee(told.text or "", told.counterparty) or told.text
    return by_figures(told), words


def by_figures(told: Told) -> object:
    return told.booked_on, told.amount, told.status


def by_words(one: Loose, other: Loose) -> Link | None:
    links = [
        _link(SAME_AMOUNT[fit], fit, 0)
        for told, known in pairs(one, other)
        if by_figures(told) == by_figures(known)
        and (fit := words_fit(told, known)) is not PayeeFit.OTHER
    ]
    return max(links, key=lambda link: link.confidence, default=None)


def pairs(one: Loose, other: Loose) -> Iterator[tuple[Told, Told]]:
    for told in one.tellings:
        for known in other.tellings:
            yield told, known


def weighed(told: Told, known: Told, manners: Manners) -> Link | None:
    """One of the one side, one of the other; None: they are not one."""
    match (told.status is _BOOKED, known.status is _BOOKED):
        case True, True:
            return _both_booked(told, known)
        case True, False:
            return _booking(told, known, manners)
        case False, True:
            return _booking(known, told, manners)
        case _:
            return _both_pending(told, known)


def may_differ(told: Told, known: Told, manners: Manners = USUAL) -> bool:
    """Whether two different amounts are one perhaps: asked before their words are looked at."""
    one, other = told.amount, known.amount
    if one == other or not one.minor or not other.minor:
        return False
    if told.status is known.status:
        alike = one.currency == other.currency and one.minor * other.minor > 0
        return told.status is _BOOKED and alike and abs(growth(one, other)) <= USUAL.grows_by
    booked, held = (one, other) if told.status is _BOOKED else (other, one)
    if booked.currency != held.currency or booked.minor == -held.minor:
        return True
    return booked.minor * held.minor > 0 and growth(booked, held) <= manners.grows_by


def _both_booked(told: Told, known: Told) -> Link | None:
    days = (told.booked_on - known.booked_on).days
    if abs(days) > DAYS:
        return None
    if told.amount != known.amount:
        return None if days else _other_amount(told, known)
    fit = words_fit(told, known)
    corroborated = told.value_on == known.booked_on or known.value_on == told.booked_on
    confidence = SAME_AMOUNT[fit] - (2 if corroborated else _A_DAY_COSTS * abs(days))
    if fit is PayeeFit.UNKNOWN and days and not corroborated:
        confidence = min(confidence, SURE - 1)
    return _link(confidence, fit, days)


def _other_amount(told: Told, known: Told) -> Link | None:
    """One purchase of which the feeds say different amounts, perhaps: that is for the person."""
    if not may_differ(told, known):
        return None
    fit = words_fit(told, known)
    if fit not in {PayeeFit.SAME, PayeeFit.COMMON}:
        return None
    one, other = told.amount, known.amount
    amount = AmountFit.MORE if abs(one.minor) > abs(other.minor) else AmountFit.LESS
    return Link(Method.TWIN, _OTHER_AMOUNT, Evidence(amount, fit, 0, growth(one, other)))


def _booking(booked: Told, held: Told, manners: Manners) -> Link | None:
    pending = first_told(held.entry_id, held.account_id, _as_seen(held))
    found = likeness(_as_seen(booked), pending, manners)
    return found and Link(Method.TWIN, found.confidence, found.evidence)


def _as_seen(told: Told) -> TransactionSeen:
    return TransactionSeen(
        account=ExternalId(""),
        id=ExternalId(""),
        status=told.status,
        amount=told.amount,
        booked_on=told.booked_on,
        text=told.text or "",
        counterparty=told.counterparty,
    )


def _both_pending(told: Told, known: Told) -> Link | None:
    days = (told.booked_on - known.booked_on).days
    fit = words_fit(told, known)
    if told.amount != known.amount or abs(days) > 1:
        return None
    if fit in {PayeeFit.SAME, PayeeFit.COMMON}:
        return _link(90 - _A_DAY_COSTS * abs(days), fit, days)
    return _link(70, fit, days) if fit is PayeeFit.UNKNOWN and not days else None


def words_fit(told: Told, known: Told) -> PayeeFit:
    """As the matcher compares a booking with what was pending."""
    return matcher.words_fit((told.text, told.counterparty), (known.text, known.counterparty))


def _link(confidence: int, fit: PayeeFit, days: int, percent: int = 0) -> Link:
    return Link(Method.TWIN, confidence, Evidence(AmountFit.SAME, fit, days, percent))
