"""Pending entries among themselves: those that change their name, and those that are void."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from domain.ledger.entry import Entry, Removed
from domain.ledger.matching.evidence import AmountFit, Evidence, Link, Method, PayeeFit
from domain.ledger.matching.facts import EXPIRES_AFTER, Known, OpenPending
from domain.ledger.matching.likeness import days_between, payee_fit
from domain.ledger.matching.pairing import Pair
from domain.shared.ids import AccountId, ExternalId
from domain.shared.observations import EntryStatus, TransactionSeen

_RENAMED: Final = {PayeeFit.SAME: 96, PayeeFit.COMMON: 90}


def renamed(
    strangers: Sequence[TransactionSeen],
    accounts: Mapping[ExternalId, AccountId],
    open_pendings: Mapping[ExternalId, OpenPending],
    known: Known,
) -> dict[ExternalId, Pair]:
    """Pending strangers that are listed in the place of a pending entry that is not any more.

    Same account and amount; the same payee, a day apart at most, or a word of it on the same day.
    A mistake costs nothing: what is not listed is not pending, so one takes the other's place.
    """
    strangers = [seen for seen in strangers if seen.status is EntryStatus.PENDING]
    if not strangers:
        return {}
    held: defaultdict[object, list[OpenPending]] = defaultdict(list)
    for one in sorted(open_pendings.values(), key=lambda one: (one.entry.booked_on, one.entry.id)):
        if one.entry.removed is not Removed.EXPIRED:
            held[one.entry.account_id, one.entry.amount].append(one)
    pairs: dict[ExternalId, Pair] = {}
    for seen in sorted(strangers, key=lambda seen: (seen.booked_on, seen.id)):
        there = held.get((accounts[seen.account], seen.amount), [])
        found = next((p for one in there if (p := _pair(seen, one, known))), None)
        if found is not None:
            there.remove(found.pending)
            pairs[seen.id] = found
    return pairs


def _pair(seen: TransactionSeen, one: OpenPending, known: Known) -> Pair | None:
    days, fit = days_between(one.entry.booked_on, seen.booked_on), payee_fit(seen, one.entry)
    apart = (seen.id, one.entry.id) in known.apart
    if apart or fit not in _RENAMED or abs(days) > (fit is PayeeFit.SAME):
        return None
    return Pair(one, Link(Method.EXACT, _RENAMED[fit], Evidence(AmountFit.SAME, fit, days)))


def expiring(
    open_pendings: Iterable[OpenPending], today: date, after: timedelta = EXPIRES_AFTER
) -> list[Entry]:
    """Those nothing was booked for in all that time, as they are once they are void."""
    return [
        one.entry.taken_away(Removed.EXPIRED)
        for one in open_pendings
        if one.entry.removed is None and one.entry.booked_on < today - after
    ]
