"""What each feed of a joined account says, of the account and of each entry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from domain.ledger.account import Account, Anchor
from domain.ledger.categories import UNCATEGORISED
from domain.ledger.entry import NOTHING_EDITED, Edited, Entry, Removed
from domain.shared.ids import AccountId, EntryId, FeedId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, AccountSeen, BalanceSeen, EntryStatus


class TellerKind(StrEnum):
    """Who is behind a feed, as far as it matters whom to believe."""

    STATEMENT = "statement"
    TINK = "tink"
    PLAID = "plaid"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """One feed of a joined account, and what it last said of the account itself."""

    account_id: AccountId
    feed_id: FeedId
    kind: TellerKind
    ended: bool = False
    """It says no more; what it said stays."""
    name: str
    account_kind: AccountKind
    number: str | None = None
    institution: str | None = None
    institution_id: str | None = None
    last_four: str | None = None
    anchor: Anchor | None = None
    was: AccountId | None = None
    """The account that it told of before the two were joined."""
    heard_at: datetime | None = None
    """When it was last heard, whether it had news or not."""

    @classmethod
    def of(cls, account: Account, feed_id: FeedId, kind: TellerKind, *, ended: bool) -> Self:
        return cls(
            account_id=account.id,
            feed_id=feed_id,
            kind=kind,
            ended=ended,
            name=account.name,
            account_kind=account.kind,
            number=account.number,
            institution=account.institution,
            institution_id=account.institution_id,
            last_four=account.last_four,
            anchor=account.anchor,
            was=account.id,
        )

    def says(self, now: AccountSeen) -> Self:
        balance: BalanceSeen | None = now.balance
        older = balance and self.anchor and balance.as_of < self.anchor.as_of
        return replace(
            self,
            name=now.name or self.name,
            account_kind=now.kind,
            number=now.number or self.number,
            institution=now.institution or self.institution,
            institution_id=now.institution_id or self.institution_id,
            last_four=now.last_four or self.last_four,
            anchor=self.anchor if balance is None or older else Anchor.of(balance),
        )


Tellers = Mapping[FeedId, Teller]
"""Of one account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one feed says of one entry of a joined account."""

    entry_id: EntryId
    account_id: AccountId
    feed_id: FeedId
    status: EntryStatus
    amount: Money
    booked_on: date
    value_on: date | None = None
    text: str | None = None
    """None: nobody knows any more, because the person wrote other words over it."""
    counterparty: str | None = None
    category: str | None = None
    """None: as above."""
    removed: Removed | None = None
    """`BY_FEED` or `EXPIRED`: it says so no longer."""
    told_at: datetime
    provisional: bool = False
    """It was taken for this entry while one of them was pending: looked at again until both are
    booked."""
    was: EntryId | None = None
    """The entry that it was of before this one."""

    @property
    def stands(self) -> bool:
        return self.removed is None

    @classmethod
    def by(cls, feed_id: FeedId, view: Entry, at: datetime) -> Self:
        """What a feed's view of an entry amounts to."""
        removed = view.removed if view.removed in {Removed.BY_FEED, Removed.EXPIRED} else None
        return cls(
            entry_id=view.id,
            account_id=view.account_id,
            feed_id=feed_id,
            status=view.status,
            amount=view.amount,
            booked_on=view.booked_on,
            value_on=view.value_on,
            text=None if Edited.TEXT in view.edited else view.text,
            counterparty=view.counterparty,
            category=_bank_category(view),
            removed=removed,
            told_at=at,
        )

    def view(self, shared: Entry) -> Entry:
        """The entry as this feed knows it: only what it said, and that the person deleted it."""
        return replace(
            unsaid(shared),
            status=self.status,
            amount=self.amount,
            booked_on=self.booked_on,
            value_on=self.value_on,
            text=shared.text if self.text is None else self.text,
            counterparty=self.counterparty,
            category=self.category or UNCATEGORISED,
            removed=Removed.BY_PERSON if shared.removed is Removed.BY_PERSON else self.removed,
        )

    def alone(
        self, entry_id: EntryId, account_id: AccountId, shared: Entry, *, deleted: bool
    ) -> Entry:
        """An entry of its own that says only this, taken out of one that others tell of, too."""
        own = replace(self.view(shared), id=entry_id, account_id=account_id)
        return replace(own, removed=Removed.BY_PERSON if deleted else self.removed)


def unsaid(entry: Entry) -> Entry:
    """The entry without a word of the person's."""
    return replace(entry, note=None, split=(), edited=NOTHING_EDITED, transfer=None)


def _bank_category(entry: Entry) -> str | None:
    if entry.transfer is not None:
        return entry.transfer.beneath
    return None if Edited.CATEGORY in entry.edited else entry.category


def by_entry(tellings: Iterable[Told]) -> dict[EntryId, list[Told]]:
    found: dict[EntryId, list[Told]] = {}
    for one in tellings:
        found.setdefault(one.entry_id, []).append(one)
    return found


def said_to_be(view: Entry, feed_id: FeedId, those: Iterable[Told]) -> Entry | None:
    """What a feed holds, as the booking of another feed that the person said it is.

    `those`: all that is told of the entry. Without a person's word a hold and a booking are
    provisional. None: nobody said anything.
    """
    those = list(those)
    if view.status is not EntryStatus.PENDING or any(one.provisional for one in those):
        return None
    for one in those:
        if one.feed_id != feed_id and one.stands and one.status is EntryStatus.BOOKED:
            return replace(
                view,
                amount=one.amount,
                booked_on=one.booked_on,
                text=one.text or view.text,
                counterparty=one.counterparty,
            )
    return None
