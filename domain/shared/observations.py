"""What a feed says, in words that belong to no provider.

An adapter turns one page of a provider, or one piece of a statement file, into one
`Observations`. They are facts about what was *said*, kept as they are; what they *mean*
is for the ledger's matcher to decide.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.shared.ids import ExternalId
from domain.shared.money import Money


class AccountKind(StrEnum):
    CHECKING = "checking"
    SAVINGS = "savings"
    CREDIT_CARD = "credit_card"
    LOAN = "loan"
    INVESTMENT = "investment"
    CASH = "cash"
    OTHER = "other"


class EntryStatus(StrEnum):
    PENDING = "pending"
    BOOKED = "booked"


@dataclass(frozen=True, slots=True)
class BalanceSeen:
    """A figure the other side vouches for. What is owed is negative, whatever the kind."""

    booked: Money
    available: Money | None
    as_of: datetime
    """For a statement: the end of its closing day."""


@dataclass(frozen=True, slots=True)
class AccountSeen:
    id: ExternalId
    name: str
    kind: AccountKind
    currency: str
    number: str | None = None
    """IBAN without spaces when known, else the national number."""
    institution: str | None = None
    balance: BalanceSeen | None = None
    last_four: str | None = None
    """Of the number, where that is all the bank shows."""
    institution_id: str | None = None
    """The provider's own name for the institution, where people are shown another one: that one
    may change, and two may have the same."""


@dataclass(frozen=True, slots=True)
class TransactionSeen:
    account: ExternalId
    id: ExternalId
    status: EntryStatus
    amount: Money
    """Outflow is negative."""
    booked_on: date
    """The booking date; while pending, the best date there is."""
    text: str
    """What the bank printed (remittance information)."""
    value_on: date | None = None
    counterparty: str | None = None
    category: str | None = None
    """Already in the ledger's own list of categories, or nothing."""
    pending_id: ExternalId | None = None
    """The name this had while pending, when the feed says so."""
    note: str | None = None
    """A word that the ledger has no place for, such as a category of the person's own. It becomes
    the entry's note when the entry is new, and is the person's from then on."""


@dataclass(frozen=True, slots=True)
class TransactionGone:
    """The feed has taken a transaction back."""

    account: ExternalId | None
    id: ExternalId


@dataclass(frozen=True, slots=True)
class Observations:
    """One page: accounts first, then what is new or changed, then what is gone."""

    accounts: tuple[AccountSeen, ...] = ()
    transactions: tuple[TransactionSeen, ...] = ()
    gone: tuple[TransactionGone, ...] = ()
    lists_all_pending: bool = False
    """The update this page belongs to names every transaction that is pending now: one that is
    missing has booked, or was dropped. (Otherwise only news is told.)"""

    @property
    def empty(self) -> bool:
        return not (self.accounts or self.transactions or self.gone)
