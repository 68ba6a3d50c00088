"""A file's own word on its currency goes before what was assumed."""

from adapters.statements.reader import FileStatements
from application.ledger.statements import CsvMapping, ReadOptions
from domain.shared.money import Money


def amounts(text: str, options: ReadOptions) -> list[Money]:
    parts = FileStatements().read(text.encode(), options)
    return [seen.amount for part in parts for seen in part.transactions]


def test_a_sign_beside_the_amount_goes_before_the_assumed_currency() -> None:
    text = "date,amount,text\n2025-01-15,€ -12.00,Coffee\n2025-01-16,€ 5.00,Back\n"

    assert amounts(text, ReadOptions(currency="NOK")) == [Money(-1200, "EUR"), Money(500, "EUR")]


def test_without_one_the_assumed_currency_stands() -> None:
    text = "date,amount,text\n2025-01-15,-12.00,Coffee\n2025-01-16,1 234.50,Pay\n"

    assert amounts(text, ReadOptions(currency="NOK")) == [
        Money(-1200, "NOK"),
        Money(123450, "NOK"),
    ]


def test_a_mapped_currency_is_a_word_of_its_own() -> None:
    text = "date,amount,text\n2025-01-15,-12.00,Coffee\n"
    options = ReadOptions(currency="NOK", csv=CsvMapping(fixed_currency="SEK"))

    assert amounts(text, options) == [Money(-1200, "SEK")]
