from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final, Self

from domain.ledger.categories import CATEGORIES, UNCATEGORISED, counts_in_cash_flow
from domain.ledger.errors import (
    SinglePartError,
    SplitDoesNotAddUpError,
    UnknownCategoryError,
)
from domain.ledger.matching.evidence import FOUNDING, Link
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, TransferId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus, TransactionSeen


class Removed(StrEnum):
    """Why an entry is not shown any more. It is never deleted while its feed may speak of it."""

    BY_FEED = "by_feed"
    BY_PERSON = "by_person"
    EXPIRED = "expired"
    MERGED = "merged"
    """It turned out to be another entry, which has its names now."""


@dataclass(frozen=True, slots=True)
class Part:
    """A share of an entry, with a category of its own."""

    amount: Money
    category: str
    note: str | None = None


class Edited(StrEnum):
    """What a person has said about an entry; no feed says otherwise afterwards."""

    CATEGORY = "category"
    DELETED = "deleted"
    """Of an entry of several feeds, or part of one: it was deleted as itself, and not only as what
    was put together with it."""
    NOTE = "note"
    PARTS = "parts"
    TEXT = "text"


NOTHING_EDITED: Final[frozenset[Edited]] = frozenset()


@dataclass(frozen=True, slots=True)
class InTransfer:
    """Of an entry that is one side of a transfer between own accounts: where the other one is."""

    id: TransferId
    other: EntryId
    other_account: AccountId
    beneath: str
    """The category that it has without the transfer, as far as the bank goes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement on one account. Outflow is negative."""

    id: EntryId
    account_id: AccountId
    status: EntryStatus
    amount: Money
    booked_on: date
    """While pending, the best date there is."""
    text: str
    value_on: date | None = None
    counterparty: str | None = None
    category: str = UNCATEGORISED
    """The one that counts: the person's, else the transfer's, else the bank's."""
    note: str | None = None
    split: tuple[Part, ...] = ()
    """Empty, or at least two parts that add up to the amount."""
    edited: frozenset[Edited] = NOTHING_EDITED
    removed: Removed | None = None
    transfer: InTransfer | None = None
    version: int = 1

    @property
    def parts(self) -> Sequence[Part]:
        """What sums are made of: the split, or the whole entry as its only part."""
        return self.split or (Part(self.amount, self.category),)

    @property
    def counts(self) -> bool:
        """Whether it is in sums and balances: booked, and not taken away."""
        return self.status is EntryStatus.BOOKED and self.removed is None

    def told(self, seen: TransactionSeen) -> Self:
        """What the feed says now, except where the person has spoken.

        A booked entry never falls back to pending: a late page is not news (unless the feed had
        taken the entry back, and gives it again).
        """
        falls_back = self.status is EntryStatus.BOOKED and seen.status is EntryStatus.PENDING
        if falls_back and self.removed is not Removed.BY_FEED:
            return self
        told = seen.category or UNCATEGORISED
        keeps_category = Edited.CATEGORY in self.edited or self.transfer is not None
        return replace(
            self,
            status=seen.status,
            amount=seen.amount,
            booked_on=seen.booked_on,
            value_on=seen.value_on,
            counterparty=seen.counterparty,
            text=self.text if Edited.TEXT in self.edited else seen.text,
            category=self.category if keeps_category else told,
            transfer=self.transfer and replace(self.transfer, beneath=told),
            split=fitted(self.split, seen.amount),
            removed=self.removed if self.removed is Removed.BY_PERSON else None,
        )

    def taken_away(self, why: Removed) -> Self:
        """Removed; a person's own deletion stays a person's."""
        return self if self.removed is Removed.BY_PERSON else replace(self, removed=why)

    def categorised(self, category: str) -> Self:
        ensure_category(category)
        return replace(self, category=category, split=(), edited=self.edited | {Edited.CATEGORY})

    def paired(self, transfer_id: TransferId, other: "Entry", category: str) -> Self:
        """One side of a transfer, and so neither earned nor spent.

        What the person chose stays, and so does a category that says as much already.
        """
        beneath = self.category if self.transfer is None else self.transfer.beneath
        if Edited.CATEGORY in self.edited:
            category = self.category
        elif not counts_in_cash_flow(beneath):
            category = beneath
        mark = InTransfer(transfer_id, other.id, other.account_id, beneath)
        return replace(self, category=category, transfer=mark)

    def unpaired(self) -> Self:
        """No side of a transfer any more; the bank's category is back, unless the person chose."""
        if self.transfer is None:
            return self
        kept = Edited.CATEGORY in self.edited
        return replace(
            self, category=self.category if kept else self.transfer.beneath, transfer=None
        )

    def noted(self, note: str | None) -> Self:
        return replace(self, note=note, edited=self.edited | {Edited.NOTE})

    def split_into(self, parts: Sequence[Part]) -> Self:
        """At least two parts that add up; none takes the split back.

        Raises:
            SplitDoesNotAddUpError, UnknownCategoryError, CurrencyMismatchError.
        """
        total = Money(0, self.amount.currency)
        for part in parts:
            ensure_category(part.category)
            total += part.amount
        if parts and total != self.amount:
            raise SplitDoesNotAddUpError(str(self.amount), str(total))
        if len(parts) == 1:
            raise SinglePartError(str(total))
        return replace(self, split=tuple(parts), edited=self.edited | {Edited.PARTS})


def fitted(split: tuple[Part, ...], amount: Money) -> tuple[Part, ...]:
    """A person's split of an entry whose amount the bank has changed.

    The parts stay as they were said, and what is new or missing is one more part.
    """
    if not split:
        return split
    if split[0].amount.currency != amount.currency:
        return ()
    missing = amount.minor - sum(part.amount.minor for part in split)
    rest = Part(Money(missing, amount.currency), UNCATEGORISED)
    return (*split, rest) if missing else split


def ensure_category(category: str) -> None:
    if category not in CATEGORIES:
        raise UnknownCategoryError(category)


@dataclass(frozen=True, slots=True)
class EntrySource:
    """What a feed calls an entry, and a digest of what it last said about it."""

    feed_id: FeedId
    external_id: ExternalId
    entry_id: EntryId
    digest: int
    link: Link = FOUNDING
    """Why it is that entry. Of a name that is heard again, it stays what it was."""
