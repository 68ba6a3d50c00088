"""Single cells of a row: its currency, its signed amount, its balance."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adapters.statements.csv_amounts import read_amount, take_apart
from adapters.statements.csv_layout import Layout
from adapters.statements.csv_survey import Survey
from adapters.statements.csv_words import direction_of
from application.ledger.statements import CsvMapping, ReadOptions, Sign
from domain.ledger.statement import refused
from domain.shared.money import MINOR_DIGITS, Money

# Marks, signs and blanks as amounts have them, narrow and fixed ones included.
_OF_A_BARE_NUMBER: Final = "0123456789.,'-+() \t\u00a0\u202f\u2009\u2212\u2013"


class RowError(Exception):
    """One cell cannot be read."""

    def __init__(self, message: str, column: int | None) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Cells:
    options: ReadOptions
    layout: Layout
    survey: Survey

    @property
    def mapping(self) -> CsvMapping:
        return self.options.csv

    def currency_reader(self) -> Callable[[list[str]], str]:
        column = self.layout.columns.currency
        fixed = self.mapping.fixed_currency or self.layout.columns.amount_currency
        fallback = self.options.currency
        for given in (fixed, fallback):
            if given is not None and given not in MINOR_DIGITS:
                raise refused(f"{given[:12]!r} is not an ISO 4217 currency code such as NOK or EUR")

        def read(cells: list[str]) -> str:
            code = cells[column].strip().upper() if column is not None else ""
            if code in MINOR_DIGITS:
                return code
            if code:
                raise RowError(f"{code[:12]!r} is not a currency code such as NOK or EUR", column)
            return fixed or self._currency_beside_amount(cells) or fallback or self._unsaid()

        return read

    def _unsaid(self) -> str:
        raise RowError(
            "the file does not say which currency this is: set the currency",
            self.layout.columns.amount,
        )

    def _currency_beside_amount(self, cells: list[str]) -> str | None:
        """What the file itself says goes before what was assumed of it."""
        columns = self.layout.columns
        for column in (columns.amount, columns.debit, columns.credit):
            if column is None or not cells[column].strip(_OF_A_BARE_NUMBER):
                continue
            try:
                found = take_apart(cells[column]).currency
            except ValueError:
                continue
            if found:
                return found
        return None

    def amount_reader(self) -> Callable[[list[str], str], Money]:
        """Outflow is negative in what comes out, however the file writes it."""
        if self.layout.columns.amount is None:
            return self._in_two
        return self._signed if self.layout.columns.direction is None else self._directed

    def _amount_in(self, cells: list[str], currency: str, column: int) -> tuple[Money, int]:
        try:
            return read_amount(cells[column], self.survey.mark, currency)
        except ValueError as error:
            said = f"{cells[column][:40]!r} is not an amount: {error}"
            raise RowError(said, column) from None

    def _signed(self, cells: list[str], currency: str) -> Money:
        amount, direction = self._amount_in(cells, currency, self.layout.columns.amount or 0)
        if direction:
            return amount if direction > 0 else -amount
        return -amount if self.mapping.sign is Sign.OUTFLOW_POSITIVE else amount

    def _directed(self, cells: list[str], currency: str) -> Money:
        columns = self.layout.columns
        amount, _ = self._amount_in(cells, currency, columns.amount or 0)
        word = cells[columns.direction or 0]
        direction = direction_of(word)
        if direction == 0:
            said = f"{word[:20]!r} is not a word such as D and C, Debit and Credit"
            raise RowError(said, columns.direction)
        if amount.minor < 0 < direction:
            raise RowError("a credit with a minus could be either", columns.amount)
        return Money(direction * abs(amount.minor), currency)

    def _in_two(self, cells: list[str], currency: str) -> Money:
        debit, credit = self.layout.columns.debit, self.layout.columns.credit
        out = self._filled(cells, currency, debit)
        into = self._filled(cells, currency, credit)
        if (out is None and into is None) or (out and into and out.minor and into.minor):
            raise RowError(
                "exactly one of money out and money in must be filled in",
                credit if debit is None else debit,
            )
        if out is not None and (out.minor or into is None):
            return out if self.survey.debit_is_negative else -out
        return into or Money(0, currency)

    def _filled(self, cells: list[str], currency: str, column: int | None) -> Money | None:
        if column is None or not cells[column].strip():
            return None
        return self._amount_in(cells, currency, column)[0]

    def balance(self, cells: list[str], currency: str, column: int) -> Money | None:
        text = cells[column]
        if not text.strip():
            return None
        try:
            balance, direction = read_amount(text, self.survey.mark, currency)
        except ValueError as error:
            if not self.mapping.balance:
                return None
            raise RowError(f"{text[:40]!r} is not a balance: {error}", column) from None
        return -balance if direction < 0 else balance
