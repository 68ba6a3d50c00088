"""What is kept of promises, closed months and late changes, as one transaction of one person."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.proofs.closing import ClosedMonth
from domain.ledger.proofs.late import LateChange
from domain.ledger.proofs.months import AccountMonth
from domain.ledger.proofs.promises import KeptStatement, Reading
from domain.ledger.proofs.verdicts import Evidence
from domain.shared.ids import AccountId, ExternalId, FeedId


class Proofs(Protocol):
    @abstractmethod
    async def promise(self, statements: Sequence[KeptStatement]) -> None:
        """Keep what statements say. One that another file has brought before stays as it is."""

    @abstractmethod
    async def read(self, reading: Reading) -> None:
        """Keep a provider's figure, the newest of a day.

        Nothing is kept of a feed of statement files: its figures are the statements' to promise.
        """

    @abstractmethod
    async def booked_after(self, account: Account, day: date) -> int:
        """What is booked on later days, in minor units of the account's currency."""

    @abstractmethod
    async def evidence(
        self, accounts: Collection[Account], first: date, last: date
    ) -> Mapping[AccountId, Evidence]:
        """What is known of each account on these days and `AROUND` them. From kept sums."""

    @abstractmethod
    async def accounts(self) -> Sequence[Account]:
        """All of the person's, oldest first; not locked."""

    @abstractmethod
    async def near(
        self, account_id: AccountId, first: date, last: date, amounts: Collection[int]
    ) -> Sequence[Entry]:
        """Entries of these days and amounts (minor units), removed ones too; not locked."""

    @abstractmethod
    async def closed(self, months: Collection[AccountMonth]) -> Sequence[ClosedMonth]:
        """Those of them that are closed."""

    @abstractmethod
    async def closed_on(self, account_ids: Collection[AccountId]) -> Sequence[ClosedMonth]:
        """Every closed month of these accounts, the oldest first."""

    @abstractmethod
    async def close(self, month: ClosedMonth) -> None:
        """The account must be locked."""

    @abstractmethod
    async def reopen(self, which: AccountMonth) -> None:
        """The account must be locked. Raises MonthNotClosedError."""

    @abstractmethod
    async def late_of(self, feed_id: FeedId) -> Sequence[LateChange]:
        """What waits of this feed, in the order of its updates."""

    @abstractmethod
    async def late_on(self, account_ids: Collection[AccountId]) -> Sequence[LateChange]:
        """What waits for months of these accounts to be opened again, oldest update first."""

    @abstractmethod
    async def set_aside(self, changes: Sequence[LateChange]) -> None:
        """Keep that these words of an update were not followed.

        What the feed said before under their lead waits with them, and is not shown any more.
        """

    @abstractmethod
    async def settled(self, feed_id: FeedId, names: Collection[ExternalId]) -> None:
        """Forget what waits under these names."""

    @abstractmethod
    async def move(self, account_id: AccountId, into: AccountId, feed_id: FeedId) -> None:
        """What this feed promised, and what waits of it, is of another account from now on.

        For joining accounts, or taking them apart. Closed months stay where they are: both
        accounts must be locked, and the joining must have passed `ensure_open`.
        """
