"""The port through which statement files are read."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import BinaryIO, Protocol, TypeAlias

from domain.ledger.statement import StatementSummary
from domain.shared.ids import ExternalId
from domain.shared.observations import AccountSeen, Observations, TransactionSeen

Content: TypeAlias = bytes | BinaryIO
"""A whole file: its bytes, or a binary file that can seek."""


class StatementFormat(StrEnum):
    CSV = "csv"
    CAMT053 = "camt.053"
    MT940 = "mt940"


class DecimalMark(StrEnum):
    POINT = "point"
    COMMA = "comma"


class Sign(StrEnum):
    OUTFLOW_NEGATIVE = "outflow_negative"
    OUTFLOW_POSITIVE = "outflow_positive"


@dataclass(frozen=True, slots=True)
class CsvMapping:
    """Which column says what, and how it is written. What is None is found out from the file.

    Columns are named as in the header row, in any case; `#3` is the third column, with or
    without a header row. When no column is named at all, the usual headers of Nordic,
    German, Dutch, Polish and English bank files are recognised.
    """

    date: str | None = None
    amount: str | None = None
    debit: str | None = None
    """Money out, instead of or beside `credit`; written with or without a minus."""
    credit: str | None = None
    direction: str | None = None
    """A column of words such as D and C, Debit and Credit, Af and Bij, S and H."""
    value_date: str | None = None
    currency: str | None = None
    text: tuple[str, ...] = ()
    merchant: str | None = None
    category: str | None = None
    id: str | None = None
    """Names the row, and then must be different in every row of an account."""
    balance: str | None = None
    """The balance after the row; when it is named here, it is checked."""
    account: str | None = None
    status: str | None = None
    """Words such as booked and pending."""
    fixed_currency: str | None = None
    date_format: str | None = None
    """As strptime takes it: `%d/%m/%Y`. Needed when 03/04/2025 could be either day."""
    decimal_mark: DecimalMark | None = None
    sign: Sign = Sign.OUTFLOW_NEGATIVE
    delimiter: str | None = None
    encoding: str | None = None
    header: bool | None = None
    skip_lines: int | None = None
    """Lines above the header row (or above the first row)."""


def no_category(word: str) -> str | None:  # noqa: ARG001 - the shape is the port's
    return None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    account: str | None = None
    """What to call the account when the file does not say whose it is, as most CSV files."""
    currency: str | None = None
    """The account's currency, for files that do not name one."""
    csv: CsvMapping = field(default_factory=CsvMapping)
    today: date | None = None
    """What lies more than a year after it is refused; None: every day is good."""
    categorise: Callable[[str], str | None] = no_category
    """The ledger's own code for a word in a category column, or None."""


@dataclass(frozen=True, slots=True)
class StatementPart:
    """At most 1,000 entries of one statement of one account, in the order of the file."""

    format: StatementFormat
    statement: int
    """1 for the first statement of the file, and so on."""
    account: AccountSeen
    """With its balance only in the last part of a statement."""
    transactions: tuple[TransactionSeen, ...]
    category_hints: Mapping[ExternalId, str] = field(default_factory=dict)
    """The category words that `categorise` did not know, by transaction."""
    summary: StatementSummary | None = None
    """In the last part of a statement, and only there. It has been checked."""
    notes: tuple[str, ...] = ()
    """What was left out or assumed, in sentences for the person; with the summary."""

    @property
    def observations(self) -> Observations:
        return Observations(accounts=(self.account,), transactions=self.transactions)


class StatementReader(Protocol):
    """Reads statement files. Synchronous and busy: run it in a thread."""

    @abstractmethod
    def detect(self, content: Content) -> StatementFormat:
        """What the content (never the file's name) says it is.

        Raises:
            StatementRefusedError: it is nothing that can be read here; says what it seems to be.
        """

    @abstractmethod
    def read(self, content: Content, options: ReadOptions) -> Iterator[StatementPart]:
        """Everything in the file, part by part, in flat memory; each call begins anew.

        A file may turn out to be damaged in its last line: keep nothing before the iterator
        has ended. Two readings of the same bytes give the same parts.

        Raises:
            StatementRefusedError: with line, or element; anything is refused that cannot be
                accounted for to the last cent.
        """
