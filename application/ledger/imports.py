"""Statement files on their way into the ledger."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NewType, Protocol, Self
from uuid import UUID

from typing_extensions import override

from application.ledger.ports import LedgerTx
from application.ledger.statements import CsvMapping
from domain.ledger.proofs.months import AccountMonth
from domain.ledger.statement import StatementSummary
from domain.shared.errors import FieldProblem
from domain.shared.ids import AccountId, FeedId, UserId
from domain.shared.money import Money

ImportId = NewType("ImportId", UUID)


class ImportState(StrEnum):
    WAITING = "waiting"
    RECEIVED = "received"
    """Read whole and kept; the ledger takes it over within moments."""
    APPLIED = "applied"
    CHECKED = "checked"
    """A dry run has ended; nothing was kept."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Where a file belongs, and how to read it."""

    account_id: AccountId | None = None
    """An account to import into; None: the one the file names, made when it is new."""
    account_name: str | None = None
    """For files that name no account."""
    currency: str | None = None
    """For files that name none; None: the person's own currency."""
    csv: CsvMapping = field(default_factory=CsvMapping)
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class StatementReport:
    """One statement of the file in figures."""

    account: str
    account_id: AccountId | None
    """None in a dry run that would make the account."""
    currency: str
    reference: str | None
    entries: int
    total: Money
    opening: Money | None
    closing: Money | None
    closing_on: date | None
    pending: int = 0
    skipped: int = 0

    @classmethod
    def of(cls, summary: StatementSummary, account_id: AccountId | None, name: str) -> Self:
        opening, closing = summary.opening, summary.closing
        return cls(
            account=name,
            account_id=account_id,
            currency=summary.total.currency,
            reference=summary.reference,
            entries=summary.booked,
            total=summary.total,
            opening=None if opening is None else opening.amount,
            closing=None if closing is None else closing.amount,
            closing_on=None if closing is None else closing.on,
            pending=summary.pending,
            skipped=summary.skipped,
        )


@dataclass(frozen=True, slots=True)
class ImportedFeed:
    """Which update of which feed carries the file's entries to the ledger."""

    feed_id: FeedId
    number: int


@dataclass(frozen=True, slots=True)
class HeldMonth:
    """Transactions of a file that are not followed, for the month that they change is closed."""

    account_id: AccountId
    month: str
    """Such as 2026-03."""
    transactions: int

    @classmethod
    def of(cls, which: AccountMonth, transactions: int) -> Self:
        return cls(which.account_id, f"{which.month:%Y-%m}", transactions)

    @override
    def __str__(self) -> str:
        what, them = (
            ("transaction waits", "it") if self.transactions == 1 else ("transactions wait", "them")
        )
        opens = f"/api/v1/accounts/{self.account_id}/months/{self.month}/close?reason=late_change"
        return (
            f"{self.transactions} {what}: {self.month} is closed on account {self.account_id};"
            f" opening it again (DELETE {opens}) follows {them}"
        )


@dataclass(frozen=True, slots=True)
class FeedProgress:
    """What the ledger has made of a feed's update so far."""

    applied: int
    """The newest update of the feed that the ledger has applied."""
    added: int
    """Entries that were new because of the update in question."""
    held: int = 0
    """What it said that waits for a closed month, and that no later update has said again."""
    months: tuple[HeldMonth, ...] = ()
    """By account and month. What moves from one closed month to another counts in both."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    format: str
    entries: int
    new: int | None
    """Entries that the ledger has added; in a dry run, that it would add. None: not known yet."""
    known: int | None
    """Those that are neither new nor held."""
    statements: tuple[StatementReport, ...] = ()
    notes: tuple[str, ...] = ()
    feeds: tuple[ImportedFeed, ...] = ()
    held: int | None = None
    """Entries that wait, for their month is closed. None: not known yet, or of an older import."""
    held_months: tuple[HeldMonth, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    code: str
    message: str
    details: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementImport:
    id: ImportId
    owner: UserId
    state: ImportState
    options: ImportOptions
    created_at: datetime
    finished_at: datetime | None = None
    report: ImportReport | None = None
    refusal: Refusal | None = None

    def received(self, report: ImportReport, at: datetime) -> Self:
        return replace(self, state=ImportState.RECEIVED, report=report, finished_at=at)

    def checked(self, report: ImportReport, at: datetime) -> Self:
        return replace(self, state=ImportState.CHECKED, report=report, finished_at=at)

    def refused(self, refusal: Refusal, at: datetime) -> Self:
        return replace(self, state=ImportState.REFUSED, refusal=refusal, finished_at=at)

    @property
    def feeds(self) -> Sequence[ImportedFeed]:
        return () if self.report is None else self.report.feeds

    def seen_from(self, progress: Mapping[ImportedFeed, FeedProgress]) -> Self:
        """As a person sees it: received becomes applied once the ledger has caught up.

        What was new is then what the ledger really added: when the file was read, another one
        with the same entries may not have been applied yet. What waits for a closed month is
        neither new nor known; once it is followed, it is new.
        """
        if self.state is not ImportState.RECEIVED or self.report is None:
            return self
        if any(progress[feed].applied < feed.number for feed in self.feeds):
            return self
        new = sum(progress[feed].added for feed in self.feeds)
        held = sum(progress[feed].held for feed in self.feeds)
        months = tuple(month for feed in self.feeds for month in progress[feed].months)
        report = replace(
            self.report,
            new=new,
            known=self.report.entries - new - held,
            held=held,
            held_months=months,
            notes=(*self.report.notes, *map(str, months)),
        )
        return replace(self, state=ImportState.APPLIED, report=report)


class Imports(Protocol):
    """Imports of one person, as one transaction sees them."""

    @abstractmethod
    async def take_turns(self) -> None:
        """Wait until no other import of the person is being read; ours is until the end.

        Two files of one new account must not make it twice.
        """

    @abstractmethod
    async def add(self, one: StatementImport, file: bytes) -> None:
        """Keep the import and its file, encrypted."""

    @abstractmethod
    async def get(self, import_id: ImportId) -> StatementImport:
        """As kept, locked until the end. Raises ImportNotFoundError."""

    @abstractmethod
    async def file(self, import_id: ImportId) -> bytes | None:
        """The file's bytes; None once they are gone."""

    @abstractmethod
    async def save(self, one: StatementImport) -> None:
        """Write the import's outcome. The file of a refused import or a dry run is dropped."""

    @abstractmethod
    async def drop_files_before(self, when: datetime) -> None:
        """Forget files of imports made before `when`; their outcomes stay."""


@dataclass(frozen=True, slots=True)
class ImportsTx:
    """One transaction over imports and the ledger they feed."""

    imports: Imports
    ledger: LedgerTx


class BeginImportsTx(Protocol):
    @abstractmethod
    def __call__(self, acting_for: UserId) -> AbstractAsyncContextManager[ImportsTx]:
        """Every row that this transaction can see or write belongs to `acting_for`."""


class HomeCurrency(Protocol):
    @abstractmethod
    async def of(self, user_id: UserId) -> str:
        """The currency a person counts in (ISO 4217)."""


class ImportsReader(Protocol):
    @abstractmethod
    async def get(self, user_id: UserId, import_id: ImportId) -> StatementImport:
        """With APPLIED told apart from RECEIVED. Raises ImportNotFoundError."""

    @abstractmethod
    async def newest(
        self, user_id: UserId, limit: int, before: ImportId | None = None
    ) -> Sequence[StatementImport]:
        """Newest first; with `before`, those that are older than that one."""
