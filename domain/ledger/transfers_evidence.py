"""What two entries say of each other: account numbers, words, amounts, days."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import Final, Self

from domain.ledger.account import Account
from domain.ledger.categories import CategoryGroup, counts_in_cash_flow, group_of
from domain.ledger.entry import Entry
from domain.shared.banking_days import banking_days_between
from domain.shared.ids import AccountId

DAYS_MAX: Final = 5
"""Banking days that money may be on its way."""
LOOK: Final = timedelta(days=14)
"""Calendar days within which that many banking days always lie, Easter and Christmas included."""

_NUMBER_MIN: Final = 8
"""Digits and letters; anything shorter is found in texts by chance."""
_BBAN_AT: Final = 4
_GLUE: Final = re.compile(r"[\s.\-/]+")
_DIGITS: Final = re.compile(r"\d{4}")
_MASKED: Final = re.compile(
    r"(?:[*•x]{2,}[\s*•x]*|\b(?:ending|slutter|ends)\s+(?:in|på|with)\s+)(\d{4})\b", re.IGNORECASE
)
_LAST: Final = 4
_GENERIC: Final = "transfer.other"
_MAYBE: Final = frozenset({"finance.loan", "finance.investment", "finance.other", "income.other"})
_MAYBE_GROUPS: Final = frozenset({CategoryGroup.TRANSFER, CategoryGroup.OTHER})


class Says(IntEnum):
    """What the category makes of the entry."""

    MOVED = 0
    """Money that changes its place."""
    TRANSFERRED = 1
    """A transfer, to whomever."""
    NOTHING = 2
    SOMETHING_ELSE = 3
    """Bought, earned, or split by the person: it takes an account number to say otherwise."""


def says(entry: Entry) -> Says:
    # Of a side of a transfer the bank's own word counts, or every pair would prove itself.
    category = entry.category if entry.transfer is None else entry.transfer.beneath
    if entry.split and entry.transfer is None:
        return Says.SOMETHING_ELSE
    if not counts_in_cash_flow(category):
        return Says.MOVED
    if category == _GENERIC:
        return Says.TRANSFERRED
    if category in _MAYBE or group_of(category) in _MAYBE_GROUPS:
        return Says.NOTHING
    return Says.SOMETHING_ELSE


@dataclass(frozen=True, slots=True)
class Numbers:
    """The account numbers of one person, ready to be looked for in texts."""

    whole: Mapping[AccountId, tuple[str, ...]]
    last: Mapping[str, AccountId]
    """By the last four digits, where they are one account's only."""
    in_part: Mapping[str, frozenset[AccountId]]
    """Accounts of which nobody tells more than the last four digits, by these.

    One of them may be an account whose whole number is known, as another feed tells it.
    """

    @classmethod
    def of(cls, accounts: Iterable[Account]) -> Self:
        whole: dict[AccountId, tuple[str, ...]] = {}
        last: dict[str, list[AccountId]] = {}
        in_part: dict[str, frozenset[AccountId]] = {}
        for one in accounts:
            number = _GLUE.sub("", one.number or "").upper()
            if not number and one.last_four:
                in_part[one.last_four] = in_part.get(one.last_four, frozenset()) | {one.id}
            if len(number) < _NUMBER_MIN:
                continue
            # An IBAN, and the national number at its end.
            iban = number[:2].isalpha() and len(number) > _NUMBER_MIN + _BBAN_AT
            whole[one.id] = (number, number[_BBAN_AT:]) if iban else (number,)
            last.setdefault(number[-_LAST:], []).append(one.id)
        only = {digits: ids[0] for digits, ids in last.items() if len(ids) == 1}
        return cls(whole, only, in_part)

    def named_by(self, entry: Entry) -> frozenset[AccountId]:
        """Other accounts of the person whose whole number stands in the entry's words."""
        words = f"{entry.text} {entry.counterparty or ''}"
        if not _DIGITS.search(words):
            return frozenset()
        squeezed = _GLUE.sub("", words).upper()
        return frozenset(
            account_id
            for account_id, spellings in self.whole.items()
            if account_id != entry.account_id and any(one in squeezed for one in spellings)
        )

    def hinted_by(self, entry: Entry) -> frozenset[AccountId]:
        """Other accounts of which the entry's words show the last four digits, masked.

        Or a whole number that may be theirs, as far as its last four digits go.
        """
        found = _MASKED.findall(f"{entry.text} {entry.counterparty or ''}")
        hinted = {self.last[digits] for digits in found if digits in self.last}
        if self.in_part:
            for account_id in self.named_by(entry):
                hinted |= self.in_part.get(self.whole[account_id][0][-_LAST:], frozenset())
        return frozenset(hinted - {entry.account_id})


@dataclass(frozen=True, slots=True)
class Clue:
    """An entry with what it says of where its other side may be."""

    entry: Entry
    says: Says
    named: frozenset[AccountId]
    hinted: frozenset[AccountId]
    doubted: bool
    """The person has taken a pair with it apart: it is not paired again without asking."""

    def names(self, other: Entry) -> bool:
        return other.account_id in self.named

    def hints(self, other: Entry) -> bool:
        return other.account_id in self.hinted

    def names_another(self, other: Entry) -> bool:
        return bool(self.named) and not (self.names(other) or self.hints(other))


def clues(
    entries: Iterable[Entry], accounts: Collection[Account], doubted: Collection[object]
) -> list[Clue]:
    numbers = Numbers.of(accounts)
    return [
        Clue(one, says(one), numbers.named_by(one), numbers.hinted_by(one), one.id in doubted)
        for one in entries
    ]


@lru_cache(65_536)  # the same days are asked about again and again
def days_apart(out: date, into: date) -> int:
    """Banking days on the way. Money that seems to arrive before it left counts double."""
    if into >= out:
        return banking_days_between(out, into)
    return 2 * max(1, banking_days_between(into, out))
