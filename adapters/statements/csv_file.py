"""CSV files: rows become transactions, in one stream and flat memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from adapters.statements.accounts import PART_ROWS_MAX, account_seen, balance_seen, compact_number
from adapters.statements.csv_balances import RunningBalance
from adapters.statements.csv_cells import Cells, RowError
from adapters.statements.csv_dates import day_of
from adapters.statements.csv_layout import Layout, layout_of
from adapters.statements.csv_survey import Problems, Survey, rows_of, survey
from adapters.statements.csv_words import status_of
from application.ledger.statements import (
    Content,
    CsvMapping,
    ReadOptions,
    StatementFormat,
    StatementPart,
)
from domain.ledger.statement import StatementSummary, refused
from domain.ledger.statement_rows import RowNames
from domain.shared.ids import ExternalId
from domain.shared.money import Money
from domain.shared.observations import AccountSeen, EntryStatus, TransactionSeen

_ACCOUNTS_MAX = 50
_WORDS_REMEMBERED_MAX = 4096
_UNNAMED = "csv"


def read_csv(content: Content, options: ReadOptions) -> Iterator[StatementPart]:
    """Raises StatementRefusedError, at the latest when the last row has been read."""
    layout = layout_of(content, options.csv)
    seen = survey(content, layout, options.csv, options.today)
    yield from _CsvFile(content, options, layout, seen, Cells(options, layout, seen)).parts()


@dataclass(slots=True)
class _Account:
    """What has been gathered of one account and currency."""

    number: int
    seen: AccountSeen
    name: str
    rows: list[TransactionSeen] = field(default_factory=list)
    hints: dict[ExternalId, str] = field(default_factory=dict)
    booked: int = 0
    pending: int = 0
    total_minor: int = 0
    balances: RunningBalance = field(default_factory=RunningBalance)

    def part(self, summary: StatementSummary | None = None, *notes: str) -> StatementPart:
        rows, hints = tuple(self.rows), dict(self.hints)
        self.rows.clear()
        self.hints.clear()
        return StatementPart(
            StatementFormat.CSV, self.number, self.seen, rows, hints, summary, notes
        )


@dataclass(slots=True)
class _CsvFile:
    content: Content
    options: ReadOptions
    layout: Layout
    survey: Survey
    cells: Cells
    accounts: dict[tuple[str, str], _Account] = field(default_factory=dict)
    categories: dict[str, str | None] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)
    skipped: int = 0
    names: RowNames = field(default_factory=RowNames)

    @property
    def mapping(self) -> CsvMapping:
        return self.options.csv

    def parts(self) -> Iterator[StatementPart]:
        self.names = RowNames(days_in_order=self.survey.days_in_order)
        read = self._reader()
        for line, cells in rows_of(self.content, self.layout):
            try:
                account = read(line, cells)
            except RowError as error:
                self.problems.add(str(error), line, self.layout.columns.name(error.column))
                continue
            if account is not None and len(account.rows) >= PART_ROWS_MAX:
                part = account.part()
                if not self.problems.total:
                    yield part
        self.problems.refuse()
        for account in self.accounts.values():
            yield self._last_part(account)

    def _reader(self) -> Callable[[int, list[str]], _Account | None]:
        """One row after the other; what does not change between rows is looked up only once."""
        columns, dates = self.layout.columns, self.survey.dates
        amount_of, currency_of = self.cells.amount_reader(), self.cells.currency_reader()
        names = self.names
        day_column, merchant_column, texts = columns.date, columns.merchant, columns.text
        value_column, id_column, category_column = (
            columns.value_date,
            columns.id,
            columns.category,
        )

        has_status = columns.status is not None

        def read(line: int, cells: list[str]) -> _Account | None:
            booked_on = dates.get(cells[day_column]) or self._date(cells[day_column], day_column)
            currency = currency_of(cells)
            amount = amount_of(cells, currency)
            status = self._status(cells) if has_status else EntryStatus.BOOKED
            if status is None:
                self.skipped += 1
                return None
            account = self._account(cells, currency)
            merchant = (
                " ".join(cells[merchant_column].split()) if merchant_column is not None else ""
            )
            text = " ".join(" ".join([cells[column] for column in texts]).split())
            if id_column is None:
                name = names.name(account.name, booked_on, amount, f"{text} {merchant}")
            else:
                name = self._own_name(account, cells[id_column], id_column)
            category = None
            if category_column is not None and (word := cells[category_column].strip()):
                category = self._category(word)
                if category is None:
                    account.hints[name] = word
            account.rows.append(
                TransactionSeen(
                    account.seen.id,
                    name,
                    status,
                    amount,
                    booked_on,
                    text or merchant,
                    None if value_column is None else self._value_date(cells, value_column),
                    merchant or None,
                    category,
                )
            )
            self._count(account, account.rows[-1], cells, line)
            return account

        return read

    def _count(self, account: _Account, row: TransactionSeen, cells: list[str], line: int) -> None:
        if row.status is EntryStatus.PENDING:
            account.pending += 1
            return
        account.booked += 1
        account.total_minor += row.amount.minor
        column = self.layout.columns.balance
        if column is not None:
            balance = self.cells.balance(cells, row.amount.currency, column)
            account.balances.look(balance, row.amount, row.booked_on, line)
            if self.mapping.balance and account.balances.broken == line:
                raise RowError("the balance is not the one before it and the amount", column)

    def _date(self, text: str, column: int) -> date:
        from_text = day_of(text)
        found = self.survey.dates.get(from_text)
        if found is None:
            raise RowError(
                self.survey.not_dates.get(from_text, f"{text[:40]!r} is not a date"), column
            )
        return found

    def _value_date(self, cells: list[str], column: int) -> date | None:
        return self._date(cells[column], column) if cells[column].strip() else None

    def _status(self, cells: list[str]) -> EntryStatus | None:
        column = self.layout.columns.status
        if column is None:
            return EntryStatus.BOOKED
        known, status = status_of(cells[column])
        if not known and self.mapping.status:
            raise RowError(f"{cells[column][:20]!r} is not known as booked or pending", column)
        return status

    def _account(self, cells: list[str], currency: str) -> _Account:
        column = self.layout.columns.account
        number = compact_number(cells[column]) if column is not None else ""
        key = (number, currency)
        account = self.accounts.get(key)
        if account is None:
            if len(self.accounts) == _ACCOUNTS_MAX:
                raise refused(
                    f"more than {_ACCOUNTS_MAX} different accounts; is this the right column?",
                    column=self.layout.columns.name(column),
                )
            name = number or self.options.account or _UNNAMED
            seen = account_seen(name, currency, known=bool(number))
            account = self.accounts[key] = _Account(len(self.accounts) + 1, seen, name)
        return account

    def _own_name(self, account: _Account, text: str, column: int) -> ExternalId:
        if not text.strip():
            raise RowError("the row has no id", column)
        name = self.names.name_by_id(account.seen.id, text)
        if name is None:
            raise RowError(
                f"{text[:40]!r} is there twice; map another column as id, or none", column
            )
        return name

    def _category(self, word: str) -> str | None:
        try:
            return self.categories[word]
        except KeyError:
            if len(self.categories) >= _WORDS_REMEMBERED_MAX:
                self.categories.clear()
            found = self.categories[word] = self.options.categorise(word)
            return found

    def _last_part(self, account: _Account) -> StatementPart:
        opening, closing = account.balances.ends()
        notes = list(self._notes(account)) if account.number == 1 else []
        if self.layout.columns.balance is not None and closing is None:
            notes.append("the column of balances does not run through all rows, so it was not used")
        summary = StatementSummary(
            account=account.seen.id,
            reference=None,
            opening=opening,
            closing=closing,
            booked=account.booked,
            total=Money(account.total_minor, account.seen.currency),
            pending=account.pending,
            skipped=self.skipped if account.number == 1 else 0,
        )
        summary.ensure_adds_up()
        if closing is not None:
            account.seen = replace(account.seen, balance=balance_seen(closing))
        return account.part(summary, *notes)

    def _notes(self, account: _Account) -> Iterator[str]:
        columns = self.layout.columns
        if self.layout.first_line > 1:
            yield f"the {self.layout.first_line - 1} lines above the table were not read"
        used = (columns.date, columns.amount, columns.debit, columns.credit, columns.currency)
        named = ", ".join(repr(columns.name(c)) for c in used if c is not None)
        yield f"date and amount were read from {named}, in {account.seen.currency}"
        if self.skipped:
            yield f"{self.skipped} rows were never booked (declined or reversed) and left out"
