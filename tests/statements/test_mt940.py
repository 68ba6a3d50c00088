"""MT940 by the book, and as banks write it."""

from datetime import date

import pytest

from tests.statements.support import amounts, read, refusal, rows, summaries


def statement(*lines: str, opening: str = "C250101NOK100,", closing: str = "C250131NOK100,") -> str:
    body = "".join(f"{line}\n" for line in lines)
    return f":20:REF\n:25:93860111794\n:28C:1/1\n:60F:{opening}\n{body}:62F:{closing}\n"


def one(line: str, closing: str) -> str:
    return statement(f":61:{line}", ":86:text", closing=closing)


@pytest.mark.parametrize(
    ("line", "amount", "closing"),
    [
        ("2501150115D65,NTRFNONREF", "-65.00", "C250131NOK35,"),
        ("250115D,50NTRFNONREF", "-0.50", "C250131NOK99,50"),
        ("250115C500NTRFNONREF", "500.00", "C250131NOK600,"),
        ("250115    C5,00NTRFNONREF", "5.00", "C250131NOK105,00"),
        ("2501150115DK65,NTRFNONREF", "-65.00", "C250131NOK35,"),
        ("2501150115RC65,NTRFNONREF", "-65.00", "C250131NOK35,"),
        ("2501150115RD65,NTRFNONREF", "65.00", "C250131NOK165,"),
        ("2501150115RDK65,NTRFNONREF", "65.00", "C250131NOK165,"),
        ("2501150115D200,NTRFNONREF", "-200.00", "D250131NOK100,"),
        ("2501150115D000000000065,00F123NONREF//ABC", "-65.00", "C250131NOK35,"),
        ("2501150115D65,1S   X", "-65.10", "C250131NOK34,90"),
        ("2501150115C5,00 NTRFNONREF", "5.00", "C250131NOK105,00"),
    ],
)
def test_statement_lines(line: str, amount: str, closing: str) -> None:
    parts = read(one(line, closing).encode())

    assert amounts(parts) == [amount]
    assert rows(parts)[0].booked_on == date(2025, 1, 15)
    assert rows(parts)[0].text == "text"


@pytest.mark.parametrize(
    "line",
    [
        "2501150115X65,NTRFNONREF",
        "2501150115EC65,NTRFNONREF",
        "2501150115D65,TRFNONREF",
        "2501150115D65,",
        "2501150115DNTRFNONREF",
        "2502310231D65,NTRFNONREF",
        "251301D65,NTRFNONREF",
        "2501159915D65,NTRFNONREF",
        "2501150115D6 5,NTRFNONREF",
        "2501150115D65,001NTRFNONREF",
        "",
        "garbage",
    ],
)
def test_a_damaged_statement_line_is_refused_with_its_line(line: str) -> None:
    assert refusal(one(line, "C250131NOK35,")).line == 5


def test_the_entry_date_takes_the_year_that_is_near() -> None:
    parts = read(
        statement(
            ":61:2412310102D1,NTRFNONREF",
            ":61:2501011231C1,NTRFNONREF",
            ":61:2402280229C1,NTRFNONREF",
            ":61:2502300301D1,NTRFNONREF",
        ).encode()
    )

    assert [row.booked_on for row in rows(parts)] == [
        date(2025, 1, 2),
        date(2024, 12, 31),
        date(2024, 2, 29),
        date(2025, 3, 1),
    ]
    assert rows(parts)[3].value_on == date(2025, 2, 28)


def test_references_and_supplementary_details() -> None:
    text = statement(
        ":61:2501150115D65,NTRFKID 123//BANK-1",
        "Kiwi Oslo",
        ":61:2501150115C65,NTRFNONREF//BANK-2",
    )

    first, second = rows(read(text.encode()))

    assert first.text == "Kiwi Oslo"
    assert second.text == ""
    assert first.id == rows(read(text.replace("Kiwi Oslo", "KIWI OSLO").encode()))[0].id


def details(*lines: str) -> tuple[str, str | None]:
    text = statement(
        ":61:2501150115D1,NTRFNONREF", f":86:{lines[0]}", *lines[1:], ":61:250115C1,NTRFNONREF"
    )
    row = rows(read(text.encode()))[0]
    return row.text, row.counterparty


def test_german_subfields() -> None:
    said = details(
        "166?00GUTSCHRIFT?109310?20EREF+X-1?21KREF+77?22SVWZ+Rechnung Nr 4711 vom 3?231.01.2025",
        "?30TESTDEFF?31DE02100200300000000001?32Erika Mustermann und Fam?33ilie",
    )

    assert said == ("Rechnung Nr 4711 vom 31.01.2025", "Erika Mustermann und Familie")


@pytest.mark.parametrize("mark", ["?", ">", "~", "^"])
def test_other_marks_of_subfields(mark: str) -> None:
    said = details("020~00PRZELEW~20Czynsz~32Jan Kowalski".replace("~", mark))

    assert said == ("Czynsz", "Jan Kowalski")


def test_dutch_code_words() -> None:
    assert details(
        "/TRTP/SEPA OVERBOEKING/IBAN/NL56ASNB9999999999/BIC/TESTNL2A/NAME/De Bak",
        "ker/REMI/Factuur 12/EREF/NOTPROVIDED",
    ) == ("Factuur 12", "De Bakker")
    assert details("/EREF/X//CNTP/NL56ASNB9999999999/TESTNL2A/Piet///REMI/USTD//Hoi/") == (
        "Hoi",
        "Piet",
    )


def test_free_text_and_several_details() -> None:
    assert details("VARER 12.01 KIWI", ":86:KURS 1,00") == ("VARER 12.01 KIWI KURS 1,00", None)


def test_national_details() -> None:
    text = statement(
        ":61:250115D1,NTRF", ":NS:01Miete", "02Januar", "15Erika Muster", "16mann", "1712345",
        ":61:250115C1,NTRF",
    )  # fmt: skip

    row = rows(read(text.encode()))[0]
    assert (row.text, row.counterparty) == ("Miete Januar", "Erika Mustermann")


def test_a_time_that_was_wrapped_is_text() -> None:
    text, _ = details("166?00X?20SVWZ+Kauf 12-09-2014T16", ":26:37 Ort")

    assert text == "Kauf 12-09-2014T16:26:37 Ort"


def test_pages_are_one_statement() -> None:
    page = (
        ":20:A\n:25:1\n:28C:7/{}\n:60{}:C250101NOK{},\n"
        ":61:250102D10,NTRFNONREF\n:62{}:C250102NOK{},\n-\n"
    )
    first, second = page.format(1, "F", 100, "M", 90), page.format(2, "M", 90, "F", 80)

    (summary,) = summaries(read((first + second).encode()))
    assert summary.booked == 2
    assert summary.opening is not None
    assert summary.opening.amount.amount == "100.00"
    assert len({row.id for row in rows(read((first + second).encode()))}) == 2
    assert refusal(first).line == 6
    assert refusal(first + page.format(2, "M", 91, "F", 81)).line == 11
    assert refusal(first + first).line == 11


def test_a_later_page_alone_can_be_read() -> None:
    parts = read(b":20:A\n:25:1\n:60M:C250101NOK10,\n:61:250102D10,NTRFX\n:62F:C250102NOK0,\n")

    assert amounts(parts) == ["-10.00"]


@pytest.mark.parametrize(
    ("account", "number"),
    [
        ("NL81 ASNB 9999 9999 99", "NL81ASNB9999999999"),
        ("/PL07160011980002002256301011", "PL07160011980002002256301011"),
        ("10020030/1234567890NOK", "10020030/1234567890"),
        ("1291.99.348NOK", "1291.99.348"),
        ("93860111794 NOK", "93860111794"),
    ],
)
def test_account_numbers(account: str, number: str) -> None:
    (part,) = read(statement().replace("93860111794", account).encode())

    assert part.account.number == number
    assert part.account.currency == "NOK"


ENVELOPES = (
    "ABNANL2A\n940\nABNANL2A\n{}-\nABNANL2A\n940\nABNANL2A\n{}-\n",
    "0000 01INGBNL2AXXXX00001\n0000 01INGBNL2AXXXX00001\n940 00\n{}-XXX\n{}-XXX",
    ":940:\n{}\n{}",
    "\x01\n{}-\x03\n{}-\x03",
    "{{1:F01X}}{{2:I940X}}{{3:{{108:A}}}}{{4:\n{}-}}{{5:{{MAC:0}}}}\n{{1:F01X}}\n{{2:I940X}}\n{{4:\n{}-}}\n",
    "\x01{{1:F01X}}{{4:\n{}-}}\x03\x01{{1:F01X}}{{4:\n{}-}}{{5:{{CHK:0}}}}\x03",
    "ä4:\n{}-å\nä4:\n{}-å",
    "\n\n{}-\n\n\n{}-\n$\n",
)


@pytest.mark.parametrize("envelope", ENVELOPES)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_envelopes(envelope: str, end: str) -> None:
    text = envelope.format(statement(), statement(closing="C250131NOK100,00"))

    assert len(summaries(read(text.replace("\n", end).encode()))) == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (statement() + "garbage\n", 6),
        (statement() + "-\ngarbage\n", 7),
        ("garbage\n" + statement(), 1),
        (statement().replace(":28C:", ":28C:1\n:28C:"), 4),
        (statement().replace(":25:", ":25:1\n:25:"), 3),
        (statement().replace(":60F:", ":60F:C250101NOK1,\n:60F:"), 5),
        (statement(":99:what"), 5),
        (statement(":20:again"), 5),
        (statement() + ":62F:C250131NOK100,\n", 6),
        (statement() + ":61:250102D10,NTRFX\n", 6),
        (statement() + ":64:C250131NOK100,\n:64:C250131NOK100,\n", 7),
        (statement() + ":64:C250131EUR100,\n", 6),
        (statement() + ":65:nonsense\n", 6),
        (statement(closing="C250131NOK99,"), 5),
        (statement(closing="X250131NOK100,"), 5),
        (statement(closing="C250131EUR100,"), 5),
        (statement(opening="C250101XXQ100,"), 4),
        (statement().replace(":25:93860111794\n", ""), 3),
        (statement().replace(":60F:C250101NOK100,\n", ""), 4),
        (statement().replace(":62F:C250131NOK100,\n", ""), 4),
        (":20:A\n:25:1\n:28C:1\n:34F:NOK0,\n:13D:2501011200+0100\n", 4),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(text: str, line: int) -> None:
    assert refusal(text).line == line


def test_forecasts_and_the_banks_own_words_are_accepted() -> None:
    text = (
        statement() + ":64:C250131NOK90,\n:65:C250201NOK90,\n:65:C250202NOK80,\n:86:Hei\nigjen\n-\n"
    )

    (part,) = read(text.encode())

    assert part.account.balance is not None
    assert str(part.account.balance.available) == "90.00 NOK"
    assert part.notes == ("the bank says: Hei igjen",)


def test_a_file_that_holds_a_statement_twice_is_refused() -> None:
    text = one("250115D1,NTRFX", "C250131NOK99,")

    assert "twice" in str(refusal(text + text))


def test_the_same_entries_in_daily_and_monthly_statements_have_the_same_names() -> None:
    lines = ["250102D1,NTRFX", "250102D1,NTRFX", "250103D1,NTRFX", "250103D7,NTRFX//0000"]
    monthly = statement(*(f":61:{line}" for line in lines), closing="C250131NOK90,")
    daily = [
        statement(*(f":61:{line}" for line in lines[:2]), closing="C250102NOK98,"),
        statement(
            *(f":61:{line}" for line in lines[2:]), opening="C250103NOK98,", closing="C250103NOK90,"
        ),
    ]

    apart = [row.id for text in daily for row in rows(read(text.encode()))]

    assert [row.id for row in rows(read(monthly.encode()))] == apart
    assert [row.id for row in rows(read("".join(daily).encode()))] == apart
