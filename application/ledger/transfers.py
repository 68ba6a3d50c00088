"""What the transfers between a person's accounts need, and how they are shown."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from application.ledger.ports import LedgerTx
from application.ledger.rates import KeptRates
from application.shared.caller import Claims
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.transfers import Method, Pair, Transfer, TransferState
from domain.shared.ids import EntryId, TransferId, UserId
from domain.shared.money import Money


class Transfers(Protocol):
    """Pairs of one person, and the entries that they are of, as one transaction sees them."""

    @abstractmethod
    async def accounts(self) -> Sequence[Account]:
        """All of the person's, locked until the end in the order that feeds lock them in.

        Whoever changes entries holds their account: nothing moves while pairs are decided.
        """

    @abstractmethod
    async def possible(self) -> bool:
        """Whether there are two accounts, or were when something was paired; nothing is locked."""

    @abstractmethod
    async def touched(self, from_revision: int, to_revision: int) -> Sequence[date]:
        """Days on which there may be something to decide since those revisions, oldest first.

        Days of entries that were changed or removed, and of those they were paired with; where
        entries were erased for good, of those that stay behind alone, and of all that is asked:
        what made it doubtful may be gone.
        """

    @abstractmethod
    async def erased(self, from_revision: int, to_revision: int) -> bool:
        """Whether entries were forgotten for good in these revisions."""

    @abstractmethod
    async def around(self, first: date, last: date) -> Sequence[Entry]:
        """Entries of those days on any account.

        Of removed ones only those that are still marked as a side of a transfer.
        """

    @abstractmethod
    async def of(self, entry_ids: Collection[EntryId]) -> Sequence[Transfer]:
        """Whatever is known of pairs with one of these, in any state."""

    @abstractmethod
    async def became(self, entry_ids: Collection[EntryId]) -> Mapping[EntryId, EntryId]:
        """Which entry each of these is part of now, and what is part of each of these."""

    @abstractmethod
    async def get(self, transfer_id: TransferId) -> Transfer:
        """Raises TransferNotFoundError."""

    @abstractmethod
    async def find(self, pair: Pair) -> Transfer | None: ...

    @abstractmethod
    async def save(self, transfers: Sequence[Transfer]) -> None:
        """Write them, new or known."""

    @abstractmethod
    async def forget(self, transfer_ids: Collection[TransferId]) -> None: ...

    @abstractmethod
    async def forget_erased(self) -> None:
        """Drop what is known of pairs of which an entry is not there any more, not even removed."""

    @abstractmethod
    async def mark(self, entries: Sequence[Entry], revision: int) -> None:
        """Write of these entries the transfer that they are in, and the category that follows."""


@dataclass(frozen=True, slots=True)
class TransfersTx:
    ledger: LedgerTx
    transfers: Transfers
    rates: KeptRates


class BeginTransfersTx(Protocol):
    @abstractmethod
    def __call__(self, acting_for: UserId) -> AbstractAsyncContextManager[TransfersTx]: ...


@dataclass(frozen=True, slots=True)
class SideView:
    """One of a transfer's two transactions."""

    transaction_id: UUID
    account_id: UUID
    amount: Money
    booked_on: date
    text: str


@dataclass(frozen=True, slots=True)
class TransferListing:
    """Money that left one of the person's accounts and reached another."""

    id: UUID
    sent: SideView
    received: SideView
    method: Method
    """Why the two are taken for one transfer."""
    confidence: int
    """Per cent."""
    by_person: bool
    """Whether the person made or confirmed it."""
    made_at: datetime


class TransfersReader(Protocol):
    @abstractmethod
    async def list(
        self, claims: Claims, state: TransferState, after: UUID | None, limit: int
    ) -> Sequence[TransferListing]:
        """Those made last come first. Raises UnauthenticatedError."""
