"""Statement files of every known kind, recognised by what is in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from adapters.statements.camt import read_camt
from adapters.statements.content import opening_of
from adapters.statements.csv_file import read_csv
from adapters.statements.mt940 import read_mt940
from application.ledger.statements import (
    Content,
    ReadOptions,
    StatementFormat,
    StatementPart,
    StatementReader,
)
from domain.ledger.statement import StatementSummary, refused

_STRANGERS: Final = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook; unpack it, or save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; save it as CSV"),
    (b"\x1f\x8b", "a gzip archive; unpack it"),
    (b"%PDF", "a PDF; fetch the statement as CAMT.053, MT940 or CSV"),
    (b"OFXHEADER", "an OFX file; fetch the statement as CAMT.053, MT940 or CSV"),
    (b"<?OFX", "an OFX file; fetch the statement as CAMT.053, MT940 or CSV"),
    (b"<OFX", "an OFX file; fetch the statement as CAMT.053, MT940 or CSV"),
    (b"!Type:", "a QIF file; fetch the statement as CAMT.053, MT940 or CSV"),
)
_MT940: Final = re.compile(r"^(?::(?:20|25P?|28C?|60[FM]|61):|\{1:[A-Z])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FileStatements(StatementReader):
    """Reads CSV, CAMT.053 and MT940."""

    @override
    def detect(self, content: Content) -> StatementFormat:
        start = opening_of(content)
        plain = start.removeprefix(b"\xef\xbb\xbf").lstrip(b"\x01\x02\x03 \t\r\n")
        if not plain:
            raise refused("the file is empty")
        for mark, what in _STRANGERS:
            if plain.startswith(mark):
                raise refused(f"this is {what}")
        text = _sniffed(plain)
        if text.startswith("<"):
            return StatementFormat.CAMT053
        if _MT940.search(text.replace("\r", "\n")):
            return StatementFormat.MT940
        return StatementFormat.CSV

    @override
    def read(self, content: Content, options: ReadOptions) -> Iterator[StatementPart]:
        match self.detect(content):
            case StatementFormat.CAMT053:
                yield from _without_repeats(read_camt(content, options.today))
            case StatementFormat.MT940:
                yield from _without_repeats(read_mt940(content, options.today))
            case StatementFormat.CSV:
                yield from read_csv(content, options)


def _without_repeats(parts: Iterator[StatementPart]) -> Iterator[StatementPart]:
    """Two downloads in one file would make every entry of the statement its own twin."""
    seen: set[StatementSummary] = set()
    for part in parts:
        if part.summary is not None and part.summary.booked:
            if part.summary in seen:
                raise refused(
                    f"statement {part.summary.reference or ''} of {part.summary.account} is in the "
                    "file twice; import it once",
                    element=f"statement {part.statement}",
                )
            seen.add(part.summary)
        yield part


def _sniffed(start: bytes) -> str:
    """Enough of the text to see what it is; a NUL in single-byte text means it is none."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return start.decode("utf-16", errors="ignore").lstrip()
    if b"\0" in start:
        line = start[: start.index(b"\0")].count(b"\n") + 1
        raise refused("there is a NUL byte; this is not a text file, or a damaged one", line=line)
    return start.decode("latin-1")
