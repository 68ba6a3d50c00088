"""Accounts that may be one account, seen twice: what speaks for it, and how surely.

Only the person can know, so nothing is joined by itself: two connections to one bank, one account
through two providers, or an account that a bank and a statement file tell of, stay two until the
person says so. What is proposed follows from the accounts as they are; only a "no" is kept.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from itertools import combinations, islice
from typing import Final, NewType
from uuid import UUID

from domain.ledger.account import Account, AccountOrigin
from domain.ledger.errors_one_account import AccountsAreTwoError
from domain.shared.ids import AccountId, FeedId

SameAccountId = NewType("SameAccountId", UUID)
Pair = tuple[AccountId, AccountId]
"""The older account first."""

_LEAST: Final = 60
_LOOKED_AT: Final = 100
_PAIRS_LOOKED_AT: Final = 20_000
"""A hash each: some hundredths of a second."""
_LAST: Final = 4
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BBAN_AT: Final = 4
_GLUE: Final = re.compile(r"[\s.\-/]+")


class SameBy(StrEnum):
    """What two accounts have in common."""

    NUMBER = "number"
    NATIONAL_NUMBER = "national_number"
    """One tells the IBAN, the other the national number in it."""
    LAST_FOUR = "last_four"
    NAME = "name"
    INSTITUTION = "institution"
    KIND = "kind"
    BALANCE = "balance"


_WORD: Final = re.compile(r"[^\W_]+")
_OF_ANY_BANK: Final = frozenset(
    {
        "asa",
        "bank",
        "banken",
        "banking",
        "business",
        "personal",
        "private",
        "sandbox",
        "savings",
        "sparebank",
        "sparebanken",
    }
)
"""Words that tell no bank from another."""
_SHORTEST_NAME: Final = 3
"""Letters: what is shorter is a country or a company's form."""

_WORTH: Final = {SameBy.NUMBER: 99, SameBy.NATIONAL_NUMBER: 97, SameBy.LAST_FOUR: 80}
_NO_NUMBERS: Final = 60


@dataclass(frozen=True, slots=True)
class FedAccount:
    """An account and the feeds that tell of it."""

    account: Account
    feeds: frozenset[FeedId]
    """Those that have not ended."""


@dataclass(frozen=True, slots=True)
class SameAccount:
    """Two accounts that may be one."""

    pair: Pair
    confidence: int
    """Per cent."""
    evidence: tuple[SameBy, ...]

    @property
    def id(self) -> SameAccountId:
        return proposal_id(*self.pair)


def proposal_id(one: AccountId, other: AccountId) -> SameAccountId:
    """The same for two accounts, in either order, as long as both are there."""
    both = b"".join(sorted((one.bytes, other.bytes)))
    return SameAccountId(UUID(bytes=blake2b(both, digest_size=16).digest(), version=5))


def pair_of(wanted: SameAccountId, groups: Iterable[Collection[AccountId]]) -> Pair | None:
    """Which two accounts of one group a proposal was of; the id that is less first.

    Of a group, and of all groups together, no more is looked at than takes a moment: the oldest
    account and the youngest ones. What was said of others is known no longer.
    """
    some = ((those[:1] + those[1:][-_LOOKED_AT:]) for those in map(sorted, groups))
    pairs = (pair for those in some for pair in combinations(those, 2))
    looked_at = islice(pairs, _PAIRS_LOOKED_AT)
    return next((pair for pair in looked_at if proposal_id(*pair) == wanted), None)


def proposals(
    accounts: Sequence[FedAccount], dismissed: Collection[SameAccountId] = ()
) -> list[SameAccount]:
    """What may be one, the surest first. Never across currencies."""
    found = []
    for one, other in combinations(sorted(accounts, key=_age), 2):
        said = _alike(one, other)
        if said is not None and said.id not in dismissed:
            found.append(said)
    return sorted(found, key=lambda one: (-one.confidence, one.pair))


def _age(one: FedAccount) -> tuple[object, AccountId]:
    return one.account.created_at, one.account.id


def in_order(one: FedAccount, other: FedAccount) -> tuple[FedAccount, FedAccount]:
    """The one that goes on, and the one that becomes part of it: the older one keeps its id."""
    first, second = sorted((one, other), key=_age)
    return first, second


def ensure_may_be_one(one: FedAccount, other: FedAccount) -> None:
    """Raises AccountsAreTwoError."""
    why = _two_because(one, other)
    if why is not None:
        raise AccountsAreTwoError(one.account.id, other.account.id, why)


def _two_because(one: FedAccount, other: FedAccount) -> str | None:
    if one.account.id == other.account.id:
        return "they are the same already"
    if one.account.currency != other.account.currency:
        return f"one is in {one.account.currency}, the other in {other.account.currency}"
    if AccountOrigin.MANUAL in {one.account.origin, other.account.origin}:
        return "one of them is kept by hand, and nobody else tells of it"
    if not one.feeds.isdisjoint(other.feeds):
        return "one bank link, or one series of files, tells of both side by side"
    numbers = _number(one.account), _number(other.account)
    if all(numbers) and _same_number(*numbers) is None:
        return "their account numbers differ"
    return None


def _alike(one: FedAccount, other: FedAccount) -> SameAccount | None:
    if _two_because(one, other) is not None:
        return None
    evidence = list(_evidence(one.account, other.account))
    confidence = max((_WORTH[said] for said in evidence if said in _WORTH), default=0)
    alike = {SameBy.INSTITUTION, SameBy.KIND}
    if confidence < _WORTH[SameBy.NATIONAL_NUMBER] and not alike <= set(evidence):
        return None  # the last four digits, or "Savings", of any bank in the world
    if not confidence and SameBy.NAME in evidence and not _balances_differ(one, other):
        confidence = _NO_NUMBERS
    if confidence < _LEAST:
        return None
    more = {SameBy.BALANCE: 10, SameBy.NAME: 5}
    sure = confidence + sum(more.get(said, 0) for said in evidence)
    pair = one.account.id, other.account.id
    return SameAccount(pair, min(sure, max(confidence, 95)), tuple(evidence))


def _evidence(one: Account, other: Account) -> Sequence[SameBy]:
    said = []
    by_number = _same_number(_number(one), _number(other))
    if by_number is not None:
        said.append(by_number)
    elif _last(one) is not None and _last(one) == _last(other):
        said.append(SameBy.LAST_FOUR)
    if one.name.casefold() == other.name.casefold():
        said.append(SameBy.NAME)
    if _at_one_bank(one, other):
        said.append(SameBy.INSTITUTION)
    if one.kind is other.kind:
        said.append(SameBy.KIND)
    if one.anchor and other.anchor and one.anchor.booked == other.anchor.booked:
        said.append(SameBy.BALANCE)
    return said


def _number(one: Account) -> str:
    return _GLUE.sub("", one.number or "").upper()


def _same_number(one: str, other: str) -> SameBy | None:
    if not one or not other:
        return None
    if one == other:
        return SameBy.NUMBER
    long, short = (one, other) if len(one) > len(other) else (other, one)
    if _IBAN.fullmatch(long) and long[_BBAN_AT:] == short:
        return SameBy.NATIONAL_NUMBER
    return None


def _last(one: Account) -> str | None:
    return one.last_four or _number(one)[-_LAST:] or None


def _balances_differ(one: FedAccount, other: FedAccount) -> bool:
    """As of two "Savings" in a family.

    One account may differ from itself for an hour, too: it is proposed once both tell the same.
    """
    said, told = one.account.anchor, other.account.anchor
    return said is not None and told is not None and said.booked != told.booked


def _at_one_bank(one: Account, other: Account) -> bool:
    """By a word of its own: `DNB` and `DNB Bank ASA`, `no-fjord-ob` and `Fjord Sparebank`."""
    said, told = _words(one.institution), _words(other.institution)
    if not said or not told:
        return False
    return said == told or not _telling(said).isdisjoint(_telling(told))


def _words(institution: str | None) -> frozenset[str]:
    return frozenset(_WORD.findall((institution or "").casefold()))


def _telling(words: frozenset[str]) -> frozenset[str]:
    return frozenset(one for one in words - _OF_ANY_BANK if len(one) >= _SHORTEST_NAME)
