from pathlib import Path

import pytest

from adapters.statements.reader import FileStatements
from application.ledger.statements import Content, CsvMapping, ReadOptions, StatementPart
from domain.ledger.statement import StatementRefusedError, StatementSummary
from domain.shared.observations import TransactionSeen

SAMPLES = Path(__file__).parent.parent / "samples"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def read(content: Content, options: ReadOptions | None = None) -> list[StatementPart]:
    return list(FileStatements().read(content, options or ReadOptions()))


def rows(parts: list[StatementPart]) -> list[TransactionSeen]:
    return [row for part in parts for row in part.transactions]


def summaries(parts: list[StatementPart]) -> list[StatementSummary]:
    return [part.summary for part in parts if part.summary is not None]


def amounts(parts: list[StatementPart]) -> list[str]:
    return [row.amount.amount for row in rows(parts)]


def read_csv(
    text: str | bytes, mapping: CsvMapping | None = None, currency: str | None = "NOK"
) -> list[StatementPart]:
    content = text.encode() if isinstance(text, str) else text
    return read(content, _options(mapping, currency))


def refusal(content: str | bytes, options: ReadOptions | None = None) -> StatementRefusedError:
    with pytest.raises(StatementRefusedError) as caught:
        read(content.encode() if isinstance(content, str) else content, options)
    return caught.value


def csv_refusal(
    text: str | bytes, mapping: CsvMapping | None = None, currency: str | None = "NOK"
) -> StatementRefusedError:
    return refusal(text, _options(mapping, currency))


def _options(mapping: CsvMapping | None, currency: str | None) -> ReadOptions:
    return ReadOptions(account="mine", currency=currency, csv=mapping or CsvMapping())
