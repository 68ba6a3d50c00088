"""Transfers between a person's own accounts: what they are, and which decisions there are of them.

A transfer is one entry that left an account of the person's and one that reached another. Neither
is income or spending. Which entries belong together is decided anew whenever something near them
changes, from everything that is known then and never from what came first; what the person said
of a pair outlives every run.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.errors_transfers import (
    NoSuggestionError,
    NotOppositeError,
    SameAccountError,
)
from domain.shared.ids import EntryId, TransferId
from domain.shared.observations import AccountKind

PAIRER: Final = 2
"""Raised with every change of the rules, so that it is known which ones made a transfer."""

Pair = tuple[EntryId, EntryId]
"""What left, and what arrived."""


class TransferState(StrEnum):
    SUGGESTED = "suggested"
    PAIRED = "paired"
    REJECTED = "rejected"
    """The person said that these two are no transfer: they are never paired again by themselves."""
    DISSOLVED = "dissolved"
    """The person had paired them, and one of them is gone, part of another entry, or in a transfer
    that they made since; should it be free again, they come together again."""


class Method(StrEnum):
    """Why two entries are taken for one transfer, surest first."""

    PERSON = "person"
    ACCOUNT_NUMBER = "account_number"
    MASKED_NUMBER = "masked_number"
    WORDS = "words"
    """The bank itself calls it money that changes its place."""
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two entries that may be one transfer."""

    out: Entry
    into: Entry
    method: Method
    cost: int
    """How far they are from a perfect pair; less is better."""
    sure: bool
    """Whether it may be paired without asking, if nothing else fits as well."""
    confidence: int
    """Per cent."""

    @property
    def pair(self) -> Pair:
        return self.out.id, self.into.id


@dataclass(frozen=True, slots=True)
class Transfer:
    """What is known of a pair. A pair has one row for good, whatever becomes of it."""

    id: TransferId
    out: EntryId
    into: EntryId
    state: TransferState
    method: Method
    confidence: int
    pairer: int
    by_person: bool
    """Who said what `state` says."""
    made_at: datetime
    decided_at: datetime | None = None

    @property
    def pair(self) -> Pair:
        return self.out, self.into

    @property
    def fixed(self) -> bool:
        """No rule may take it apart."""
        return self.state is TransferState.PAIRED and self.by_person

    def paired_by_person(self, at: datetime) -> Self:
        return replace(self, state=TransferState.PAIRED, by_person=True, decided_at=at)

    def confirmed(self, at: datetime) -> Self:
        """Raises NoSuggestionError."""
        if self.state is not TransferState.SUGGESTED:
            raise NoSuggestionError(self.id)
        return self.paired_by_person(at)

    def dismissed(self, at: datetime) -> Self:
        """Raises NoSuggestionError."""
        if self.state is not TransferState.SUGGESTED:
            raise NoSuggestionError(self.id)
        return self.rejected(at)

    def rejected(self, at: datetime) -> Self:
        return replace(self, state=TransferState.REJECTED, by_person=True, decided_at=at)

    def dissolved(self) -> Self:
        return replace(self, state=TransferState.DISSOLVED)

    def together_again(self) -> Self:
        """As the person paired them, when they did."""
        return replace(self, state=TransferState.PAIRED)

    def carried_to(self, pair: Pair, transfer_id: TransferId, at: datetime) -> Self:
        """The same word of the person's, as said of another pair; nothing is paired by that."""
        out, into = pair
        no = self.state is TransferState.REJECTED
        state = TransferState.REJECTED if no else TransferState.DISSOLVED
        return replace(self, id=transfer_id, out=out, into=into, state=state, made_at=at)


@dataclass(frozen=True, slots=True)
class Decision:
    """Which entries belong together, and which may."""

    paired: Sequence[Candidate] = ()
    suggested: Sequence[Candidate] = ()


def sides(one: Entry, other: Entry) -> tuple[Entry, Entry]:
    """What left and what arrived, of two entries that a person says are one transfer.

    Amounts need not be equal: fees, rates and rounding lie on the way, and the person knows.

    Raises:
        SameAccountError, NotOppositeError
    """
    if one.account_id == other.account_id:
        raise SameAccountError(one.id, other.id)
    if one.amount.minor * other.amount.minor >= 0:
        raise NotOppositeError(one.id, other.id)
    return (one, other) if one.amount.minor < 0 else (other, one)


def category_between(accounts: Collection[Account], out: Entry, into: Entry) -> str:
    """What a transfer between these accounts is called where the bank has no better word."""
    kinds = {one.id: one.kind for one in accounts}
    ends = {kinds.get(out.account_id), kinds.get(into.account_id)}
    if kinds.get(into.account_id) is AccountKind.CREDIT_CARD:
        return "transfer.card"
    if ends & {AccountKind.SAVINGS, AccountKind.INVESTMENT}:
        return "transfer.savings"
    return "transfer.own"
