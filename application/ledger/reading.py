"""What screens see of the ledger. Every read looks at the caller's session in the same breath."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from application.shared.caller import Claims
from application.shared.feeds import FeedKind
from domain.ledger.account import AccountOrigin
from domain.shared.ids import AccountId, EntryId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, EntryStatus


@dataclass(slots=True)
class TransferView:
    """The other side of a transfer between the person's own accounts."""

    id: UUID
    transaction_id: UUID
    account_id: UUID


@dataclass(slots=True)
class TransactionView:
    """One transaction as lists show it. Money that leaves the account is negative."""

    # Not frozen, unlike every other view: pages of these are the hottest thing there is, and
    # freezing more than doubles what it costs to make one.
    id: UUID
    account_id: UUID
    status: EntryStatus
    amount: Money
    booked_on: date
    """While pending, the best date there is."""
    value_on: date | None
    text: str
    counterparty: str | None
    category: str
    note: str | None
    is_split: bool
    """Whether its parts have categories of their own; `GET /transactions/{id}` shows them."""
    version: int
    """Send it with a change, so that nobody's change is lost."""
    transfer: TransferView | None
    """Null unless it is one side of a transfer: then it is neither income nor spending."""


@dataclass(frozen=True, slots=True)
class PartView:
    amount: Money
    category: str
    note: str | None


@dataclass(frozen=True, slots=True)
class SourceView:
    """Who told of the transaction."""

    kind: FeedKind
    provider: str | None
    """`tink` or `plaid`, for a connection."""
    institution: str | None
    connection_id: UUID | None
    """Gone once the connection is."""


@dataclass(slots=True)
class TransactionDetails(TransactionView):
    parts: Sequence[PartView]
    """Empty unless it is split."""
    sources: Sequence[SourceView]
    """Empty when the person wrote it."""


@dataclass(frozen=True, slots=True)
class AccountView:
    id: UUID
    name: str
    kind: AccountKind
    currency: str
    number: str | None
    """IBAN without spaces when known, else the national number."""
    last_four: str | None
    """The end of its number, as told by whoever keeps the rest to themselves; else null."""
    institution: str | None
    origin: AccountOrigin
    connection_id: UUID | None
    balance: Money
    """What is booked. What is owed is negative, whatever the kind of account."""
    available: Money | None
    """What the bank says can be spent now."""
    as_of: datetime | None
    """When a bank or statement last vouched for the balance; null where nobody does."""
    pending: Money
    """The net of what is under way; not in the balance."""


@dataclass(frozen=True, slots=True)
class TransactionFilter:
    """Only transactions that fit all of what is not None."""

    account_id: AccountId | None = None
    category: str | None = None
    """A category (`food.groceries`) or a group (`food`), of the whole or of any part."""
    booked_from: date | None = None
    booked_to: date | None = None
    minimum: Money | None = None
    """Inclusive, signed: what leaves the account is negative. Both in the same currency."""
    maximum: Money | None = None
    text: str | None = None
    """Somewhere in text, counterparty or note, in any case."""
    status: EntryStatus | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended, newest first."""

    booked_on: date
    id: EntryId


class TransactionsReader(Protocol):
    @abstractmethod
    async def page(
        self, claims: Claims, wanted: TransactionFilter, after: Position | None, limit: int
    ) -> Sequence[TransactionView]:
        """Newest first (booking date, then id); removed ones are left out.

        Raises:
            UnauthenticatedError: the session is over.
        """

    @abstractmethod
    async def get(self, claims: Claims, entry_id: EntryId) -> TransactionDetails:
        """Raises UnauthenticatedError, EntryNotFoundError."""


class AccountsReader(Protocol):
    @abstractmethod
    async def list(self, claims: Claims) -> Sequence[AccountView]:
        """Oldest first. Raises UnauthenticatedError."""

    @abstractmethod
    async def get(self, claims: Claims, account_id: AccountId) -> AccountView:
        """Raises UnauthenticatedError, AccountNotFoundError."""
