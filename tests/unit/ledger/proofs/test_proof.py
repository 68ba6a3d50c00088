"""Opening balance + entries = closing balance; and what is said where that is not so."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from domain.ledger.proofs.gaps import QUIET_DAYS
from domain.ledger.proofs.month_proof import MonthProof
from domain.ledger.proofs.promises import KeptStatement, Reading
from domain.ledger.proofs.proof import prove
from domain.ledger.proofs.verdicts import Evidence, Period, Proof, State, Why
from tests.unit.ledger.proofs.evidence import (
    ACCOUNT,
    a_reading,
    a_statement,
    jan,
    known,
    nok,
    true_statement,
)

NETS = {jan(3): -100, jan(10): 500, jan(20): -250, jan(35): -40}


def said(evidence: Evidence, first: int = 1, last: int = 31) -> list[tuple[State, Why]]:
    return [(one.state, one.why) for one in prove(evidence, jan(first), jan(last)).periods]


def days(proof: Proof, first: int = 1, last: int = 31) -> dict[State, int]:
    told = proof.by_day(jan(first), jan(last)).values()
    return {state: n for state in State if (n := sum(one.state is state for one in told))}


def test_a_statement_that_the_entries_explain_covers_its_days() -> None:
    proof = prove(known(NETS, true_statement(NETS, jan(1), jan(31))), jan(1), jan(31))

    (period,) = proof.periods
    assert (period.state, period.why) == (State.COVERED, Why.STATEMENT)
    assert (period.opening, period.booked, period.closing, period.difference) == (0, 150, 150, 0)
    assert days(proof) == {State.COVERED: 31}


def test_a_lost_entry_is_the_difference() -> None:
    statement = true_statement(NETS, jan(1), jan(31))
    lost = {day: net for day, net in NETS.items() if day != jan(20)}

    (period,) = prove(known(lost, statement), jan(1), jan(31)).periods

    assert (period.state, period.difference) == (State.MISMATCHED, -250)


def test_only_the_statement_with_the_mistake_is_mismatched() -> None:
    first = true_statement(NETS, jan(1), jan(15))
    second = true_statement(NETS, jan(16), jan(31))
    doubled = {**NETS, jan(20): -500}

    assert said(known(doubled, first, second)) == [
        (State.COVERED, Why.STATEMENT),
        (State.MISMATCHED, Why.DOES_NOT_ADD_UP),
    ]


def test_a_statement_without_balances_checks_nothing() -> None:
    bare = a_statement(jan(1), jan(31), None, None)

    assert days(prove(known(NETS, bare), jan(1), jan(31))) == {State.NOT_CHECKABLE: 31}


def test_a_day_proved_by_another_statement_needs_no_balances() -> None:
    both = known(NETS, a_statement(jan(1), jan(31), None, None), true_statement(NETS, *MONTH))

    assert days(prove(both, *MONTH)) == {State.COVERED: 31}


MONTH = (jan(1), jan(31))


def test_without_anything_said_days_are_missing() -> None:
    assert said(known(NETS)) == [(State.MISSING, Why.NO_STATEMENT)]


def test_a_month_without_its_statement_is_missing_between_its_neighbours() -> None:
    told = known({**NETS, jan(15): 7}, true_statement(NETS, jan(1), jan(9)), _after(25, 150))

    assert said(told) == [
        (State.COVERED, Why.STATEMENT),
        (State.MISSING, Why.NO_STATEMENT),
        (State.COVERED, Why.STATEMENT),
    ]


def _after(day: int, opening: int) -> KeptStatement:
    return a_statement(jan(day), jan(31), opening, opening)


def test_numbers_that_leave_a_hole_are_missing_even_when_balances_join() -> None:
    first = true_statement(NETS, jan(1), jan(10), number=7)
    third = true_statement(NETS, jan(20), jan(31), number=9)

    assert (State.MISSING, Why.NUMBER_MISSING) in said(known(NETS, first, third))


@pytest.mark.parametrize(("first", "second"), [(7, 8), (52, 1), (None, 8), (26011, 26021)])
def test_numbers_that_follow_begin_again_or_count_days_are_no_hole(
    first: int | None, second: int
) -> None:
    before = true_statement(NETS, jan(11), jan(11), number=first)
    after = true_statement(NETS, jan(21), jan(21), number=second)

    assert (State.COVERED, Why.BALANCES_JOIN) in said(known({**NETS, jan(15): 0}, before, after))


def test_a_quiet_weekend_between_statements_is_covered_once_balances_join() -> None:
    told = known(
        NETS, true_statement(NETS, jan(1), jan(16)), true_statement(NETS, jan(19), jan(31))
    )

    assert days(prove(told, *MONTH)) == {State.COVERED: 31}


def test_a_long_silence_between_statements_that_say_their_days_is_missing() -> None:
    quiet = {jan(1): 100, jan(31): 5}
    begins = jan(2 + QUIET_DAYS + 2)
    told = known(
        quiet, true_statement(quiet, jan(1), jan(2)), true_statement(quiet, begins, jan(31))
    )

    assert said(told)[1] == (State.MISSING, Why.NO_STATEMENT)


def test_a_table_of_rows_without_a_period_is_joined_over_any_silence() -> None:
    quiet = {jan(1): 100, jan(31): 5}
    told = known(
        quiet,
        true_statement(quiet, jan(1), jan(1), told=False),
        true_statement(quiet, jan(31), jan(31), told=False),
    )

    assert days(prove(told, *MONTH)) == {State.COVERED: 31}


def test_statements_of_one_day_that_go_on_from_each_other_are_checked_as_one() -> None:
    morning = a_statement(jan(10), jan(10), -100, 200)
    evening = a_statement(jan(10), jan(10), 200, 400)

    proof = prove(known(NETS, morning, evening), jan(10), jan(10))

    (period,) = proof.periods
    assert (period.state, period.opening, period.closing) == (State.COVERED, -100, 400)


def test_a_daily_and_a_monthly_statement_prove_the_same_days() -> None:
    daily = [true_statement(NETS, jan(day), jan(day)) for day in (3, 10, 20)]
    told = known(NETS, true_statement(NETS, *MONTH), *daily)

    assert days(prove(told, *MONTH)) == {State.COVERED: 31}


def test_a_statement_issued_anew_takes_the_place_of_the_one_before() -> None:
    wrong = replace(
        true_statement(NETS, jan(1), jan(31)),
        id=UUID(int=71),
        closing=nok(999),
        import_id=UUID(int=1),
    )
    right = replace(
        true_statement(NETS, jan(1), jan(31)),
        import_id=UUID(int=2),
        imported_at=wrong.imported_at + timedelta(hours=1),
    )

    assert said(known(NETS, wrong, right)) == [(State.COVERED, Why.STATEMENT)]
    assert said(known(NETS, right, wrong)) == [(State.COVERED, Why.STATEMENT)]


def test_of_two_statements_in_one_file_neither_is_the_newer() -> None:
    both = [true_statement(NETS, jan(1), jan(31)), true_statement(NETS, jan(1), jan(31))]
    both[1] = replace(both[1], id=UUID(int=71), closing=nok(999))

    states = {state for state, _ in said(known(NETS, *both))}
    assert states == {State.COVERED, State.MISMATCHED}


def test_a_statement_that_does_not_open_where_the_last_one_closed_breaks_the_row() -> None:
    first = true_statement(NETS, jan(1), jan(15))
    second = a_statement(jan(16), jan(31), 1_000, 750)

    (gap,) = prove(known(NETS, first, second), *MONTH).breaks

    assert (gap.before, gap.after) == (first, second)


def test_two_balances_of_a_provider_prove_the_days_between_them() -> None:
    told = known(NETS, a_reading(jan(5), -100), a_reading(jan(12), 400), a_reading(jan(25), 150))

    assert said(told, 6, 25) == [(State.COVERED, Why.PROVIDER)]


def test_a_lost_entry_is_one_mismatched_period_and_what_comes_after_is_fine() -> None:
    readings = [a_reading(jan(day), 1_000 if day < 12 else 900) for day in range(1, 31)]

    proof = prove(known({jan(2): 0}, *readings), jan(2), jan(30))

    wrong = [one for one in proof.periods if one.state is State.MISMATCHED]
    assert [(one.first, one.last, one.difference) for one in wrong] == [(jan(12), jan(12), -100)]
    assert days(proof, 2, 30) == {State.COVERED: 28, State.MISMATCHED: 1}


def test_a_balance_of_an_awkward_moment_is_told_and_proves_nothing() -> None:
    readings = [a_reading(jan(day), 1_000) for day in (1, 2, 4, 5)]
    awkward = a_reading(jan(3), 700)

    proof = prove(known({jan(1): 0}, *readings, awkward), jan(2), jan(5))

    assert days(proof, 2, 5) == {State.COVERED: 4}
    assert [(one.reading, one.expected) for one in proof.odd] == [(awkward, 1_000)]


def test_a_statement_wins_over_a_provider_that_disagrees() -> None:
    wrong = a_reading(jan(12), 999)
    told = known(NETS, true_statement(NETS, *MONTH), wrong)

    proof = prove(told, *MONTH)

    assert days(proof) == {State.COVERED: 31}
    assert [(one.reading, one.expected) for one in proof.odd] == [(wrong, 400)]


def test_after_the_last_statement_the_provider_goes_on() -> None:
    told = known(NETS, true_statement(NETS, jan(1), jan(15)), a_reading(jan(25), 150))

    assert said(told) == [
        (State.COVERED, Why.STATEMENT),
        (State.COVERED, Why.PROVIDER),
        (State.MISSING, Why.NO_STATEMENT),
    ]


def month(evidence: Evidence) -> MonthProof:
    return MonthProof.of(ACCOUNT, "NOK", jan(1), evidence)


def test_a_month_is_closed_with_its_balances_and_its_statements() -> None:
    early = true_statement(NETS, jan(1) - timedelta(days=10), jan(9))
    late = true_statement(NETS, jan(10), jan(40))

    one = month(known(NETS, early, late))

    assert one.problems() == []
    closed = one.closed(late.imported_at)
    assert (closed.opening, closed.closing) == (nok(0), nok(150))
    assert [each.statement_id for each in closed.witnesses] == [early.id, late.id]


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ((true_statement(NETS, jan(1), jan(30)),), "missing"),
        ((a_statement(*MONTH, 0, 151),), "mismatched"),
        ((a_statement(*MONTH, None, None),), "not_checkable"),
        ((a_reading(jan(2), 0), a_reading(jan(31), 150)), "missing"),
    ],
)
def test_a_month_that_is_not_proved_says_what_is_missing(
    told: tuple[KeptStatement | Reading, ...], state: str
) -> None:
    assert state in [one.error for one in month(known({jan(1): 0, **NETS}, *told)).problems()]


def test_a_provider_alone_proves_no_month() -> None:
    told = known({jan(1): 0, **NETS}, a_reading(jan(0), 0), a_reading(jan(31), 150))

    assert [one.error for one in month(told).problems()] == ["covered"]


def test_where_a_bank_feeds_the_account_files_go_beside_it() -> None:
    told = known({jan(1): 0, **NETS}, true_statement(NETS, jan(1), jan(30)))

    (here,) = month(told).problems()
    (fed,) = replace(month(told), takes_files=False).problems()

    assert here.message == "no statement speaks for these days; import it"
    assert "`account_name`" in fed.message
    assert "/accounts/same" in fed.message


def test_nothing_is_expected_before_anything_is_known() -> None:
    assert month(known(NETS, true_statement(NETS, jan(3), jan(31)))).problems() == []


HISTORY = st.dictionaries(
    st.integers(1, 60).map(jan), st.integers(-500, 500).filter(bool), max_size=25
)
CUTS = st.lists(st.integers(2, 60), unique=True, max_size=6).map(sorted)


def cut(nets: Mapping[date, int], cuts: Sequence[int]) -> list[KeptStatement]:
    """Statements without a gap, numbered."""
    edges = [1, *cuts, 61]
    return [
        true_statement(nets, jan(one), jan(other - 1), number=number)
        for number, (one, other) in enumerate(pairwise(edges), start=101)
    ]


@given(HISTORY, CUTS)
def test_true_statements_cover_a_true_ledger_whatever_their_days(
    nets: dict[date, int], cuts: list[int]
) -> None:
    proof = prove(known(nets, *cut(nets, cuts)), jan(1), jan(60))

    assert days(proof, 1, 60) == {State.COVERED: 60}
    assert not proof.breaks


@given(HISTORY.filter(bool), CUTS, st.data())
def test_whatever_is_lost_or_doubled_is_found_where_it_happened(
    nets: dict[date, int], cuts: list[int], data: st.DataObject
) -> None:
    statements = cut(nets, cuts)
    day = data.draw(st.sampled_from(sorted(nets)))
    wrong = {**nets, day: data.draw(st.sampled_from([0, 2 * nets[day], -nets[day]]))}

    proof = prove(known(wrong, *statements), jan(1), jan(60))

    found = [one for one in proof.periods if one.state is State.MISMATCHED]
    assert [one.first <= day <= one.last for one in found] == [True]
    assert [one.difference for one in found] == [nets[day] - wrong[day]]


@given(HISTORY, CUTS.filter(lambda cuts: len(cuts) > 1), st.data())
def test_a_statement_that_was_never_imported_is_a_hole(
    nets: dict[date, int], cuts: list[int], data: st.DataObject
) -> None:
    statements = cut(nets, cuts)
    absent = data.draw(st.sampled_from(statements[1:-1]))
    unseen = {on: net for on, net in nets.items() if not absent.first <= on <= absent.last}

    proof = prove(known(unseen, *(one for one in statements if one != absent)), jan(1), jan(60))

    told = proof.by_day(jan(1), jan(60))
    missing = {day for day, one in told.items() if one.state is State.MISSING}
    assert missing == {
        absent.first + timedelta(days=n) for n in range((absent.last - absent.first).days + 1)
    }


@given(HISTORY, st.lists(st.integers(0, 60), unique=True, min_size=2))
def test_true_readings_cover_the_days_between_them(
    nets: dict[date, int], read_on: list[int]
) -> None:
    readings = [
        a_reading(jan(day), sum(net for on, net in nets.items() if on <= jan(day)))
        for day in sorted(read_on)
    ]

    proof = prove(known(nets, *readings), jan(min(read_on) + 1), jan(max(read_on)))

    assert {one.state for one in proof.periods} == {State.COVERED}
    assert not proof.odd


@given(HISTORY, CUTS)
def test_a_statement_imported_twice_proves_the_same(nets: dict[date, int], cuts: list[int]) -> None:
    once = cut(nets, cuts)
    again = [replace(one, id=ACCOUNT) for one in once]

    proof = prove(known(nets, *once, *again), jan(1), jan(60))

    assert days(proof, 1, 60) == {State.COVERED: 60}


STATEMENTS = st.lists(
    st.tuples(st.integers(1, 40), st.integers(0, 25), st.sampled_from(["true", "false", "bare"])),
    max_size=8,
)


def overlapping(
    nets: Mapping[date, int], drawn: Sequence[tuple[int, int, str]]
) -> list[KeptStatement]:
    told = []
    for begins, length, kind in drawn:
        first, last = jan(begins), jan(begins + length)
        one = true_statement(nets, first, last)
        if kind == "false" and one.closing is not None:
            one = replace(one, closing=nok(one.closing.minor + 1))
        told.append(a_statement(first, last, None, None) if kind == "bare" else one)
    return told


@given(HISTORY, STATEMENTS, st.integers(1, 60), st.integers(0, 30))
def test_of_each_day_the_weightiest_period_that_has_it_speaks(
    nets: dict[date, int], drawn: list[tuple[int, int, str]], begins: int, length: int
) -> None:
    first, last = jan(begins), jan(begins + length)
    proof = prove(known(nets, *overlapping(nets, drawn)), jan(1), jan(60))
    weight = [State.MISSING, State.NOT_CHECKABLE, State.COVERED, State.MISMATCHED].index

    expected: dict[date, Period] = {}
    for day in (first + timedelta(days=n) for n in range(length + 1)):
        speaking = [one for one in proof.periods if one.first <= day <= one.last]
        if speaking:
            expected[day] = max(speaking, key=lambda one: weight(one.state))

    assert list(proof.by_day(first, last).items()) == list(expected.items())


@given(HISTORY, STATEMENTS, st.lists(st.tuples(st.integers(0, 66), st.booleans()), max_size=9))
def test_a_figure_is_held_against_the_first_proved_statement_of_its_day(
    nets: dict[date, int],
    drawn: list[tuple[int, int, str]],
    read: list[tuple[int, bool]],
) -> None:
    readings = [
        a_reading(jan(day), sum(net for on, net in nets.items() if on <= jan(day)) + (not true))
        for day, true in read
    ]
    told = known({jan(1): 0, **nets}, *overlapping(nets, drawn), *readings)
    proof = prove(told, jan(-10), jan(80))
    covered = [one for one in proof.periods if one.why is Why.STATEMENT]

    within = [one for one in readings if any(p.first <= one.day <= p.last for p in covered)]
    told_odd = [one.reading for one in proof.odd]
    for one, (_, true) in zip(readings, read, strict=True):
        if one in within:
            assert (one in told_odd) is (not true)


class CountedDay(date):
    """A day that counts how often it is compared."""

    compared = 0

    @override
    def __ge__(self, other: object) -> bool:
        CountedDay.compared += 1
        return isinstance(other, date) and super().__ge__(other)

    @override
    def __lt__(self, other: object) -> bool:
        CountedDay.compared += 1
        return isinstance(other, date) and super().__lt__(other)


def test_what_is_said_of_each_day_costs_days_and_statements_not_one_times_the_other() -> None:
    first, last = date(2016, 1, 1), CountedDay(2025, 12, 31)
    period = Period(first, last, State.COVERED, Why.STATEMENT)
    proof = Proof((period,) * 400)
    CountedDay.compared = 0

    said = proof.by_day(first, date(2025, 12, 31))

    assert len(said) == 3_653
    assert 0 < CountedDay.compared < 3 * (3_653 + 400)
