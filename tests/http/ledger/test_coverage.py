"""Coverage, closing and opening of months, as callers see them."""

import json

import httpx
import pytest

from tests.http.house import House
from tests.http.person import Json, Person

FILE = (
    b"date,amount,text,balance\n2026-01-05,-40.00,Coffee,60.00\n"
    b"2026-01-20,1000.00,Wages,1060.00\n2026-02-10,-60.00,Power,1000.00\n"
)
WITH_A_CHARGE = (
    b"date,amount,text,balance\n2026-01-05,-40.00,Coffee,60.00\n"
    b"2026-01-20,1000.00,Wages,1060.00\n2026-01-30,-10.00,Charge,1050.00\n"
    b"2026-02-10,-60.00,Power,990.00\n"
)
DAYS = {"from": "2026-01-01", "to": "2026-02-10"}


async def imported(house: House, person: Person, file: bytes = FILE) -> str:
    answer = await person.sends(file, json.dumps({"account_name": "Salary", "currency": "NOK"}))
    assert answer.status_code == 202, answer.text
    await house.works()
    (account,) = await person.data("/accounts")
    found: str = account["id"]
    return found


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


async def close(person: Person, account: str, month: str = "2026-01") -> httpx.Response:
    return await person.call("POST", f"/accounts/{account}/months/{month}/close")


async def reopen(person: Person, account: str, **query: str) -> httpx.Response:
    path = f"/accounts/{account}/months/2026-01/close"
    return await person.call("DELETE", path, params=query)


async def test_a_report_by_month_and_by_period(house: House, anna: Person) -> None:
    account = await imported(house, anna)

    report = await anna.data(f"/accounts/{account}/coverage", **DAYS)

    assert (report["first"], report["last"]) == ("2026-01-05", "2026-02-10")
    assert report["totals"]["days"] == {
        "covered": 37,
        "mismatched": 0,
        "missing": 0,
        "not_checkable": 0,
    }
    assert [(one["month"], one["state"], one["closable"]) for one in report["months"]] == [
        ("2026-01", "covered", True),
        ("2026-02", "covered", False),
    ]
    (period,) = report["periods"]
    assert (period["opening"], period["closing"]) == (
        {"amount": "100.00", "currency": "NOK"},
        {"amount": "1000.00", "currency": "NOK"},
    )


async def test_a_summary_of_all_accounts(house: House, anna: Person) -> None:
    account = await imported(house, anna)

    (one,) = await anna.data("/coverage", **DAYS)

    assert (one["account_id"], one["name"]) == (account, "Salary")
    assert one["totals"]["months"]["covered"] == 2


async def test_a_closed_month_refuses_and_names_the_statement(house: House, anna: Person) -> None:
    account = await imported(house, anna)
    closed = await close(anna, account)
    assert closed.status_code == 200
    assert closed.json()["data"]["closing"] == {"amount": "1060.00", "currency": "NOK"}
    (coffee,) = await anna.data("/transactions", q="Coffee")

    refused = await anna.call("DELETE", f"/transactions/{coffee['id']}")

    assert problem(refused) == (409, "month_closed")
    assert "of 2026-01-05 to 2026-02-10" in refused.json()["message"]
    said = {one["field"]: one["message"] for one in refused.json()["details"]}
    assert (said["account_id"], said["month"], said["day"]) == (account, "2026-01", "2026-01-05")
    assert said["statement_id"] == closed.json()["data"]["statements"][0]["id"]
    noted = await anna.call("PATCH", f"/transactions/{coffee['id']}", json={"note": "mine"})
    assert noted.status_code < 300


async def test_what_comes_late_waits_until_the_month_is_open(house: House, anna: Person) -> None:
    account = await imported(house, anna)
    await close(anna, account)
    await imported(house, anna, WITH_A_CHARGE)

    report, _ = [one["report"] for one in await anna.data("/imports")]
    assert (report["new"], report["known"], report["held"]) == (0, 3, 1)
    assert report["held_months"] == [{"account_id": account, "month": "2026-01", "transactions": 1}]
    (waits,) = (await anna.data(f"/accounts/{account}/coverage", **DAYS))["late_changes"]
    assert waits["after"]["text"] == "Charge"
    assert await anna.data("/transactions", q="Charge") == []

    opened = await reopen(anna, account, reason="late_change")
    assert opened.json()["data"] == {"late_changes": 1}
    await house.works()
    (charge,) = await anna.data("/transactions", q="Charge")
    assert charge["amount"] == {"amount": "-10.00", "currency": "NOK"}


async def test_a_month_that_is_not_proved_says_what_is_missing(house: House, anna: Person) -> None:
    account = await imported(house, anna)

    refused = await close(anna, account, "2026-02")

    assert problem(refused) == (422, "month_not_proved")
    (detail,) = refused.json()["details"]
    assert (detail["field"], detail["error"]) == ("2026-02-11/2026-02-28", "missing")


async def test_by_hand_ones_word_is_enough(anna: Person) -> None:
    account = await anna.opens()
    await anna.adds(account, booked_on="2026-01-27")

    closed = (await close(anna, account)).json()["data"]

    assert (closed["statements"], closed["opening"]) == ([], None)
    report = await anna.data(f"/accounts/{account}/coverage", **DAYS)
    assert report["months"][0]["state"] == "not_checkable"


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "january", "2026-01-01", "9999-12"])
async def test_a_month_is_written_in_one_way(anna: Person, month: str) -> None:
    account = await anna.opens()

    assert problem(await close(anna, account, month)) == (400, "bad_month")


async def test_opening_again_wants_a_reason_of_the_list(house: House, anna: Person) -> None:
    account = await imported(house, anna)
    await close(anna, account)

    for query in ({}, {"reason": "because"}, {"reason": "erased"}):
        assert (await reopen(anna, account, **query)).status_code == 400
    assert (await close(anna, account)).status_code == 200
    assert (await reopen(anna, account, reason="mistake")).status_code == 200
    assert problem(await reopen(anna, account, reason="mistake")) == (404, "month_not_closed")


async def test_a_month_that_is_not_over_stays_open(anna: Person) -> None:
    account = await anna.opens()

    assert problem(await close(anna, account, "2026-03")) == (422, "month_not_over")


async def test_another_persons_account_is_not_found(
    house: House, anna: Person, bjorn: Person
) -> None:
    account = await imported(house, anna)
    await close(anna, account)

    for answer in (
        await bjorn.get(f"/accounts/{account}/coverage"),
        await close(bjorn, account),
        await reopen(bjorn, account, reason="other"),
    ):
        assert problem(answer) == (404, "account_not_found")


@pytest.mark.parametrize(
    ("days", "status"),
    [
        ({"from": "2026-02-01", "to": "2026-01-01"}, 422),
        ({"from": "then"}, 400),
        ({"month": "2026-01"}, 400),
    ],
)
async def test_days_that_make_no_sense_are_refused(anna: Person, days: Json, status: int) -> None:
    account = await anna.opens()

    for path in (f"/accounts/{account}/coverage", "/coverage"):
        assert (await anna.get(path, **days)).status_code == status


async def test_more_than_ten_years_are_refused_and_not_cut(anna: Person) -> None:
    account = await anna.opens()

    for path in (f"/accounts/{account}/coverage", "/coverage"):
        answer = await anna.get(path, **{"from": "2015-01-01", "to": "2026-01-01"})
        assert problem(answer) == (422, "too_many_days")
