"""Real files give exactly what their README says."""

import io
from datetime import date

from adapters.statements.reader import FileStatements
from application.ledger.statements import ReadOptions, StatementFormat
from domain.shared.observations import EntryStatus
from tests.statements.support import amounts, read, rows, sample, summaries

NOK = ReadOptions(account="mine", currency="NOK")


def test_asn_bank_gives_31_days_and_8_entries() -> None:
    parts = read(sample("asn-bank.mt940"))

    days = summaries(parts)
    assert len(days) == 31
    assert sum(day.booked == 0 for day in days) == 26
    assert len(rows(parts)) == 8
    assert sum(row.amount.minor for row in rows(parts)) == 5694
    assert days[0].opening is not None
    assert days[0].opening.amount.amount == "444.29"
    assert parts[-1].account.number == "NL81ASNB9999999999"
    assert parts[-1].account.balance is not None
    assert str(parts[-1].account.balance.booked) == "501.23 EUR"
    assert parts[-1].account.balance.as_of.date() == date(2020, 1, 31)


def test_asn_bank_texts_are_put_together_again() -> None:
    texts = [row.text for row in rows(read(sample("asn-bank.mt940")))]

    assert texts[0] == "NL47INGB9999999999 hr gjlm paulissen Betaling sieraden"
    assert "Betaling aan ICS 99999999999 ICS Referentie: 2020-01-05 19:47" in texts[2]


def test_camt_gives_both_statements() -> None:
    parts = read(sample("camt053-v2-two-statements.xml"))

    assert amounts(parts) == ["8.85", "-7.00"]
    assert {row.booked_on for row in rows(parts)} == {date(2014, 12, 31)}
    one, two = summaries(parts)
    assert [b.amount.amount for b in (one.opening, one.closing, two.closing) if b] == [
        "18.15",
        "27.00",
        "20.00",
    ]
    assert parts[0].account.number == "NL26VAYB8060476890"


def test_plain_csv_keeps_both_bus_fares() -> None:
    parts = read(sample("plain.csv"), NOK)

    assert amounts(parts) == ["-50.00", "1000.00", "-12.90", "-12.90"]
    assert sum(row.amount.minor for row in rows(parts)) == 92420
    assert len({row.id for row in rows(parts)}) == 4
    assert [row.counterparty for row in rows(parts)][:2] == ["Starbucks", "Employer"]


def test_a_nordic_csv_needs_no_mapping() -> None:
    parts = read(sample("made-up-nordic.csv"), NOK)

    assert amounts(parts) == ["20000.00", "-432.10", "-39.00", "-39.00", "-8500.00"]
    assert rows(parts)[1].text == 'Rema 1000 "Grünerløkka"; Oslo'
    assert parts[-1].account.balance is not None
    assert str(parts[-1].account.balance.booked) == "12345.60 NOK"


def test_a_german_mt940_is_one_statement_in_two_pages() -> None:
    parts = read(sample("made-up-german.mt940"))

    (statement,) = summaries(parts)
    assert statement.booked == 6
    assert statement.total.amount == "391.60"
    assert rows(parts)[0].counterparty == "Stadtwerke Musterstadt"
    assert rows(parts)[0].text == "Strom Januar Kundennr. 4711"
    assert rows(parts)[4].counterparty == "Erika Mustermann"
    assert rows(parts)[4].booked_on == date(2024, 12, 30)
    assert len({row.id for row in rows(parts)}) == 6


def test_a_camt_of_version_8_in_an_envelope() -> None:
    parts = read(sample("made-up-camt053-v8.xml"))

    (statement,) = summaries(parts)
    assert (statement.booked, statement.pending, statement.skipped) == (3, 1, 1)
    batch, reversal, fee, pending = rows(parts)
    assert batch.text == "000123456789012; Abonnement februar"
    assert reversal.amount.amount == "49.50"
    assert reversal.counterparty == "Butikken"
    assert fee.text == "Gebyr"
    assert pending.status is EntryStatus.PENDING
    assert parts[0].account.number == "NO9386011117947"
    assert parts[0].account.institution == "TESTNOKK"


def test_formats_are_told_apart_by_content() -> None:
    reader = FileStatements()

    assert reader.detect(sample("plain.csv")) is StatementFormat.CSV
    assert reader.detect(sample("made-up-nordic.csv")) is StatementFormat.CSV
    assert reader.detect(sample("asn-bank.mt940")) is StatementFormat.MT940
    assert reader.detect(sample("made-up-german.mt940")) is StatementFormat.MT940
    assert reader.detect(sample("made-up-camt053-v8.xml")) is StatementFormat.CAMT053


def test_a_file_is_read_again_from_its_beginning() -> None:
    for name in ("plain.csv", "asn-bank.mt940", "made-up-camt053-v8.xml"):
        stream = io.BytesIO(sample(name))

        assert read(stream, NOK) == read(stream, NOK) == read(sample(name), NOK)
        assert not stream.closed
