"""A damaged file is refused: never an accident, never silently shorter."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.statements.reader import FileStatements
from application.ledger.statements import ReadOptions
from domain.ledger.statement import StatementRefusedError
from tests.statements.support import read, refusal, rows, sample, summaries

NOK = ReadOptions(account="mine", currency="NOK")
FRAGMENTS = (
    b":20:X\n",
    b":25:NL81ASNB9999999999\n",
    b":28C:1/1\n",
    b":60F:C200101EUR1,00\n",
    b":61:2001010101D1,00NTRFNONREF\n",
    b":86:166?00X?20SVWZ+A?32B\n",
    b":62F:C200101EUR0,00\n",
    b"-}\n",
    b"-\n",
    b"{1:F01X}{2:I940X}{4:\n",
    b"<Document><BkToCstmrStmt><Stmt>",
    b"</Stmt>",
    b"<Ntry><Amt Ccy='EUR'>1</Amt></Ntry>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"<?xml version='1.0'?>",
    b"date,amount,text\n",
    b"2025-01-01,1.00,a\n",
    b'"',
    b";",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xe5",
    b"Dato;Bel\xc3\xb8p\n",
    b"01.02.2025;1 234,56\n",
    b"sep=;\n",
)
CHANGED = ("plain.csv", "made-up-nordic.csv", "made-up-german.mt940", "made-up-camt053-v8.xml")


def try_to_read(content: bytes) -> None:
    try:
        read(content, NOK)
    except StatementRefusedError:
        return


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try_to_read(content)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=12), max_size=14))
def test_any_mixture_of_fragments_is_read_or_refused(pieces: list[bytes]) -> None:
    try_to_read(b"".join(pieces))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CHANGED), st.data())
def test_any_change_is_read_or_refused(name: str, data: st.DataObject) -> None:
    content = bytearray(sample(name))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    try_to_read(bytes(content))


def test_a_cut_mt940_is_refused_or_ends_with_a_whole_statement() -> None:
    content = sample("asn-bank.mt940")
    ends = [i for i in range(len(content)) if content.endswith(b"-}{5:}", 0, i)]
    whole = {0: 0}
    for size in range(1, len(content)):
        cut = content[:size]
        try:
            parts = read(cut)
        except StatementRefusedError:
            continue
        done = sum(end <= size for end in ends)
        # `-}` alone ends the statement too; the trailer behind it carries nothing.
        assert len(summaries(parts)) in (done, done + 1)
        assert cut.rstrip().endswith((b"-}", b"-}{5:}"))
        whole[len(parts)] = len(rows(parts))
    assert len(whole) == 32


def test_a_cut_mt940_without_wrapper_is_refused_or_whole() -> None:
    content = sample("made-up-german.mt940")
    closing = content.index(b":62F:C250107EUR1391,6")
    for size in range(1, len(content)):
        if size < closing + len(":62F:C250107EUR1391,6"):
            refusal(content[:size])
        else:
            try:
                parts = read(content[:size])
            except StatementRefusedError:
                continue  # cut within what follows
            assert len(rows(parts)) == 6


@pytest.mark.parametrize("name", ["camt053-v2-two-statements.xml", "made-up-camt053-v8.xml"])
def test_a_cut_camt_is_always_refused(name: str) -> None:
    content = sample(name).rstrip()
    for size in range(len(content)):
        refusal(content[:size])


def test_a_lost_line_is_noticed() -> None:
    lines = sample("made-up-german.mt940").split(b"\r\n")
    for number, line in enumerate(lines):
        if line.startswith(b":61:"):
            error = refusal(b"\r\n".join(lines[:number] + lines[number + 1 :]))
            assert error.line is not None


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        (b"PK\x03\x04....", "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"OFXHEADER:100\n", "OFX"),
        (b"!Type:Bank\n", "QIF"),
        (b"date,amount\n2025-01-01,\0", "NUL"),
        (b"hello world", "date"),
        (b"<html></html>", "CAMT"),
        (b"<Document><BkToCstmrAcctRpt/></Document>", "camt.052"),
        (b"<Document><BkToCstmrDbtCdtNtfctn/></Document>", "camt.054"),
    ],
)
def test_what_is_no_statement_is_called_by_its_name(content: bytes, word: str) -> None:
    assert word in str(refusal(content))


def test_entities_and_document_types_are_refused() -> None:
    bomb = b"<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]><Document>&c;</Document>"

    assert "document type" in str(refusal(bomb))


def test_detecting_refuses_as_reading_does() -> None:
    with pytest.raises(StatementRefusedError):
        FileStatements().detect(b"")
