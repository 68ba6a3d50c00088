"""What is kept of joined accounts, as one transaction of one person sees it.

An account that one feed tells of has no rows here, and costs nothing.
"""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from domain.ledger.matching.evidence import Link
from domain.ledger.one_account.same import FedAccount, SameAccountId
from domain.ledger.one_account.told import Teller, TellerKind, Tellers, Told
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.observations import EntryStatus

JoinedAccounts = Mapping[AccountId, Tellers]


@dataclass(frozen=True, slots=True)
class Merge:
    """One entry is another one now: whatever speaks of it speaks of that."""

    gone: EntryId
    kept: EntryId
    link: Link
    """Why. It takes the place of what each of its feeds began it with."""
    fresh: bool = False
    """It came into being in this very transaction: nobody can ask for it by its id."""


@dataclass(frozen=True, slots=True)
class Parting:
    """What one feed tells of an entry is an entry of its own again."""

    entry_id: EntryId
    own: EntryId


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A booked entry that the feed took back, or the person deleted, with the feed's names."""

    entry_id: EntryId
    names: frozenset[ExternalId]
    living: frozenset[ExternalId]


@dataclass(frozen=True, slots=True)
class FeedOfAccount:
    feed_id: FeedId
    kind: TellerKind
    ended: bool


@dataclass(frozen=True, slots=True)
class AccountSize:
    """By the kept sums, so that asking costs nothing: what is booked and stands."""

    entries: int
    """Splits count for as many as they have parts."""
    months: tuple[date, date] | None
    """The first day of the first and of the last one; None: there are none."""


class OneAccounts(Protocol):
    """Accounts that are one, and those that may be."""

    @abstractmethod
    async def joined(self) -> JoinedAccounts:
        """Every account of the person that several feeds tell of, with those feeds."""

    @abstractmethod
    async def feeds_of(self, account_id: AccountId) -> Sequence[FeedOfAccount]:
        """Every feed that ever named the account."""

    @abstractmethod
    async def fed(self) -> Sequence[FedAccount]:
        """Every account that feeds tell of; nothing is locked."""

    @abstractmethod
    async def size_of(self, account_id: AccountId) -> AccountSize:
        """Nothing is locked."""

    @abstractmethod
    async def put_teller(self, teller: Teller) -> None: ...

    @abstractmethod
    async def drop_tellers(self, account_id: AccountId, feeds: Collection[FeedId]) -> None: ...

    @abstractmethod
    async def absorb(self, account_id: AccountId, other: AccountId, revision: int) -> None:
        """Move entries, sums, names and marks of the other account here, and forget it.

        Its id is remembered.
        """

    @abstractmethod
    async def hand_over(
        self, account_id: AccountId, own: AccountId, feed_id: FeedId, revision: int
    ) -> None:
        """Give the feed's names, and the entries that only it tells of, to an account of its own.

        Sums are others' to move.
        """

    @abstractmethod
    async def moved_to(self, account_id: AccountId) -> AccountId | None:
        """The account that this one was joined into."""

    @abstractmethod
    async def former(self) -> Mapping[AccountId, AccountId]:
        """Every account that was joined into another one, and which that is now."""

    @abstractmethod
    async def dismissed(self) -> Collection[SameAccountId]: ...

    @abstractmethod
    async def dismiss(self, proposal_id: SameAccountId) -> None:
        """Never propose it again."""

    @abstractmethod
    async def admit(self, proposal_id: SameAccountId) -> None:
        """The person says otherwise now."""


class FeedsOwnView(Protocol):
    """What one feed said by itself of joined accounts: the view that its updates are matched in."""

    @abstractmethod
    async def told_by(
        self, feed_id: FeedId, entry_ids: Collection[EntryId]
    ) -> Mapping[EntryId, Told]: ...

    @abstractmethod
    async def pendings(self, feed_id: FeedId, oldest: date) -> Sequence[tuple[ExternalId, Told]]:
        """What the feed calls pending, by its live names; expired ones after `oldest` too."""

    @abstractmethod
    async def nameless(
        self,
        feed_id: FeedId,
        account_ids: Collection[AccountId],
        status: EntryStatus,
        days: Collection[date] | None,
    ) -> Sequence[Told]:
        """What the feed told of, and has no live name for any more."""

    @abstractmethod
    async def any_lost(self, feed_id: FeedId, account_ids: Collection[AccountId]) -> bool: ...

    @abstractmethod
    async def lost(
        self, feed_id: FeedId, account_ids: Collection[AccountId], days: Collection[date]
    ) -> Sequence[TakenBack]: ...


class Tellings(FeedsOwnView, Protocol):
    """What each feed says of the entries of joined accounts."""

    @abstractmethod
    async def tell(self, account_id: AccountId, feeds: Sequence[FeedId]) -> None:
        """Keep what one of these feeds said of each entry: the first that has a name for it.

        Taken from the entries as they are. Those already kept stay.
        """

    @abstractmethod
    async def untell(self, account_id: AccountId) -> None:
        """Forget what each feed said: one feed is left, and its word is the entry's."""

    @abstractmethod
    async def told(self, entry_ids: Collection[EntryId]) -> Sequence[Told]:
        """What every feed says of these entries."""

    @abstractmethod
    async def told_between(self, account_id: AccountId, first: date, last: date) -> Sequence[Told]:
        """What every feed says of entries that any feed dates on one of these days."""

    @abstractmethod
    async def told_by_several(self, account_id: AccountId) -> int:
        """How many entries of the account more than one feed tells of."""

    @abstractmethod
    async def entries_of(self, account_id: AccountId, feed_id: FeedId) -> Sequence[EntryId]:
        """Those that the feed tells of, in the order of their ids."""

    @abstractmethod
    async def days_of(self, account_id: AccountId) -> tuple[date, date] | None:
        """The first and the last day that any feed tells of; None: nothing is told."""

    @abstractmethod
    async def span(self, account_id: AccountId) -> Mapping[FeedId, tuple[date, date]]:
        """The first and the last day on which each feed tells of something booked."""

    @abstractmethod
    async def told_days(self, account_id: AccountId) -> Mapping[FeedId, Sequence[date]]:
        """Days on which each feed tells of something booked, in order."""

    @abstractmethod
    async def disputed(self, account_id: AccountId) -> Sequence[Told]:
        """What is said of entries of which feeds may say different things; perhaps of others, too.

        Whoever asks looks closer.
        """

    @abstractmethod
    async def put(self, tellings: Collection[Told]) -> None: ...

    @abstractmethod
    async def drop(self, feed_id: FeedId, entry_ids: Collection[EntryId] | None = None) -> None:
        """Forget what the feed says of these entries, or of all."""

    @abstractmethod
    async def parts_of(
        self,
        feed_id: FeedId,
        staying: Collection[AccountId],
        going: Collection[AccountId],
        forgotten: Collection[EntryId],
    ) -> Sequence[EntryId]:
        """Entries that the feed told of, and that became part of another one.

        Not those of the accounts that are `going` as a whole, nor those that another feed told
        of, too. Of the accounts that stay (`staying`), also those of which nobody can tell any
        more who told of them, where the feed tells of what they are part of; and whatever is part
        of an entry that will be `forgotten`.
        """

    @abstractmethod
    async def merge(self, merges: Sequence[Merge]) -> None:
        """Names, suggestions, words and decisions of each entry that is gone go to the kept one.

        A fresh one is deleted; the others stay as removed, and are found by their ids.
        """

    @abstractmethod
    async def became(self, merged: Mapping[EntryId, EntryId]) -> None:
        """Remember which entry each of these is part of, if it is removed as merged."""

    @abstractmethod
    async def part(
        self, feed_id: FeedId, account_id: AccountId, partings: Sequence[Parting]
    ) -> None:
        """The feed's names of each entry are the other one's, which is of that account now."""

    @abstractmethod
    async def names_of(
        self, entry_ids: Collection[EntryId]
    ) -> Mapping[EntryId, Sequence[tuple[FeedId, ExternalId]]]:
        """The live names of these entries."""

    @abstractmethod
    async def edited_at(self, entry_ids: Collection[EntryId]) -> Mapping[EntryId, int]:
        """The revision in which each of these entries was changed last."""

    @abstractmethod
    async def changed_by_hand(self, entry_ids: Collection[EntryId]) -> Collection[EntryId]:
        """Those of which the last change was the person's own: an edit, or a deletion."""

    @abstractmethod
    async def edited_on(self, account_id: AccountId) -> Mapping[EntryId, int]:
        """The same of each entry of the account of which the person said something."""
