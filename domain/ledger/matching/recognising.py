"""Booked strangers that were there before, under a name that nobody uses any more."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from domain.ledger.entry import Edited, Entry
from domain.ledger.matching.evidence import AmountFit, Evidence, Link, Method, PayeeFit
from domain.ledger.matching.facts import Apart
from domain.ledger.matching.likeness import payee
from domain.shared.ids import AccountId, ExternalId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus, TransactionSeen


class Recognised(NamedTuple):
    entry: Entry
    link: Link


def recognised(
    strangers: Sequence[TransactionSeen],
    accounts: Mapping[ExternalId, AccountId],
    nameless: Iterable[Entry],
    apart: Container[Apart],
) -> dict[ExternalId, Recognised]:
    """Pair booked strangers with nameless entries, the surest pairs first.

    Among equals the first goes with the first, and one that the person deleted goes last.
    """
    by_facts: dict[_Facts, list[Entry]] = {}
    for entry in sorted(nameless, key=lambda one: (one.removed is not None, one.id)):
        by_facts.setdefault((entry.account_id, entry.booked_on, entry.amount), []).append(entry)
    again: dict[ExternalId, Recognised] = {}
    for sounds_alike, fit, confidence in _TIERS:
        link = Link(Method.AGAIN, confidence, Evidence(AmountFit.SAME, fit, 0))
        for seen in strangers:
            if seen.id in again or seen.status is not EntryStatus.BOOKED:
                continue
            there = by_facts.get((accounts[seen.account], seen.booked_on, seen.amount), [])
            found = next((one for one in there if _may(seen, one, apart, sounds_alike)), None)
            if found is not None:
                there.remove(found)
                again[seen.id] = Recognised(found, link)
    return again


_Facts = tuple[AccountId, date, Money]
_Sounds = Callable[[TransactionSeen, Entry], bool]


def _may(
    seen: TransactionSeen, entry: Entry, apart: Container[Apart], sounds_alike: _Sounds
) -> bool:
    return sounds_alike(seen, entry) and (seen.id, entry.id) not in apart


def _same_text(seen: TransactionSeen, entry: Entry) -> bool:
    return seen.text == entry.text


def _same_payee(seen: TransactionSeen, entry: Entry) -> bool:
    words = payee(entry.text, entry.counterparty)
    return not words.isdisjoint(payee(seen.text, seen.counterparty))


def _renamed(_: TransactionSeen, entry: Entry) -> bool:
    """Whether the bank's words are lost: the person has written others over them."""
    return Edited.TEXT in entry.edited


_TIERS: tuple[tuple[_Sounds, PayeeFit, int], ...] = (
    (_same_text, PayeeFit.SAME, 98),
    (_same_payee, PayeeFit.COMMON, 92),
    (_renamed, PayeeFit.UNKNOWN, 80),
)
