"""Which days a statement speaks for, and which day a provider's figure is put to."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from domain.ledger.proofs.promises import Span, day_before, sequence_number, span_of
from domain.ledger.statement import StatementBalance, StatementSummary
from domain.shared.ids import ExternalId
from tests.unit.ledger.proofs.evidence import jan, nok


def a_summary(opened: date | None, closed: date | None) -> StatementSummary:
    return StatementSummary(
        account=ExternalId("one"),
        reference=None,
        opening=StatementBalance(nok(0), opened),
        closing=StatementBalance(nok(0), closed),
        booked=0,
        total=nok(0),
    )


def test_what_the_file_says_goes_first() -> None:
    told = (jan(1), jan(31))
    span = span_of(a_summary(jan(2), jan(30)), told, (jan(5), jan(20)))
    assert span == Span(jan(1), jan(31), told=True)


def test_an_opening_day_with_an_entry_is_the_first_day() -> None:
    span = span_of(a_summary(jan(5), jan(31)), None, (jan(5), jan(20)))
    assert span == Span(jan(5), jan(31), told=False)


def test_an_opening_day_without_an_entry_may_be_the_last_ones_closing_day() -> None:
    span = span_of(a_summary(jan(5), jan(31)), None, (jan(8), jan(20)))
    assert span == Span(jan(6), jan(31), told=False)


def test_a_statement_of_one_day_without_entries_speaks_for_that_day() -> None:
    assert span_of(a_summary(jan(5), jan(5)), None, None) == Span(jan(5), jan(5), told=False)


def test_a_table_without_days_of_balances_goes_from_row_to_row() -> None:
    span = span_of(a_summary(None, None), None, (jan(3), jan(20)))
    assert span == Span(jan(3), jan(20), told=False)


def test_nothing_at_all_speaks_for_no_day() -> None:
    assert span_of(a_summary(None, None), None, None) is None


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 2, 23, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 2, 12, 0, tzinfo=UTC), date(2026, 3, 1)),
        # In Honolulu it is the first of March still.
        (datetime(2026, 3, 2, 11, 59, tzinfo=UTC), date(2026, 2, 28)),
    ],
)
def test_a_figure_is_put_to_a_day_that_was_over_everywhere(moment: datetime, day: date) -> None:
    assert day_before(moment) == day


@pytest.mark.parametrize("hours", range(-12, 15))
def test_that_day_was_over_at_the_bank_wherever_it_is(hours: int) -> None:
    for moment in (datetime(2026, 3, 2, hour, 30, tzinfo=UTC) for hour in range(24)):
        at_the_bank = moment.astimezone(timezone(timedelta(hours=hours))).date()
        assert day_before(moment) < at_the_bank


@pytest.mark.parametrize(
    ("said", "number"),
    [("5/1", 5), ("00012", 12), ("26031/1", 26031), (None, None), ("", None), ("MT/5", None)],
)
def test_a_place_in_the_banks_own_sequence(said: str | None, number: int | None) -> None:
    assert sequence_number(said) == number
