"""What Plaid's documentation lets answers look like, over the wire: read exactly, or refused."""

from typing import Any, Final

import pytest

from adapters.plaid.categories import category_of
from application.connections.gateway import FeedNotReadyError, ProviderUnavailableError
from domain.ledger.categories import CATEGORIES, UNCATEGORISED
from domain.shared.money import Money
from domain.shared.observations import AccountKind, AccountSeen
from tests.providers import test_plaid
from tests.providers.server import in_turn, told

EMPTY: Final = test_plaid.EMPTY
STATUSES: Final = (
    "NOT_READY",
    "INITIAL_UPDATE_COMPLETE",
    "HISTORICAL_UPDATE_COMPLETE",
    "TRANSACTIONS_UPDATE_STATUS_UNKNOWN",
    "SOMETHING_NEW",
    None,
)


def an_account(kind: str = "depository", **balances: object) -> dict[str, Any]:
    money = {"iso_currency_code": "NOK", "unofficial_currency_code": None} | balances
    return {"account_id": "a1", "name": "Konto", "type": kind, "balances": money}


def removed(*ids: str) -> list[dict[str, str]]:
    return [{"transaction_id": one, "account_id": "a1"} for one in ids]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("cursor", ["", "c-1"])
@pytest.mark.parametrize("gone", [[], ["t-1"]], ids=["silent", "says something"])
@pytest.mark.parametrize("held", [None, "c-0"], ids=["first", "later"])
async def test_nothing_yet_is_told_from_nothing_new(
    status: str | None, cursor: str, gone: list[str], held: str | None
) -> None:
    answer = EMPTY | {"next_cursor": cursor, "removed": removed(*gone)}
    answer |= {"transactions_update_status": status}
    if status is None:
        del answer["transactions_update_status"]
    async with test_plaid.a_stand(in_turn(told(answer))) as stand:
        if not gone and (cursor == "" or status == "NOT_READY"):
            with pytest.raises(FeedNotReadyError):
                await stand.plaid.fetch(test_plaid.ACCESS, held, None)
        elif cursor == "":
            # Where the next update would begin is not known: to keep this would be to lose it.
            with pytest.raises(ProviderUnavailableError, match="without a cursor"):
                await stand.plaid.fetch(test_plaid.ACCESS, held, None)
        else:
            page = await stand.plaid.fetch(test_plaid.ACCESS, held, None)
            assert (page.cursor, page.next_position) == ("c-1", None)
            assert len(page.page.observations.gone) == len(gone)
            assert page.history_pending is (status == "INITIAL_UPDATE_COMPLETE")


async def plaids_account(**account: Any) -> tuple[tuple[AccountSeen, ...], tuple[str, ...]]:  # noqa: ANN401 - JSON
    async with test_plaid.a_stand(in_turn(told(EMPTY | {"accounts": [account]}))) as stand:
        page = await stand.plaid.fetch(test_plaid.ACCESS, None, None)
        return page.page.observations.accounts, page.left_out


@pytest.mark.parametrize(
    ("official", "unofficial", "kept"),
    [
        ("NOK", None, "NOK"),
        ("SEK", "BTC", "SEK"),
        (None, "BTC", None),
        (None, None, None),
        ("XAU", None, None),
        ("nok", None, None),
    ],
)
async def test_either_currency_code_may_be_missing(
    official: str | None, unofficial: str | None, kept: str | None
) -> None:
    account = an_account(current=1, iso_currency_code=official, unofficial_currency_code=unofficial)

    seen, left_out = await plaids_account(**account)

    assert [one.currency for one in seen] == ([kept] if kept else [])
    assert left_out == (() if kept else ("unknown_currency:a1",))


@pytest.mark.parametrize(
    ("balances", "booked", "available"),
    [
        ({"current": None, "available": None, "limit": None}, None, None),
        ({"current": None, "available": 5}, None, None),
        ({"current": 10.5, "available": None}, 1050, None),
        ({"current": 10, "available": 5.25, "limit": 1000}, 1000, 525),
        ({"current": 0, "available": 0}, 0, 0),
        ({}, None, None),
    ],
)
async def test_any_balance_may_be_null(
    balances: dict[str, object], booked: int | None, available: int | None
) -> None:
    ((seen,), _) = await plaids_account(**an_account("depository", **balances))

    if booked is None:
        assert seen.balance is None
        return
    assert seen.balance is not None
    assert seen.balance.booked == Money(booked, "NOK")
    wanted = None if available is None else Money(available, "NOK")
    assert seen.balance.available == wanted


@pytest.mark.parametrize(
    ("kind", "current", "booked", "expected"),
    [
        ("depository", 100, 10000, AccountKind.CHECKING),
        ("depository", -100, -10000, AccountKind.CHECKING),
        ("credit", 100, -10000, AccountKind.CREDIT_CARD),
        ("credit", -5, 500, AccountKind.CREDIT_CARD),
        ("loan", 2500, -250000, AccountKind.LOAN),
        ("investment", 100, 10000, AccountKind.INVESTMENT),
        ("brokerage", 100, 10000, AccountKind.INVESTMENT),
        ("other", 100, 10000, AccountKind.OTHER),
        ("something new", 100, 10000, AccountKind.OTHER),
    ],
)
async def test_on_cards_and_loans_plaids_plus_is_debt(
    kind: str, current: int, booked: int, expected: AccountKind
) -> None:
    ((seen,), _) = await plaids_account(**an_account(kind, current=current))

    assert seen.kind is expected
    assert seen.balance is not None
    assert seen.balance.booked == Money(booked, "NOK")


V1: Final = (
    *("INCOME", "TRANSFER_IN", "TRANSFER_OUT", "LOAN_PAYMENTS", "BANK_FEES", "ENTERTAINMENT"),
    *("FOOD_AND_DRINK", "GENERAL_MERCHANDISE", "HOME_IMPROVEMENT", "MEDICAL", "PERSONAL_CARE"),
    *("GENERAL_SERVICES", "GOVERNMENT_AND_NON_PROFIT", "TRANSPORTATION", "TRAVEL"),
    "RENT_AND_UTILITIES",
)
V2: Final = (*V1, "LOAN_DISBURSEMENTS", "OTHER")


@pytest.mark.parametrize("detailed", ["_SOMETHING_NEW", "", None])
@pytest.mark.parametrize("primary", V2)
def test_a_detail_that_is_new_falls_back_to_its_primary(primary: str, detailed: str | None) -> None:
    found = category_of(primary, None if detailed is None else primary + detailed)

    assert found in CATEGORIES
    assert (found == UNCATEGORISED) is (primary == "OTHER")


@pytest.mark.parametrize(
    ("primary", "detailed"),
    [("SOMETHING_NEW", "SOMETHING_NEW_TOO"), ("", ""), (None, None), (None, "SOMETHING")],
)
def test_a_primary_that_is_new_is_no_category(primary: str | None, detailed: str | None) -> None:
    assert category_of(primary, detailed) == UNCATEGORISED


def test_there_are_sixteen_primaries_and_two_more_since() -> None:
    assert (len(set(V1)), len(set(V2))) == (16, 18)
