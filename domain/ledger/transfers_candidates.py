"""Which two entries may be one transfer, and how likely."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Final

from domain.ledger.rates import RateTable
from domain.ledger.transfers import Candidate, Method, Pair
from domain.ledger.transfers_evidence import DAYS_MAX, LOOK, Clue, Says, days_apart

FEE_MAX: Final = Fraction(5, 100)
"""Of what left: banks on the way keep less than that, and it takes an account number to say so."""
MARGIN_MAX: Final = Fraction(3, 100)
"""How far a bank's own rate may lie from that day's reference rate, either way."""

RIVALS_MAX: Final = 20
"""Other sides that an entry may have for its amount alone."""
CROWD: Final = 200
"""Arrivals of one amount within a month that are looked at one by one."""

_TIERS: Final = {
    Method.ACCOUNT_NUMBER: 0,
    Method.MASKED_NUMBER: 1,
    Method.WORDS: 2,
    Method.AMOUNT: 3,
}
_CONFIDENCE: Final = {
    Method.ACCOUNT_NUMBER: 99,
    Method.MASKED_NUMBER: 95,
    Method.WORDS: 92,
    Method.AMOUNT: 80,
}
_TIER: Final = 1_000
_DAY: Final = 10
_NOT_EXACT: Final = 500
"""An amount that had to be converted, or lost a fee, comes after one that is the same."""


def candidates(
    found: Sequence[Clue], rates: RateTable, rejected: Collection[Pair]
) -> list[Candidate]:
    """Every pair that is possible, whatever else its two sides may fit."""
    outs = [one for one in found if one.entry.amount.minor < 0]
    intos = _ByDay([one for one in found if one.entry.amount.minor > 0])
    pairs: dict[Pair, Candidate] = {}
    for out in outs:
        for into in intos.that_may_be(out, rates):
            if (out.entry.id, into.entry.id) in rejected:
                continue
            one = candidate(out, into, rates)
            if one is not None:
                pairs[one.pair] = one
    return _telling(pairs.values())


def _telling(pairs: Collection[Candidate]) -> list[Candidate]:
    """Without those of an amount that is everywhere: being equal says nothing then."""
    rivals = Counter(
        entry_id for one in pairs if one.method is Method.AMOUNT for entry_id in one.pair
    )
    common = {entry_id for entry_id, count in rivals.items() if count > RIVALS_MAX}
    return [one for one in pairs if one.method is not Method.AMOUNT or common.isdisjoint(one.pair)]


class _ByDay:
    """Arrivals, to be found by amount, by account and by currency, near a day."""

    def __init__(self, intos: Iterable[Clue]) -> None:
        self.by_amount: dict[tuple[str, int], list[Clue]] = {}
        self.by_account: dict[object, list[Clue]] = {}
        self.by_currency: dict[str, list[Clue]] = {}
        self.naming: dict[object, list[Clue]] = {}
        for one in sorted(intos, key=_day):
            amount = one.entry.amount
            self.by_amount.setdefault((amount.currency, amount.minor), []).append(one)
            self.by_account.setdefault(one.entry.account_id, []).append(one)
            if one.says is not Says.SOMETHING_ELSE:
                self.by_currency.setdefault(amount.currency, []).append(one)
            for account_id in one.named | one.hinted:
                self.naming.setdefault(account_id, []).append(one)

    def that_may_be(self, out: Clue, rates: RateTable) -> Iterator[Clue]:
        """Of other accounts, near its day: the same amount, or one that a number or rate allows."""
        amount, day = out.entry.amount, out.entry.booked_on
        same = _near(self.by_amount.get((amount.currency, -amount.minor), []), day)
        if len(same) > CROWD:
            # Not worth looking at one by one: only those that more than the amount speaks for.
            same = [one for one in same if _calls_it_a_move(out, one)]
        lists = [same]
        lists += [_near(self.by_account.get(one, []), day) for one in out.named | out.hinted]
        lists.append(_near(self.naming.get(out.entry.account_id, []), day))
        lists += self._converted(out, rates)
        for those in lists:
            for into in those:
                if into.entry.account_id != out.entry.account_id:
                    yield into

    def _converted(self, out: Clue, rates: RateTable) -> Iterator[Sequence[Clue]]:
        """In other currencies, what that day's rate makes of it."""
        amount, day = out.entry.amount, out.entry.booked_on
        if out.says is Says.SOMETHING_ELSE:
            return
        for currency, those in self.by_currency.items():
            rate = (
                None if currency == amount.currency else rates.find(amount.currency, currency, day)
            )
            if rate is not None:
                expected = rate.convert(-amount).minor
                margin = max(Fraction(1), expected * MARGIN_MAX)
                yield [
                    one
                    for one in _near(those, day)
                    if abs(one.entry.amount.minor - expected) <= margin
                ]


def _near(those: Sequence[Clue], day: date) -> Sequence[Clue]:
    first = bisect_left(those, day - LOOK, key=_day)
    return those[first : bisect_right(those, day + LOOK, key=_day)]


def _day(one: Clue) -> date:
    return one.entry.booked_on


def candidate(out: Clue, into: Clue, rates: RateTable) -> Candidate | None:
    """The pair with its evidence; None when it is none."""
    days = days_apart(out.entry.booked_on, into.entry.booked_on)
    if days > DAYS_MAX or out.names_another(into.entry) or into.names_another(out.entry):
        return None
    method = _method(out, into)
    exact = out.entry.amount == -into.entry.amount
    numbered = method in {Method.ACCOUNT_NUMBER, Method.MASKED_NUMBER}
    if not numbered and Says.SOMETHING_ELSE in {out.says, into.says}:
        # The bank calls one side a purchase and the other a transfer: only the person can tell.
        if not (exact and Says.MOVED in {out.says, into.says}):
            return None
        sure = False
    elif exact:
        sure = True
    elif out.entry.amount.currency == into.entry.amount.currency:
        if method is not Method.ACCOUNT_NUMBER or not _only_a_fee_less(out, into):
            return None
        sure = True
    else:
        converted = _converts(out, into, rates)
        if converted is False or (converted is None and method is not Method.ACCOUNT_NUMBER):
            return None
        # Amounts in two currencies nearly fit too easily; and without a rate nothing fits.
        sure = converted is True and method is not Method.AMOUNT
    doubted = (out.doubted or into.doubted) and method is not Method.ACCOUNT_NUMBER
    cost = _TIERS[method] * _TIER + days * _DAY + (0 if exact else _NOT_EXACT)
    confidence = _CONFIDENCE[method] - 2 * days - (0 if exact else 5)
    return Candidate(out.entry, into.entry, method, cost, sure and not doubted, confidence)


def _method(out: Clue, into: Clue) -> Method:
    if out.names(into.entry) or into.names(out.entry):
        return Method.ACCOUNT_NUMBER
    if out.hints(into.entry) or into.hints(out.entry):
        return Method.MASKED_NUMBER
    return Method.WORDS if _calls_it_a_move(out, into) else Method.AMOUNT


def _calls_it_a_move(out: Clue, into: Clue) -> bool:
    both = {out.says, into.says}
    return Says.MOVED in both or both == {Says.TRANSFERRED}


def _only_a_fee_less(out: Clue, into: Clue) -> bool:
    left, arrived = -out.entry.amount.minor, into.entry.amount.minor
    return 0 < left - arrived <= left * FEE_MAX


def _converts(out: Clue, into: Clue, rates: RateTable) -> bool | None:
    """Whether that day's rate makes one of the other; None when no rate is known."""
    left, arrived = -out.entry.amount, into.entry.amount
    rate = rates.find(left.currency, arrived.currency, out.entry.booked_on)
    if rate is None:
        return None
    expected = rate.convert(left).minor
    # A minor unit of rounding on either side is none of the bank's margin.
    return abs(arrived.minor - expected) <= max(Fraction(1), expected * MARGIN_MAX)
