"""The first look through a CSV file: its shape, its days, its decimal mark.

Nothing can be read before the whole file has been seen: only somewhere in it may stand the
15/04/2025 which proves that 03/04/2025 was in April.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from adapters.statements.content import text_of
from adapters.statements.csv_amounts import DecimalMarks
from adapters.statements.csv_dates import DISTINCT_MAX, day_of, read_dates
from adapters.statements.csv_layout import Layout
from application.ledger.statements import Content, CsvMapping
from domain.ledger.statement import (
    PROBLEMS_SHOWN_MAX,
    StatementProblem,
    StatementRefusedError,
    refused,
)


@dataclass(slots=True)
class Problems:
    """What is wrong so far: the first ones, and how many there are."""

    first: list[StatementProblem] = field(default_factory=list)
    total: int = 0

    def add(self, message: str, line: int, column: str | None = None) -> None:
        self.total += 1
        if len(self.first) < PROBLEMS_SHOWN_MAX:
            self.first.append(StatementProblem(message, line, column))

    def refuse(self) -> None:
        """Raises StatementRefusedError if there were any."""
        if self.total:
            raise StatementRefusedError(*self.first, total=self.total)


@dataclass(frozen=True, slots=True)
class Survey:
    dates: dict[str, date]
    not_dates: dict[str, str]
    mark: str
    days_in_order: bool
    """Rows of one day stand together, whichever way the file runs."""
    debit_is_negative: bool


def rows_of(content: Content, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header with the line where each begins; blank ones are left out.

    Raises:
        StatementRefusedError: quotes that do not match.
    """
    stream = text_of(content, layout.encoding)
    above = layout.first_line - 1
    for _ in range(above):
        next(stream, None)
    reader = csv.reader(stream, delimiter=layout.delimiter, strict=True)
    line = above + 1
    try:
        if layout.header_line is not None:
            next(reader, None)
            line = above + reader.line_num + 1
        for cells in reader:
            if cells and (cells[0] or any(cells)):
                yield line, cells
            line = above + reader.line_num + 1
    except csv.Error as error:
        raise refused(f"the quotation marks do not match here ({error})", line=line) from None
    finally:
        stream.detach()


def survey(
    content: Content, layout: Layout, mapping: CsvMapping, today: date | None = None
) -> Survey:
    """Raises StatementRefusedError: ragged rows, dates or decimals that nobody can be sure of."""
    columns, problems = layout.columns, Problems()
    days, values = _Days(columns.name(columns.date)), _Days(columns.name(columns.value_date))
    money = [c for c in (columns.amount, columns.debit, columns.credit) if c is not None]
    marks = DecimalMarks(columns.name(money[0]) or "")
    debits = _Debits(columns.name(columns.debit))
    width = len(columns.names)
    # Without a header row there is nothing that could allow a row to be shorter.
    needed = columns.needed if layout.header_line is not None else width
    for line, cells in rows_of(content, layout):
        if len(cells) != width and (
            len(cells) < needed or any(cell.strip() for cell in cells[width:])
        ):
            problems.add(f"the row has {len(cells)} cells, the header row {width}", line)
            continue
        days.look(cells[columns.date], line)
        if columns.value_date is not None and cells[columns.value_date].strip():
            values.look(cells[columns.value_date], line)
        for column in money:
            marks.look(cells[column].strip(), line)
        if columns.debit is not None:
            debits.look(cells[columns.debit], line)
    problems.refuse()
    if not days.seen:
        raise refused("the file has no entries", line=layout.first_line)
    dates, not_dates = read_dates(
        {**values.seen, **days.seen}, columns.name(columns.date) or "", mapping.date_format, today
    )
    return Survey(
        dates=dates,
        not_dates=not_dates,
        mark=marks.decide(mapping.decimal_mark),
        days_in_order=days.runs == len(days.seen) == len({dates.get(d) for d in days.seen}),
        debit_is_negative=debits.negative(),
    )


@dataclass(slots=True)
class _Days:
    """The different days of a date column, each with its first line."""

    column: str | None
    seen: dict[str, int] = field(default_factory=dict)
    runs: int = 0
    _last: str | None = None

    def look(self, text: str, line: int) -> None:
        day = day_of(text)
        if day == self._last:
            return
        self._last, self.runs = day, self.runs + 1
        if day not in self.seen:
            self.seen[day] = line
            if len(self.seen) > DISTINCT_MAX:
                said = "this does not look like a column of dates"
                raise refused(said, line=line, column=self.column)


@dataclass(slots=True)
class _Debits:
    """Whether money out is written with a minus: it must be so always, or never."""

    column: str | None
    minus: int | None = None
    plain: int | None = None

    def look(self, text: str, line: int) -> None:
        bare = text.strip().lstrip("(")
        if not bare.strip("-+0,. "):
            return
        if bare[0] in "-\u2212\u2013" or bare[-1] in "-)" or text.strip()[:1] == "(":
            self.minus = self.minus or line
        else:
            self.plain = self.plain or line

    def negative(self) -> bool:
        if self.minus and self.plain:
            raise StatementRefusedError(
                StatementProblem("here money out has a minus", self.minus, self.column),
                StatementProblem("here money out has no minus", self.plain, self.column),
            )
        return self.minus is not None
