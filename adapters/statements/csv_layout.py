"""How a CSV file is laid out: delimiter, lines above the header row, and its columns."""

import csv
from dataclasses import dataclass
from itertools import islice
from typing import Final

from adapters.statements.content import encoding_of, text_of
from adapters.statements.csv_columns import Columns, names_anything, recognised, resolve
from application.ledger.statements import Content, CsvMapping
from domain.ledger.statement import refused

_DELIMITERS: Final = (";", ",", "\t", "|")
_TOP_LINES: Final = 60


@dataclass(frozen=True, slots=True)
class Layout:
    encoding: str
    delimiter: str
    header_line: int | None
    """None: the first row is already an entry."""
    first_line: int
    """Where rows begin (the header row, when there is one)."""
    columns: Columns


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    cells: list[str]


def layout_of(content: Content, mapping: CsvMapping) -> Layout:
    """Raises StatementRefusedError when no table of entries can be made out."""
    encoding = encoding_of(content, mapping.encoding)
    stream = text_of(content, encoding)
    try:
        top = list(islice(stream, _TOP_LINES + (mapping.skip_lines or 0)))
    finally:
        stream.detach()
    skip, told = _told_delimiter(top, mapping)
    candidates = [
        _Candidate(delimiter, records, mapping)
        for delimiter in ([told] if told else _DELIMITERS)
        if (records := _records(top, delimiter, skip))
    ]
    if not candidates:
        raise refused("the file has no rows")
    return max(candidates, key=_Candidate.score).layout(encoding)


def _told_delimiter(top: list[str], mapping: CsvMapping) -> tuple[int, str | None]:
    """How many lines to leave out, and the delimiter if mapping or file (`sep=;`) name it."""
    skip, told = mapping.skip_lines or 0, mapping.delimiter
    if told is not None and (len(told) != 1 or told in '\r\n"'):
        raise refused(f"{told!r} cannot be a delimiter; it is one character such as ;")
    mark = top[skip].strip().strip('"') if len(top) > skip else ""
    if mark[:4].lower() == "sep=" and len(mark) == len("sep=;"):
        return skip + 1, told or mark[4]
    if mark.lower() == "sep=":
        return skip + 1, told or "\t"
    return skip, told


def _records(top: list[str], delimiter: str, skip: int) -> list[_Record]:
    reader = csv.reader(top[skip:], delimiter=delimiter)
    records, line = [], skip + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                records.append(_Record(line, cells))
            line = skip + reader.line_num + 1
    except csv.Error:
        pass  # What is wrong is said, with its line, when the file is read.
    return records


@dataclass(frozen=True, slots=True)
class _Candidate:
    delimiter: str
    records: list[_Record]
    mapping: CsvMapping

    def _header(self) -> _Record | None:
        """The best of the first rows that could be a header row."""
        if self.mapping.header is False:
            return None
        rows = self.records[:1] if self.mapping.skip_lines is not None else self.records
        best = max(rows, key=lambda record: recognised(record.cells, self.mapping))
        return best if recognised(best.cells, self.mapping) else None

    def score(self) -> tuple[int, int, int]:
        header = self._header()
        widths = [len(record.cells) for record in self.records]
        usual = max(set(widths), key=widths.count)
        known = recognised(header.cells, self.mapping) if header else 0
        return (known, widths.count(usual) if usual > 1 else 0, usual)

    def layout(self, encoding: str) -> Layout:
        header, first = self._header(), self.records[0]
        if header is None and self.mapping.header is not False:
            header = first if self._looks_like_header(first) else None
        row = header or first
        cells = row.cells if header else [""] * max(len(r.cells) for r in self.records)
        columns = resolve(cells, self.mapping, row.line)
        return Layout(encoding, self.delimiter, header.line if header else None, row.line, columns)

    def _looks_like_header(self, row: _Record) -> bool:
        if self.mapping.header or not names_anything(self.mapping):
            return True
        by_number = (self.mapping.date or "").startswith("#")
        return not by_number or not any(c.isdigit() for cell in row.cells for c in cell)
