from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from domain.ledger.account import Account, AccountOrigin, Anchor
from domain.ledger.errors import AccountFedByBankError
from domain.shared.ids import AccountId, UserId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, BalanceSeen
from tests.support.clock import NOON
from tests.support.observations import an_account

EARLIER = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def account(origin: AccountOrigin = AccountOrigin.CONNECTION, minor: int | None = None) -> Account:
    return Account(
        id=AccountId(UUID(int=1)),
        owner=UserId(UUID(int=2)),
        name="Brukskonto",
        kind=AccountKind.CHECKING,
        currency="NOK",
        origin=origin,
        anchor=None if minor is None else Anchor(Money(minor, "NOK"), NOON),
        created_at=NOON,
    )


def test_the_newer_figure_is_taken_and_an_older_one_proves_nothing() -> None:
    known = account(minor=500)

    assert known.anchored(Anchor(Money(1, "NOK"), EARLIER)) == known
    assert known.anchored(Anchor(Money(1, "NOK"), NOON)).balance(0) == Money(1, "NOK")


def test_a_figure_in_another_currency_proves_nothing() -> None:
    assert account().anchored(Anchor(Money(1, "SEK"), NOON)) == account()


def test_a_bank_that_says_no_balance_leaves_the_last_one_standing() -> None:
    known = account(minor=500)

    now = known.seen(an_account(name="Lønnskonto", number=None, currency="SEK"))

    assert now == replace(known, name="Lønnskonto")


def test_a_banks_figure_includes_all_that_was_booked() -> None:
    seen = BalanceSeen(Money(500, "NOK"), None, NOON)

    known = account().seen(an_account(balance=seen))

    assert known.counts_after == date.max
    assert known.balance(0) == Money(500, "NOK")


def test_what_was_booked_after_a_statement_comes_on_top_of_it() -> None:
    known = account(AccountOrigin.STATEMENT, 500)

    assert known.counts_after == NOON.date()
    assert known.balance(-20) == Money(480, "NOK")


def test_without_a_figure_the_balance_is_all_that_was_booked() -> None:
    known = account(AccountOrigin.MANUAL)

    assert known.counts_after is None
    assert known.balance(-20) == Money(-20, "NOK")


def test_only_a_manual_account_takes_a_persons_own_transactions() -> None:
    account(AccountOrigin.MANUAL).ensure_manual()

    for origin in (AccountOrigin.CONNECTION, AccountOrigin.STATEMENT):
        with pytest.raises(AccountFedByBankError):
            account(origin).ensure_manual()
