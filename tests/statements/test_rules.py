"""The statement check and the chain of statements."""

from datetime import date

import pytest

from domain.ledger.statement import (
    StatementBalance,
    StatementProblem,
    StatementRefusedError,
    StatementSummary,
    gaps_between,
    refused,
)
from domain.shared.errors import RuleError
from domain.shared.ids import ExternalId
from domain.shared.money import Money


def nok(minor: int) -> Money:
    return Money(minor, "NOK")


def summary(
    opening: int | None, total: int, closing: int | None, account: str = "a"
) -> StatementSummary:
    def balance(minor: int | None) -> StatementBalance | None:
        return None if minor is None else StatementBalance(nok(minor), date(2025, 1, 31))

    return StatementSummary(
        ExternalId(account), "1/1", balance(opening), balance(closing), 3, nok(total)
    )


def test_opening_and_entries_must_come_to_closing() -> None:
    summary(100, -30, 70).ensure_adds_up(line=7)
    with pytest.raises(StatementRefusedError) as caught:
        summary(100, -30, 71).ensure_adds_up(line=7)
    assert caught.value.line == 7
    assert "0.71 NOK" in str(caught.value)


def test_without_both_balances_nothing_can_be_said() -> None:
    summary(None, -30, 71).ensure_adds_up()
    summary(100, -30, None).ensure_adds_up()
    assert summary(None, -30, 71).difference is None


def test_gaps_are_told_per_account() -> None:
    gaps = gaps_between(
        [summary(0, 5, 5), summary(9, 0, 9, "b"), summary(5, 5, 10), summary(11, 0, 11)]
    )

    (gap,) = gaps
    assert (gap.after.amount.minor, gap.before.amount.minor) == (10, 11)
    assert "may be missing" in str(gap)


def test_a_refusal_is_a_broken_rule_with_a_place() -> None:
    error = StatementRefusedError(
        StatementProblem("is wrong", element="Stmt[1]"), StatementProblem("too", line=3, column="x")
    )

    assert isinstance(error, RuleError)
    assert error.code == "statement_refused"
    assert (error.line, error.element) == (3, "Stmt[1]")
    assert str(error) == "Stmt[1]: is wrong; line 3, column 'x': too"
    assert [d.field for d in error.details] == ["Stmt[1]", "line 3, column 'x'"]
    assert refused("no").details[0].field == "file"
