"""Transfers and exchange rates, as callers see them."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import httpx

from adapters.memory.ledger.rates import BeginMemoryRatesTx
from adapters.postgres.ledger.rates import BeginPostgresRatesTx
from application.ledger.rates import BeginRatesTx
from domain.ledger.rates import Quote
from domain.shared.ids import ExternalId
from domain.shared.observations import AccountKind, Observations, TransactionSeen
from tests.http.house import House
from tests.http.person import Json, Person
from tests.support.ledger import MemoryBooks, PostgresBooks
from tests.support.observations import CURRENT, a_transaction, an_account

SAVINGS, OTHER = ExternalId("account-2"), ExternalId("account-3")
ACCOUNTS = (
    an_account(),
    an_account(id=SAVINGS, name="Savings", kind=AccountKind.SAVINGS, number=None),
    an_account(id=OTHER, name="Other", number=None),
)
DAY = date(2026, 3, 2)


def moved(name: str, minor: int, account: ExternalId = CURRENT, days: int = 0) -> TransactionSeen:
    on = DAY - timedelta(days=days)
    return a_transaction(name, minor, account=account, booked_on=on, text=name)


async def given(house: House, person: Person, *seen: TransactionSeen) -> None:
    await house.ledger.hears(Observations(ACCOUNTS, seen), person=person.id)
    await house.works()


async def saved(house: House, person: Person) -> Json:
    await given(house, person, moved("out", -500_00), moved("in", 500_00, SAVINGS))
    return await only(person)


async def only(person: Person, path: str = "/transfers") -> Json:
    (found,) = await person.data(path)
    one: Json = found
    return one


async def entry(person: Person, text: str) -> Json:
    (found,) = await person.data("/transactions", q=text)
    one: Json = found
    return one


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


async def test_a_transfer_is_told_with_both_its_sides(house: House, anna: Person) -> None:
    transfer = await saved(house, anna)
    out, into = await entry(anna, "out"), await entry(anna, "in")

    assert transfer == {
        "id": transfer["id"],
        "sent": {
            "transaction_id": out["id"],
            "account_id": out["account_id"],
            "amount": {"amount": "-500.00", "currency": "NOK"},
            "booked_on": "2026-03-02",
            "text": "out",
        },
        "received": {
            "transaction_id": into["id"],
            "account_id": into["account_id"],
            "amount": {"amount": "500.00", "currency": "NOK"},
            "booked_on": "2026-03-02",
            "text": "in",
        },
        "method": "amount",
        "confidence": 80,
        "by_person": False,
        "made_at": "2026-03-02T12:00:00Z",
    }


async def test_a_transaction_names_the_other_side(house: House, anna: Person) -> None:
    transfer = await saved(house, anna)
    out, into = await entry(anna, "out"), await entry(anna, "in")

    assert out["category"] == into["category"] == "transfer.savings"
    assert out["transfer"] == {
        "id": transfer["id"],
        "transaction_id": into["id"],
        "account_id": into["account_id"],
    }
    assert (await anna.data(f"/transactions/{into['id']}"))["transfer"] == {
        "id": transfer["id"],
        "transaction_id": out["id"],
        "account_id": out["account_id"],
    }


async def test_it_is_neither_income_nor_spending(house: House, anna: Person) -> None:
    await saved(house, anna)
    await given(house, anna, moved("shop", -20_00))

    (wallet,) = (await anna.data("/wallet/summary"))["currencies"]

    assert wallet["income"]["amount"] == "0.00"
    assert wallet["spending"]["amount"] == "-20.00"


async def test_one_is_made_and_taken_apart_by_hand(house: House, anna: Person) -> None:
    await given(house, anna, moved("one", -500_00), moved("other", 480_00, SAVINGS, 40))
    body = {
        "transaction_id": (await entry(anna, "other"))["id"],
        "other_transaction_id": (await entry(anna, "one"))["id"],
    }
    key = {"idempotency-key": "k-1"}

    made = await anna.call("POST", "/transfers", json=body, headers=key)
    again = await anna.call("POST", "/transfers", json=body, headers=key)

    assert (made.status_code, again.status_code) == (201, 201)
    assert made.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    transfer = await only(anna)
    assert (transfer["method"], transfer["by_person"]) == ("person", True)
    assert problem(await anna.call("POST", "/transfers", json=body)) == (409, "already_in_transfer")

    gone = await anna.call("DELETE", f"/transfers/{transfer['id']}")

    assert gone.status_code == 204
    await house.works()
    assert await anna.data("/transfers") == []
    assert (await entry(anna, "one"))["transfer"] is None
    again = await anna.call("DELETE", f"/transfers/{transfer['id']}")
    assert problem(again) == (404, "transfer_not_found")


async def test_suggestions_are_confirmed_or_dismissed(house: House, anna: Person) -> None:
    await given(
        house,
        anna,
        moved("out", -500_00),
        moved("in", 500_00, SAVINGS),
        moved("or in", 500_00, OTHER),
    )
    assert await anna.data("/transfers") == []
    one, other = await anna.data("/transfers/suggestions")

    dismissed = await anna.call("POST", f"/transfers/suggestions/{one['id']}/dismiss")
    confirmed = await anna.call("POST", f"/transfers/suggestions/{other['id']}/confirm")

    assert (dismissed.status_code, confirmed.status_code) == (204, 204)
    await house.works()
    assert await anna.data("/transfers/suggestions") == []
    assert (await only(anna))["id"] == other["id"]
    twice = await anna.call("POST", f"/transfers/suggestions/{other['id']}/confirm")
    assert twice.status_code == 204
    opposite = await anna.call("POST", f"/transfers/suggestions/{other['id']}/dismiss")
    assert problem(opposite) == (409, "transfer_not_suggested")


async def test_they_come_in_pages(house: House, anna: Person) -> None:
    seen = [
        one
        for n in range(3)
        for one in (moved(f"out{n}", -100 - n), moved(f"in{n}", 100 + n, SAVINGS))
    ]
    await given(house, anna, *seen)

    first = (await anna.get("/transfers", limit=2)).json()
    cursor = first["pagination"]["next_cursor"]
    second = (await anna.get("/transfers", limit=2, cursor=cursor)).json()

    assert (len(first["data"]), len(second["data"])) == (2, 1)
    assert len({one["id"] for one in first["data"] + second["data"]}) == 3
    assert not second["pagination"]["has_more"]
    elsewhere = await anna.get("/transfers/suggestions", cursor=cursor)
    assert problem(elsewhere) == (400, "bad_cursor")


async def test_what_cannot_be_a_transfer_is_refused(house: House, anna: Person) -> None:
    await given(
        house, anna, moved("a", -1_00), moved("b", 1_00, CURRENT, 30), moved("c", -2_00, SAVINGS)
    )
    a, b, c = [(await entry(anna, name))["id"] for name in "abc"]
    for one, other, expected in (
        (a, b, (422, "transfer_within_account")),
        (a, c, (422, "transfer_not_opposite")),
        (a, a, (422, "transfer_within_account")),
        (a, str(uuid4()), (404, "transaction_not_found")),
        (a, "no id", (400, "invalid_request")),
    ):
        body = {"transaction_id": one, "other_transaction_id": other}
        assert problem(await anna.call("POST", "/transfers", json=body)) == expected, expected


async def test_a_side_that_left_cannot_come_to_arrive(anna: Person) -> None:
    sides = []
    for amount in ("-12.34", "9.99"):
        opening = {"amount": "0", "currency": "NOK"}
        cash = {"name": amount, "kind": "cash", "opening_balance": opening}
        account = await anna.call("POST", "/accounts", json=cash)
        entered = {
            "account_id": account.json()["data"]["id"],
            "amount": {"amount": amount, "currency": "NOK"},
            "booked_on": "2026-03-02",
            "text": amount,
        }
        sides.append((await anna.call("POST", "/transactions", json=entered)).json()["data"]["id"])
    await anna.call(
        "POST",
        "/transfers",
        json={"transaction_id": sides[0], "other_transaction_id": sides[1]},
    )

    async def says(amount: str) -> httpx.Response:
        money = {"amount": amount, "currency": "NOK"}
        return await anna.call("PATCH", f"/transactions/{sides[0]}", json={"amount": money})

    assert problem(await says("12.34")) == (422, "transfer_side")
    assert problem(await says("0.00")) == (422, "transfer_side")
    assert (await says("-12.50")).status_code == 204
    assert (await only(anna))["sent"]["amount"]["amount"] == "-12.50"


async def test_nobody_gets_at_anothers(house: House, anna: Person, bjorn: Person) -> None:
    transfer = await saved(house, anna)
    body = {
        "transaction_id": transfer["sent"]["transaction_id"],
        "other_transaction_id": transfer["received"]["transaction_id"],
    }

    assert await bjorn.data("/transfers") == []
    for method, path, sent in (
        ("DELETE", f"/transfers/{transfer['id']}", None),
        ("POST", f"/transfers/suggestions/{transfer['id']}/confirm", None),
        ("POST", f"/transfers/suggestions/{transfer['id']}/dismiss", None),
        ("POST", "/transfers", body),
    ):
        assert (await bjorn.call(method, path, json=sent)).status_code == 404, path
    assert (await only(anna))["id"] == transfer["id"]


# Rates


def begin_rates(house: House) -> BeginRatesTx:
    match house.ledger.books:
        case MemoryBooks(database=memory):
            return BeginMemoryRatesTx(memory)
        case PostgresBooks(database=postgres):
            return BeginPostgresRatesTx(postgres)
        case other:
            raise TypeError(f"no rates over {other!r}")


async def published(house: House) -> None:
    friday = date(2026, 2, 27)
    async with begin_rates(house)() as tx:
        await tx.rates.add(
            [Quote(friday, "EUR", Decimal("11.62")), Quote(friday, "SEK", Decimal("1.0345"))]
        )
        await tx.commit()


async def test_a_rate_is_told_with_its_day(house: House, anna: Person) -> None:
    await published(house)

    assert await anna.data("/rates", **{"from": "EUR", "to": "NOK", "on": "2026-03-01"}) == {
        "base": "EUR",
        "quote": "NOK",
        "asked_on": "2026-03-01",
        "on": "2026-02-27",
        "rate": "11.62",
        "source": "norges_bank",
    }
    cross = await anna.data("/rates", **{"from": "EUR", "to": "SEK"})
    assert (cross["asked_on"], cross["rate"]) == ("2026-03-02", "11.23247946")


async def test_a_rate_that_nobody_knows_is_not_made_up(house: House, anna: Person) -> None:
    await published(house)
    for query, expected in (
        ({"from": "USD", "to": "NOK"}, (404, "rate_not_found")),
        ({"from": "EUR", "to": "NOK", "on": "2026-02-26"}, (404, "rate_not_found")),
        ({"from": "EUR", "to": "NOK", "on": "2026-03-03"}, (422, "invalid_fields")),
        ({"from": "EUR", "to": "NOK", "on": "0001-01-03"}, (400, "invalid_request")),
        ({"from": "EUR", "to": "NOK", "on": "9999-12-31"}, (400, "invalid_request")),
        ({"from": "EUR", "to": "NOK", "on": "1900-01-01"}, (404, "rate_not_found")),
        ({"from": "EUR", "to": "XXX"}, (400, "unknown_currency")),
        ({"from": "eur", "to": "NOK"}, (400, "invalid_request")),
        ({"from": "EUR"}, (400, "invalid_request")),
    ):
        assert await anna.refused("/rates", **query) == expected, query
