import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity.email import EmailAddress
from domain.shared.errors import InvalidFieldsError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("anna@example.no", "anna@example.no"),
        ("  Anna.Berg@EXAMPLE.No ", "anna.berg@example.no"),
        ("\uff41\uff4e\uff4e\uff41@example.no", "anna@example.no"),
        ("ÅSE@blåbær.no", "åse@blåbær.no"),
        ("a+bank@mail.example.co", "a+bank@mail.example.co"),
    ],
)
def test_an_address_has_one_spelling_however_it_is_typed(typed: str, kept: str) -> None:
    assert EmailAddress.parse(typed).text == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "anna", "anna@", "@example.no", "anna@example", "anna@@example.no",
        "anna@.no", "anna@example..no", ".anna@example.no", "anna.@example.no",
        "an..na@example.no", "anna berg@example.no", "anna@exam ple.no", "anna@-example.no",
        "anna@example.123", "anna@example.no\n.x", "anna\0@example.no", "<anna@example.no>",
        '"anna"@example.no', "anna@example.no,bo@example.no", "anna@[127.0.0.1]",
        "a\ud800b@example.no", "anna@example.no\u202e", "x" * 65 + "@example.no",
        "anna@" + "x" * 64 + ".no", "a@" + "x." * 130 + "no", "a" * 100_000,
    ],
)  # fmt: skip
def test_what_no_letter_could_reach_is_refused_under_its_field(typed: str) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        EmailAddress.parse(typed)

    assert [p.field for p in refused.value.problems] == ["email"]


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_kept_address_is_read_back_as_itself(local: str, domain: str) -> None:
    try:
        kept = EmailAddress.parse(f"{local}@{domain}.no")
    except InvalidFieldsError:
        return

    assert EmailAddress.parse(kept.text) == kept


def test_an_address_does_not_print_itself() -> None:
    address = EmailAddress.parse("anna@example.no")

    assert "anna" not in f"{address} {address!r}"
