"""What comes with a statement file, and what is told about it afterwards."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec

from application.ledger.imports import (
    HeldMonth,
    ImportOptions,
    ImportReport,
    ImportState,
    StatementImport,
    StatementReport,
)
from application.ledger.statements import CsvMapping, DecimalMark, Sign
from domain.shared.errors import FieldProblem
from domain.shared.ids import AccountId
from entrypoints.http.checks import known_currency, plain_or_none
from entrypoints.http.import_checks import (
    wrong_with_delimiter,
    wrong_with_encoding,
    wrong_with_format,
)
from entrypoints.http.inputs import CurrencyIn
from entrypoints.http.problem import InvalidRequestError
from entrypoints.http.shell.json_body import BadJsonError, read_json

OPTIONS: Final = "options"

ColumnIn = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=200,
        description="As the header row says it, in any case; `#3` is the third column.",
        examples=["Bokføringsdato", "#3"],
    ),
]


DateFormatIn = Annotated[
    str,
    msgspec.Meta(
        max_length=40,
        description="As strptime takes it. Needed when 03/04/2025 could be either day.",
        examples=["%d/%m/%Y"],
    ),
]
AccountNameIn = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=100,
        description="For files that name no account, as most CSV files: the same name again finds"
        " it again. Without it they all go into one account.",
    ),
]


def _says(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description)


class CsvIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which column says what. Without it, the usual headers are recognised."""

    date: ColumnIn | None = None
    amount: ColumnIn | None = None
    debit: ColumnIn | None = None
    credit: ColumnIn | None = None
    direction: ColumnIn | None = None
    value_date: ColumnIn | None = None
    currency: ColumnIn | None = None
    text: Annotated[tuple[ColumnIn, ...], msgspec.Meta(max_length=10)] = ()
    merchant: ColumnIn | None = None
    category: ColumnIn | None = None
    id: ColumnIn | None = None
    balance: ColumnIn | None = None
    account: ColumnIn | None = None
    status: ColumnIn | None = None
    fixed_currency: CurrencyIn | None = None
    date_format: DateFormatIn | None = None
    decimal_mark: DecimalMark | None = None
    sign: Sign = Sign.OUTFLOW_NEGATIVE
    delimiter: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] | None = None
    encoding: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] | None = None
    header: bool | None = None
    skip_lines: Annotated[int, msgspec.Meta(ge=0, le=1_000)] | None = None

    def mapping(self) -> CsvMapping:
        """Raises InvalidRequestError: no file could be read like that."""
        known_currency(self.fixed_currency, f"{OPTIONS}.csv.fixed_currency")
        wrong = {
            "date_format": self.date_format is not None and wrong_with_format(self.date_format),
            "encoding": self.encoding is not None and wrong_with_encoding(self.encoding),
            "delimiter": self.delimiter is not None and wrong_with_delimiter(self.delimiter),
        }
        problems = [
            FieldProblem(f"{OPTIONS}.csv.{name}", "invalid", said)
            for name, said in wrong.items()
            if said
        ]
        if problems:
            raise InvalidRequestError(*problems)
        return CsvMapping(**{name: getattr(self, name) for name in self.__struct_fields__})


class OptionsIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where a file belongs, and how to read it; files that say so themselves need nothing."""

    account_id: Annotated[UUID, _says("Import into this account.")] | None = None
    account_name: AccountNameIn | None = None
    currency: CurrencyIn | None = None
    """For files that name none; else the currency you count in."""
    csv: CsvIn = CsvIn()
    dry_run: Annotated[bool, _says("Only say what would happen.")] = False

    def options(self) -> ImportOptions:
        """Raises InvalidRequestError: two accounts are named."""
        if self.account_id is not None and self.account_name is not None:
            message = "give `account_id` or `account_name`: a file goes to one account"
            raise InvalidRequestError(FieldProblem(f"{OPTIONS}.account_name", "invalid", message))
        return ImportOptions(
            account_id=None if self.account_id is None else AccountId(self.account_id),
            account_name=plain_or_none(self.account_name, f"{OPTIONS}.account_name"),
            currency=known_currency(self.currency, f"{OPTIONS}.currency"),
            csv=self.csv.mapping(),
            dry_run=self.dry_run,
        )


_decode: Final = msgspec.json.Decoder(OptionsIn).decode


def read_options(part: bytes | None) -> ImportOptions:
    """Raises InvalidRequestError, naming the fields below `options`."""
    if part is None or not part.strip():
        return OptionsIn().options()
    try:
        read: OptionsIn = read_json(part, _decode)
    except BadJsonError as error:
        raise BadJsonError(str(error).replace("the body", f"`{OPTIONS}`", 1)) from error
    except InvalidRequestError as error:
        raise InvalidRequestError(
            *(
                FieldProblem(f"{OPTIONS}.{one.field}".rstrip("."), one.error, one.message)
                for one in error.problems
            )
        ) from error
    return read.options()


class ReportOut(msgspec.Struct, frozen=True):
    format: str
    entries: int
    new: int | None
    """What the ledger has added, or in a dry run would add; null until it is known."""
    known: int | None
    """Those that were there before: neither new nor held."""
    held: int | None
    """What waits, for its month is closed; opening the month again follows it, and it is new."""
    held_months: Sequence[HeldMonth]
    statements: Sequence[StatementReport]
    notes: Sequence[str]

    @classmethod
    def of(cls, report: ImportReport) -> "ReportOut":
        return cls(
            report.format,
            report.entries,
            report.new,
            report.known,
            report.held,
            report.held_months,
            report.statements,
            report.notes,
        )


class RefusalOut(msgspec.Struct, frozen=True):
    error: str
    message: str
    details: Sequence[FieldProblem]
    """Where in the file: `field` is a line and column, or an element."""


class ImportOut(msgspec.Struct, frozen=True):
    """One statement file.

    `waiting`, then `received` and moments later `applied`; or `checked` (a dry run); or
    `refused`, and then nothing of it was kept.
    """

    id: UUID
    state: ImportState
    dry_run: bool
    created_at: datetime
    finished_at: datetime | None
    report: ReportOut | None
    refusal: RefusalOut | None

    @classmethod
    def of(cls, one: StatementImport) -> "ImportOut":
        no = one.refusal
        return cls(
            id=one.id,
            state=one.state,
            dry_run=one.options.dry_run,
            created_at=one.created_at,
            finished_at=one.finished_at,
            report=None if one.report is None else ReportOut.of(one.report),
            refusal=None if no is None else RefusalOut(no.code, no.message, no.details),
        )
