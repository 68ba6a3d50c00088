"""The wallet, as callers see it."""

from datetime import UTC, date, datetime

from domain.shared.ids import ExternalId
from domain.shared.money import Money
from domain.shared.observations import (
    AccountKind,
    AccountSeen,
    BalanceSeen,
    EntryStatus,
    Observations,
    TransactionSeen,
)
from tests.http.house import House
from tests.http.person import Person
from tests.support.observations import CURRENT, a_transaction, an_account

CARD = ExternalId("card")
EUROS = ExternalId("euros")
MARCH, FEBRUARY, JANUARY = date(2026, 3, 1), date(2026, 2, 10), date(2026, 1, 10)


def an_account_of(name: ExternalId, minor: int, currency: str, kind: AccountKind) -> AccountSeen:
    figure = BalanceSeen(Money(minor, currency), None, datetime(2026, 3, 2, tzinfo=UTC))
    return an_account(id=name, kind=kind, currency=currency, number=None, balance=figure)


def moved(  # noqa: PLR0917 - a line of a table
    name: str,
    minor: int,
    category: str | None,
    on: date,
    account: ExternalId = CURRENT,
    currency: str = "NOK",
) -> TransactionSeen:
    return a_transaction(
        name, account=account, amount=Money(minor, currency), category=category, booked_on=on
    )


ACCOUNTS = (
    an_account_of(CURRENT, 1_000_00, "NOK", AccountKind.CHECKING),
    an_account_of(CARD, -250_00, "NOK", AccountKind.CREDIT_CARD),
    an_account_of(EUROS, 90_00, "EUR", AccountKind.SAVINGS),
)
MOVES = (
    moved("salary", 500_00, "income.salary", MARCH),
    moved("food", -120_00, "food.groceries", MARCH),
    moved("refund", 20_00, "food.groceries", MARCH),
    moved("from-bjorn", 30_00, "transfer.person", MARCH),
    moved("who-knows", -5_00, None, MARCH),
    moved("to-card", -200_00, "transfer.card", MARCH),
    moved("card-paid", 200_00, "transfer.card", MARCH, CARD),
    moved("dinner", -70_00, "food.restaurants", FEBRUARY, CARD),
    moved("rent", -300_00, "housing.rent", FEBRUARY),
    moved("hotel", -10_00, "travel.lodging", JANUARY, EUROS, "EUR"),
    a_transaction("hold", -44_00, status=EntryStatus.PENDING, booked_on=MARCH),
)


async def given(house: House, person: Person) -> None:
    await house.ledger.hears(Observations(ACCOUNTS, MOVES), person=person.id)


def nok(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "NOK"}


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


async def test_nobody_yet_has_an_empty_wallet(anna: Person) -> None:
    assert await anna.data("/wallet/summary") == {
        "month": "2026-03",
        "currencies": [],
        "synced_at": None,
    }


async def test_the_summary_adds_up_by_currency_and_keeps_what_is_under_way_apart(
    house: House, anna: Person
) -> None:
    await given(house, anna)

    summary = await anna.data("/wallet/summary")

    assert summary["currencies"] == [
        {
            "currency": "EUR",
            "balance": eur("90.00"),
            "assets": eur("90.00"),
            "debts": eur("0.00"),
            "accounts": 1,
            "income": eur("0.00"),
            "spending": eur("0.00"),
            "net": eur("0.00"),
            "pending_in": eur("0.00"),
            "pending_out": eur("0.00"),
        },
        {
            "currency": "NOK",
            "balance": nok("750.00"),
            "assets": nok("1000.00"),
            "debts": nok("-250.00"),
            "accounts": 2,
            "income": nok("530.00"),
            "spending": nok("-105.00"),
            "net": nok("425.00"),
            "pending_in": nok("0.00"),
            "pending_out": nok("-44.00"),
        },
    ]


async def test_the_month_is_the_one_it_is_in_norway(house: House) -> None:
    house.ledger.clock.at = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    bjorn = await house.person("bjorn")

    assert (await bjorn.data("/wallet/summary"))["month"] == "2026-04"


async def test_cash_flow_tells_each_month_by_group(house: House, anna: Person) -> None:
    await given(house, anna)

    flow = await anna.data("/wallet/cashflow")

    assert [(one["month"], one["currency"], one["net"]) for one in flow] == [
        ("2026-01", "EUR", eur("-10.00")),
        ("2026-02", "NOK", nok("-370.00")),
        ("2026-03", "NOK", nok("425.00")),
    ]
    march = flow[-1]
    assert (march["income"], march["spending"]) == (nok("530.00"), nok("-105.00"))
    assert march["groups"] == [
        {
            "group": group,
            "money_in": nok(money_in),
            "money_out": nok(money_out),
            "net": nok(net),
        }
        for group, money_in, money_out, net in (
            ("food", "20.00", "-120.00", "-100.00"),
            ("income", "500.00", "0.00", "500.00"),
            ("other", "0.00", "-5.00", "-5.00"),
            ("transfer", "30.00", "0.00", "30.00"),
        )
    ]


async def test_cash_flow_keeps_to_the_months_asked_for(house: House, anna: Person) -> None:
    await given(house, anna)

    flow = await anna.data("/wallet/cashflow", **{"from": "2026-01", "to": "2026-02"})

    assert [one["month"] for one in flow] == ["2026-01", "2026-02"]


async def test_net_worth_is_walked_back_from_todays_balances(house: House, anna: Person) -> None:
    await given(house, anna)

    euros, kroner = await anna.data(
        "/wallet/networth", **{"from": "2025-12-01", "to": "2027-01-01"}
    )

    assert [(point["on"], point["total"]["amount"]) for point in euros["points"]] == [
        ("2025-12-31", "100.00"),
        ("2026-01-31", "90.00"),
        ("2026-02-28", "90.00"),
        ("2026-03-02", "90.00"),
    ]
    assert kroner["currency"] == "NOK"
    assert kroner["points"][2:] == [
        {
            "on": "2026-02-28",
            # Of the current account 225.00 came in March, and the card got 200.00.
            "assets": nok("775.00"),
            "debts": nok("-450.00"),
            "total": nok("325.00"),
        },
        {
            "on": "2026-03-02",
            "assets": nok("1000.00"),
            "debts": nok("-250.00"),
            "total": nok("750.00"),
        },
    ]


async def test_net_worth_by_day_ends_today(house: House, anna: Person) -> None:
    await given(house, anna)

    _, kroner = await anna.data("/wallet/networth", **{"by": "day", "from": "2026-02-27"})

    assert [(point["on"], point["total"]["amount"]) for point in kroner["points"]] == [
        ("2026-02-27", "325.00"),
        ("2026-02-28", "325.00"),
        ("2026-03-01", "750.00"),
        ("2026-03-02", "750.00"),
    ]
    ahead = {"by": "day", "from": "2026-05-01", "to": "2026-06-01"}
    assert await anna.data("/wallet/networth", **ahead) == []


async def test_ranges_that_make_no_sense_are_refused(anna: Person) -> None:
    for path, query, status, error in (
        ("cashflow", {"from": "2026-03", "to": "2026-02"}, 422, "invalid_fields"),
        ("cashflow", {"from": "1990-01"}, 422, "invalid_fields"),
        ("cashflow", {"from": "2026-03-01"}, 400, "invalid_request"),
        ("cashflow", {"to": "2026-13"}, 400, "invalid_request"),
        ("cashflow", {"by": "day"}, 400, "invalid_request"),
        ("networth", {"by": "day", "from": "2020-01-01"}, 422, "invalid_fields"),
        ("networth", {"by": "year"}, 400, "invalid_request"),
        ("networth", {"to": "0001-05-01"}, 422, "invalid_fields"),
        ("networth", {"from": "9990-01-01", "to": "9999-12-31"}, 422, "invalid_fields"),
        ("cashflow", {"to": "0001-01"}, 400, "invalid_request"),
        ("summary", {"month": "2026-03"}, 400, "invalid_request"),
    ):
        assert await anna.refused(f"/wallet/{path}", **query) == (status, error), (path, query)
