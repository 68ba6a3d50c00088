"""A closed month: its figures are final until the person opens it again."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.ledger.proofs.months import AccountMonth
from domain.shared.ids import AccountId
from domain.shared.money import Money


@dataclass(frozen=True, slots=True)
class Witness:
    """A statement that a closed month rests on, as it is named to people."""

    statement_id: UUID
    reference: str | None
    """The bank's own number or name for it."""
    first: date
    last: date
    imported_at: datetime
    import_id: UUID | None

    @property
    def words(self) -> str:
        name = f"statement {self.reference}" if self.reference else "the statement"
        return f"{name} of {self.first} to {self.last}, imported on {self.imported_at.date()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedMonth:
    account_id: AccountId
    month: date
    """Its first day."""
    closed_at: datetime
    opening: Money | None
    closing: Money | None
    """As the witnesses say; None where the person's own word closed it."""
    witnesses: tuple[Witness, ...] = ()
    """Empty: the person vouches for it, on an account that no bank speaks of."""

    @property
    def which(self) -> AccountMonth:
        return AccountMonth(self.account_id, self.month)

    @property
    def name(self) -> str:
        return f"{self.month:%Y-%m}"

    def witness_of(self, day: date | None) -> Witness | None:
        """The statement that proves the day, or else the first; None where a person vouches."""
        covering = (one for one in self.witnesses if day and one.first <= day <= one.last)
        return next(covering, self.witnesses[0] if self.witnesses else None)

    @property
    def because(self) -> str:
        """What it rests on, in words."""
        return self.because_of(None)

    def because_of(self, day: date | None) -> str:
        """The same; what proves the day is named first."""
        witness = self.witness_of(day)
        if witness is None:
            return f"you closed it on {self.closed_at.date()}"
        more = len(self.witnesses) - 1
        return f"it is proved by {witness.words}{f' and {more} more' if more else ''}"


class ReopenedFor(StrEnum):
    """Why a month was opened again. It is audited, and so it is no free text."""

    CORRECTION = "correction"
    LATE_CHANGE = "late_change"
    MISTAKE = "mistake"
    OTHER = "other"
    ERASED = "erased"
    """What it rested on was erased with its connection, at the person's wish."""
