"""CSV files as banks and people write them."""

from datetime import date

import pytest

from application.ledger.statements import CsvMapping, DecimalMark, ReadOptions, Sign
from domain.shared.observations import EntryStatus
from tests.statements.support import amounts, csv_refusal, read, read_csv, rows, summaries

HEADERS = {
    "norwegian": ("Dato;Forklaring;Rentedato;Ut fra konto;Inn på konto", "{d};Kiwi;{d};12,50;"),
    "sparebank": ("Bokført dato;Beskrivelse;Beløp;Valuta", "{d};Kiwi;-12,50;NOK"),
    "swedish": ("Bokföringsdag\tBeskrivning\tBelopp\tValuta", "{d}\tICA\t-12,50\tSEK"),
    "danish": ("Dato;Tekst;Beløb;Saldo", "{d};Netto;-12,50;87,50"),
    "german": ("Buchungstag;Valuta;Verwendungszweck;Betrag;Währung", "{d};{d};Miete;-12,50;EUR"),
    "german with code": ("Buchungstag;Buchungstext;Betrag (EUR)", "{d};Miete;-12,50"),
    "german twice": ("Buchung;Vorgang;Saldo;Währung;Betrag;Währung", "{d};A;9,50;EUR;-12,50;EUR"),
    "dutch": ("Datum,Naam / Omschrijving,Af Bij,Bedrag (EUR)", '{d},Albert,Af,"12,50"'),
    "polish": ("Data operacji;Opis operacji;Kwota;Waluta", "{d};Zakupy;-12,50;PLN"),
    "english": ("Transaction Date,Description,Debit,Credit", '{d},Shop,"12,50",'),
}  # fmt: skip


@pytest.mark.parametrize("bank", HEADERS)
def test_usual_headers_need_no_mapping(bank: str) -> None:
    header, row = HEADERS[bank]

    parts = read_csv(f"{header}\n{row.format(d='15.03.2025')}\n")

    assert amounts(parts) == ["-12.50"]
    assert rows(parts)[0].booked_on == date(2025, 3, 15)
    assert rows(parts)[0].text


def test_the_currency_comes_from_column_header_amount_or_options() -> None:
    assert rows(read_csv("date;amount;currency\n2025-01-01;1,00;SEK\n"))[0].amount.currency == "SEK"
    assert rows(read_csv("date;amount (eur)\n2025-01-01;1,00\n"))[0].amount.currency == "EUR"
    assert (
        rows(read_csv("date;amount\n2025-01-01;€ 1,00\n", None, None))[0].amount.currency == "EUR"
    )
    assert rows(read_csv("date;amount\n2025-01-01;1,00\n"))[0].amount.currency == "NOK"


def test_without_any_currency_the_file_is_refused() -> None:
    error = csv_refusal("date;amount\n2025-01-01;1,00\n", None, None)

    assert error.line == 2
    assert "set the currency" in str(error)


def test_columns_can_be_mapped_by_name_and_by_number() -> None:
    text = "When,How much,What\n2025-01-02,5.00,Kiwi\n"
    by_name = CsvMapping(date="when", amount="How much", text=("What",))
    by_number = CsvMapping(date="#1", amount="#2", text=("#3",))

    assert rows(read_csv(text, by_name)) == rows(read_csv(text, by_number))
    assert rows(read_csv("2025-01-02,5.00,Kiwi\n", by_number)) == rows(read_csv(text, by_name))


def test_an_unknown_column_is_named_with_those_there_are() -> None:
    error = csv_refusal("date,amount\n2025-01-01,1.00\n", CsvMapping(date="date", amount="sum"))

    assert error.line == 1
    assert "'sum'" in str(error)
    assert "'amount'" in str(error)


def test_a_header_that_is_there_twice_must_be_mapped_by_number() -> None:
    text = "date,amount,amount\n2025-01-01,1.00,2.00\n"

    assert csv_refusal(text).line == 1
    assert amounts(read_csv(text, CsvMapping(date="date", amount="#3"))) == ["2.00"]


def test_the_sign_can_be_turned_round() -> None:
    text = "date,amount\n2025-01-01,10.00\n2025-01-02,-3.00\n"

    turned = CsvMapping(date="date", amount="amount", sign=Sign.OUTFLOW_POSITIVE)

    assert amounts(read_csv(text, turned)) == ["-10.00", "3.00"]


@pytest.mark.parametrize(
    ("out", "into"), [("D", "C"), ("Debit", "Credit"), ("Af", "Bij"), ("S", "H")]
)
def test_words_say_which_way_money_went(out: str, into: str) -> None:
    text = f"date;amount;dc\n2025-01-01;10,00;{out}\n2025-01-02;3,00;{into}\n"

    assert amounts(read_csv(text)) == ["-10.00", "3.00"]
    assert csv_refusal(text.replace(f";{out}", ";?")).line == 2


def test_debit_and_credit_columns_with_and_without_minus() -> None:
    plain = "date;debit;credit\n2025-01-01;10,00;\n2025-01-02;;3,00\n2025-01-03;0,00;4,00\n"
    minus = plain.replace("10,00", "-10,00")

    assert amounts(read_csv(plain)) == amounts(read_csv(minus)) == ["-10.00", "3.00", "4.00"]
    assert csv_refusal("date;debit;credit\n2025-01-01;1,00;2,00\n").line == 2
    assert csv_refusal("date;debit;credit\n2025-01-01;;\n").line == 2
    assert csv_refusal("date;debit;credit\n2025-01-01;-1,00;\n2025-01-02;1,00;\n").line == 2


def test_quotes_line_breaks_and_formulas_are_only_text() -> None:
    text = 'date,amount,text\n2025-01-01,1.00,"a ""b""\nc, d"\n2025-01-02,2.00,=SUM(A1)\nx,1,y\n'

    error = csv_refusal(text)

    assert error.line == 5
    good = rows(read_csv(text.removesuffix("x,1,y\n")))
    assert [row.text for row in good] == ['a "b" c, d', "=SUM(A1)"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_numbers_are_right_whatever_ends_a_line(end: str) -> None:
    assert (
        csv_refusal(end.join(["date,amount", "", "2025-01-01,1.00", ",,", "2025-01-02,x"])).line
        == 5
    )


def test_blank_rows_trailing_delimiters_and_a_missing_last_break() -> None:
    assert amounts(read_csv("date;amount;\n\n2025-01-01;1,00;\n;;\n2025-01-02;2,00")) == [
        "1.00",
        "2.00",
    ]


def test_a_row_must_reach_to_the_last_column_that_is_used() -> None:
    mapping = CsvMapping(date="date", amount="amount", text=("#4",))

    assert csv_refusal("date;amount;;\n2025-01-01;1,00\n", mapping).line == 2
    assert amounts(read_csv("date;amount;;\n2025-01-01;1,00;;x\n", mapping)) == ["1.00"]


def test_a_line_that_never_ends_is_refused() -> None:
    assert "longer" in str(csv_refusal("date,amount\n" + "x" * 3_000_000))


def test_lines_above_the_table_are_left_out_and_said() -> None:
    text = "Account;NO93\nOwner;Kari\n\nDato;Beløp\n01.02.2025;1,00\n"

    parts = read_csv(text)

    assert amounts(parts) == ["1.00"]
    assert "3 lines above" in " ".join(parts[-1].notes)
    assert amounts(read_csv(text, CsvMapping(skip_lines=3))) == ["1.00"]


def test_excel_can_name_the_delimiter() -> None:
    assert amounts(read_csv("sep=|\ndate|amount\n2025-01-01|1,00\n")) == ["1.00"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_encodings_are_recognised(encoding: str) -> None:
    parts = read_csv("Dato;Beløp;Tekst\n01.02.2025;1,00;Blåbær\n".encode(encoding))

    assert rows(parts)[0].text == "Blåbær"


def test_a_file_that_is_only_partly_utf8_is_damaged() -> None:
    content = "Dato;Beløp;Tekst\n01.02.2025;1,00;".encode() + b"\xe5\n"

    assert csv_refusal(content).line == 2


def test_problems_are_listed_up_to_twenty_with_their_number() -> None:
    text = "date,amount\n" + "2025-01-01,x\n" * 50

    error = csv_refusal(text)

    assert len(error.problems) == 20
    assert error.total == 50
    assert [p.line for p in error.problems][:2] == [2, 3]
    assert error.problems[0].column == "amount"
    assert error.details[0].field == "line 2, column 'amount'"
    assert "30 more" in str(error)


def test_ragged_rows_are_refused() -> None:
    assert csv_refusal("date,amount,text\n2025-01-01,1.00,a\n2025-01-02,1.00\n").line == 3
    assert csv_refusal("date,amount\n2025-01-01,1,00\n").line == 2


def test_quotes_that_do_not_match_are_refused_where_they_begin() -> None:
    assert csv_refusal('date,amount,text\n2025-01-01,1.00,a\n2025-01-02,1.00,"b\nc\n').line == 3
    assert csv_refusal('date,amount,text\n2025-01-01,1.00,"a"b\n').line == 2


def test_dates_either_way_are_refused_until_somebody_says() -> None:
    text = "date,amount\n03/04/2025,1.00\n05/04/2025,2.00\n"

    error = csv_refusal(text)
    assert "date_format" in str(error)
    assert (error.line, error.problems[0].column) == (2, "date")

    def first(mapping: CsvMapping) -> date:
        return rows(read_csv(text, mapping))[0].booked_on

    assert first(CsvMapping(date_format="%d/%m/%Y")) == date(2025, 4, 3)
    assert first(CsvMapping(date_format="%m/%d/%Y")) == date(2025, 3, 4)


def test_one_certain_date_settles_all() -> None:
    text = "date,amount\n03/04/2025,1.00\n{}/2025,2.00\n"

    assert rows(read_csv(text.format("15/04")))[0].booked_on == date(2025, 4, 3)
    assert rows(read_csv(text.format("04/15")))[0].booked_on == date(2025, 3, 4)
    assert csv_refusal(text.format("15/04") + "04/15/2025,1.00\n").total == 2


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-15",
        "2025/03/15",
        "20250315",
        "15.03.2025",
        "15.3.25",
        "15.03.25",
        "15-03-2025",
        "15. mars 2025",
        "15 Mar 2025",
        "2025-03-15 10:22:33",
        "2025-03-15T10:22:33.123+01:00",
        "15.03.2025 10:22",
    ],
)
def test_shapes_of_dates(text: str) -> None:
    assert rows(read_csv(f'date;amount\n"{text}";1,00\n'))[0].booked_on == date(2025, 3, 15)


@pytest.mark.parametrize(
    "text", ["31.02.2025", "2025-13-01", "yesterday", "", "45000", "0025-01-01"]
)
def test_no_dates(text: str) -> None:
    assert csv_refusal(f"date;amount\n{text};1,00\n").line == 2


def test_a_format_that_is_none_is_refused() -> None:
    csv_refusal("date,amount\n2025-01-01,1.00\n", CsvMapping(date_format="%Q"))
    csv_refusal("date,amount\n2025-01-01,1.00\n", CsvMapping(encoding="klingon"))
    csv_refusal("date,amount\n2025-01-01,1.00\n", CsvMapping(fixed_currency="XXQ"))
    csv_refusal("date,amount\n2025-01-01,1.00\n", CsvMapping(delimiter=";;"))


def test_the_decimal_mark_is_found_in_the_whole_file_or_asked_for() -> None:
    assert amounts(read_csv("date;amount\n2025-01-01;1.234\n2025-01-02;1,5\n")) == [
        "1234.00",
        "1.50",
    ]
    error = csv_refusal("date;amount\n2025-01-01;1.234\n")
    assert "decimal_mark" in str(error)
    comma = CsvMapping(decimal_mark=DecimalMark.COMMA)
    assert amounts(read_csv("date;amount\n2025-01-01;1.234\n", comma)) == ["1234.00"]
    assert csv_refusal("date;amount\n2025-01-01;1,50\n2025-01-02;1.50\n").line == 2


def test_categories_are_translated_and_unknown_words_kept_beside() -> None:
    text = "date,amount,category\n2025-01-01,1.00,Food\n2025-01-02,2.00,Zoo\n2025-01-03,3.00,\n"
    known = {"Food": "groceries"}

    (part,) = read(text.encode(), ReadOptions(currency="NOK", categorise=known.get))

    food, zoo, _ = part.transactions
    assert food.category == "groceries"
    assert zoo.category is None
    assert part.category_hints == {zoo.id: "Zoo"}


def test_several_accounts_and_currencies_are_kept_apart() -> None:
    text = "date,amount,account,currency\n" + "".join(
        f"2025-01-0{d},1.00,{a},{c}\n"
        for d, a, c in ((1, "A", "NOK"), (2, "B", "NOK"), (3, "A", "EUR"))
    )

    parts = read_csv(text)

    assert [part.account.id for part in parts] == ["A/NOK", "B/NOK", "A/EUR"]
    assert [s.booked for s in summaries(parts)] == [1, 1, 1]
    assert parts[0].account.number == "A"


def test_pending_and_declined_rows_are_not_booked() -> None:
    words = ("COMPLETED", "PENDING", "REVERTED")
    text = "date,amount,state\n" + "".join(f"2025-01-01,1.00,{word}\n" for word in words)

    parts = read_csv(text)

    assert [row.status for row in rows(parts)] == [EntryStatus.BOOKED, EntryStatus.PENDING]
    (summary,) = summaries(parts)
    assert (summary.booked, summary.pending, summary.skipped) == (1, 1, 1)
    assert summary.total.amount == "1.00"


def test_ids_name_rows_and_must_be_different() -> None:
    text = "date,amount,no\n2025-01-01,1.00,a\n2025-01-01,1.00,b\n"
    mapping = CsvMapping(date="date", amount="amount", id="no")
    moved = text.replace("2025-01-01,1.00,a", "2025-01-05,9.00,a")

    assert [r.id for r in rows(read_csv(text, mapping))] == [
        r.id for r in rows(read_csv(moved, mapping))
    ]
    assert csv_refusal(text.replace(",b", ",a"), mapping).line == 3
    assert csv_refusal(text.replace(",b", ","), mapping).line == 3


def test_a_mapped_balance_is_checked_and_a_found_one_used_when_it_runs() -> None:
    text = "date,amount,balance\n2025-01-01,1,11\n2025-01-02,2,13\n2025-01-03,-3,10\n"
    mapping = CsvMapping(date="date", amount="amount", balance="balance")
    broken = text.replace("13", "14")

    (summary,) = summaries(read_csv(text, mapping))
    assert summary.opening is not None
    assert summary.closing is not None
    assert (summary.opening.amount.amount, summary.closing.amount.amount) == ("10.00", "10.00")
    assert csv_refusal(broken, mapping).problems[0].column == "balance"
    (unused,) = summaries(read_csv(broken))
    assert unused.closing is None


def test_reading_again_gives_the_same_names_and_the_account_is_a_part_of_them() -> None:
    text = b"date,amount,text\n2025-01-01,1.00,a\n2025-01-01,1.00,a\n"

    mine, again = (read(text, ReadOptions(account="mine", currency="NOK")) for _ in range(2))
    yours = read(text, ReadOptions(account="yours", currency="NOK"))

    assert mine == again
    assert {r.id for r in rows(mine)}.isdisjoint({r.id for r in rows(yours)})


def test_parts_hold_at_most_a_thousand_rows() -> None:
    text = "date,amount,text\n" + "".join(f"2025-01-01,{n}.00,t\n" for n in range(2500))

    parts = read_csv(text)

    assert [len(part.transactions) for part in parts] == [1000, 1000, 500]
    assert [part.summary is not None for part in parts] == [False, False, True]


def test_more_decimals_than_the_currency_has_are_refused() -> None:
    assert csv_refusal("date;amount;currency\n2025-01-01;1,50;JPY\n").line == 2
    assert amounts(read_csv("date;amount;currency\n2025-01-01;150;JPY\n")) == ["150"]
    assert csv_refusal("date;amount;currency\n2025-01-01;1,50;XYZ\n").line == 2
