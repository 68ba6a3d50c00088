"""What the ledger's use cases need. Every port here belongs to one transaction of one person."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from application.ledger.holdings import FeedHoldings
from application.ledger.links import Links
from application.ledger.lost_entries import LostEntry
from application.ledger.one_account.ports import OneAccounts, Tellings
from application.ledger.proofs.ports import Proofs
from application.ledger.suggestions import BankManners, LinkWords, Suggestions
from application.shared.audit import AuditTrail
from application.shared.feeds import FeedUpdates, ReceivedUpdates
from application.shared.idempotency import Idempotency
from application.shared.jobs import JobQueue
from application.shared.outbox import Inbox, Outbox
from application.shared.parts import TxPart
from application.shared.receipts import Receipts
from domain.ledger.account import Account, AccountSource
from domain.ledger.again import NamedAccount
from domain.ledger.entry import Entry
from domain.ledger.matching.facts import KnownSource, OpenPending
from domain.ledger.matching.plan import Plan
from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, UserId
from domain.shared.observations import EntryStatus


class LedgerFeeds(Protocol):
    @abstractmethod
    async def lock(self, feed_id: FeedId) -> int:
        """The number of the last update that was applied (0: none), locked until the end.

        Whoever comes second waits here; updates of one feed are applied one after the other.
        """

    @abstractmethod
    async def applied_to(self, feed_id: FeedId) -> int:
        """The number of the last update that was applied (0: none), not locked."""

    @abstractmethod
    async def applied(self, feed_id: FeedId, number: int) -> None: ...

    @abstractmethod
    async def end(self, feed_id: FeedId) -> None:
        """The feed says no more, and what it said is kept: its names are names of the past."""

    @abstractmethod
    async def erase(self, feed_id: FeedId) -> Sequence[AccountId]:
        """Forget the feed's sources; returns the accounts that nothing speaks of any more.

        Later updates of the feed find an account anew.
        """


class Accounts(Protocol):
    @abstractmethod
    async def of_feed(self, feed_id: FeedId) -> Mapping[ExternalId, Account]:
        """By the feed's own names, locked in a fixed order until the end."""

    @abstractmethod
    async def with_names(self) -> Sequence[NamedAccount]:
        """All that came from connections, with every name they ever had; not locked."""

    @abstractmethod
    async def recognising(self, feed_id: FeedId) -> Collection[AccountId]:
        """Those that the feed names, and that were there before they had that name."""

    @abstractmethod
    async def get(self, account_id: AccountId) -> Account:
        """Locked until the end. Raises AccountNotFoundError."""

    @abstractmethod
    async def lock_all(self) -> None:
        """Lock all of the person's, in the order that feeds lock theirs in, until the end.

        For whoever changes entries of accounts that it cannot name beforehand.
        """

    @abstractmethod
    async def is_there(self, account_id: AccountId) -> bool:
        """Nothing is locked."""

    @abstractmethod
    async def with_number(self, number: str, currency: str) -> Sequence[Account]:
        """Accounts of that IBAN or national number, oldest first."""

    @abstractmethod
    async def named(self, name: str, currency: str) -> Sequence[Account]:
        """Accounts of exactly that name, oldest first."""

    @abstractmethod
    async def feed_of(self, account_id: AccountId) -> AccountSource | None:
        """The feed that speaks of the account, or the first of them, if one was begun."""

    @abstractmethod
    async def statements_of(self, account_id: AccountId) -> AccountSource | None:
        """The feed of statement files that speaks of the account, if one was begun."""

    @abstractmethod
    async def add(self, account: Account) -> None: ...

    @abstractmethod
    async def link(self, source: AccountSource) -> None: ...

    @abstractmethod
    async def save(self, account: Account) -> None:
        """Write what is known of the account, its kept balance included.

        The balance is worked out from the anchor and the kept sums of this transaction, so call
        it after `Sums.apply`.
        """

    @abstractmethod
    async def remove(self, account_id: AccountId) -> None:
        """Forget a manual account with its entries and sums."""


class Entries(Protocol):
    @abstractmethod
    async def sources(
        self, feed_id: FeedId, names: Collection[ExternalId]
    ) -> Mapping[ExternalId, KnownSource]:
        """Those of the names that the ledger knows of that feed."""

    @abstractmethod
    async def load(self, entry_ids: Collection[EntryId]) -> Mapping[EntryId, Entry]:
        """Those of them that there are, removed ones included, locked until the end."""

    @abstractmethod
    async def get(self, entry_id: EntryId) -> Entry:
        """Locked until the end; one that was removed is not found. Raises EntryNotFoundError."""

    @abstractmethod
    async def pendings(self, feed_id: FeedId) -> Sequence[OpenPending]:
        """Entries of the feed that are pending, by the name the feed last gave them.

        Expired ones come too while they are `CLAIMABLE_FOR`: a very late booking may still be
        one of them. Locked until the end.
        """

    @abstractmethod
    async def nameless(
        self,
        account_ids: Collection[AccountId],
        status: EntryStatus,
        days: Collection[date] | None = None,
    ) -> Sequence[Entry]:
        """Entries of those days (or any) that no feed which goes on has a live name for.

        Those a person deleted come too, others that were removed do not. Locked until the end.
        """

    @abstractmethod
    async def any_lost(self, account_ids: Collection[AccountId]) -> bool:
        """Whether a feed has taken anything back on these accounts, or the person deleted any."""

    @abstractmethod
    async def lost(
        self, feed_id: FeedId, account_ids: Collection[AccountId], days: Collection[date]
    ) -> Sequence[LostEntry]:
        """Booked entries of the feed that were taken back or deleted. Locked until the end."""

    @abstractmethod
    async def of_accounts(self, account_ids: Collection[AccountId]) -> Sequence[Entry]:
        """Every entry there is, removed ones included. Locked until the end."""

    @abstractmethod
    async def known_only_to(
        self, feed_id: FeedId, account_ids: Collection[AccountId]
    ) -> Sequence[Entry]:
        """Entries of those accounts that no other feed ever named. Locked until the end."""

    @abstractmethod
    async def forget(self, entry_ids: Collection[EntryId]) -> None:
        """Delete them for good (sources and sums are others' to change)."""

    @abstractmethod
    async def retire(
        self,
        feed_id: FeedId,
        account_id: AccountId,
        names: Collection[ExternalId] | None = None,
    ) -> None:
        """The feed will not use the names again that it had for the account's entries.

        Those that it has taken back stay: what they named may be told anew. With `names`, only
        these are meant.
        """

    @abstractmethod
    async def write(self, plan: Plan, revision: int) -> None:
        """Write the plan's entries and sources (its sums are `Sums`' to write)."""

    @abstractmethod
    async def put(self, entry: Entry, revision: int, *, new: bool = False) -> None:
        """Write one entry. Raises StaleEntryError when its version is not the newest."""


class Sums(Protocol):
    @abstractmethod
    async def apply(self, changes: SumChanges) -> None:
        """Add the changes to the kept sums, in a fixed order of rows.

        Raises:
            MonthClosedError: a closed month would come to something else.
        """


@dataclass(frozen=True, slots=True)
class LedgerChange:
    """What one transaction did to a person's ledger."""

    revision: int
    cause: str
    """What did it: `feed`, `late`, `edit`, `import`, `erase`, `match`, `replay`, `transfer`,
    `join`, `separate`."""
    feed_id: FeedId | None
    update: int | None
    accounts: tuple[AccountId, ...]
    added: int
    changed: int
    removed: int


class Revisions(Protocol):
    @abstractmethod
    async def next(self) -> int:
        """The person's next revision; taken again by nobody until this transaction ends."""

    @abstractmethod
    async def record(self, change: LedgerChange) -> None: ...


@dataclass(frozen=True, slots=True)
class LedgerTx:
    """One database transaction. Leaving it without `commit()` rolls everything back."""

    feeds: LedgerFeeds
    accounts: Accounts
    entries: Entries
    sums: Sums
    links: Links
    words: LinkWords
    suggestions: Suggestions
    manners: BankManners
    joined: OneAccounts
    tellings: Tellings
    proofs: Proofs
    revisions: Revisions
    holdings: FeedHoldings
    receipts: Receipts
    received: ReceivedUpdates
    updates: FeedUpdates
    jobs: JobQueue
    outbox: Outbox
    inbox: Inbox
    audit: AuditTrail
    idempotency: Idempotency
    part: TxPart
    commit: Callable[[], Awaitable[None]]


class BeginLedgerTx(Protocol):
    @abstractmethod
    def __call__(self, acting_for: UserId) -> AbstractAsyncContextManager[LedgerTx]:
        """Every row that this transaction can see or write belongs to `acting_for`."""
