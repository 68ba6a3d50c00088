"""Accounts and transactions that people write themselves, over HTTP."""

from uuid import uuid4

import pytest

from tests.http.house import House
from tests.http.person import Json, Person
from tests.support.imports import sample

CSV = sample("plain.csv")


async def balance(person: Person, account_id: str) -> str:
    account: Json = await person.data(f"/accounts/{account_id}")
    amount: str = account["balance"]["amount"]
    return amount


async def told(person: Person, method: str, path: str, **request: object) -> tuple[int, str]:
    answer = await person.call(method, path, **request)
    return answer.status_code, answer.json()["error"]


async def test_a_wallet_of_cash(anna: Person) -> None:
    cash = await anna.opens(amount="100.00")
    coffee = await anna.adds(cash, "-12.50", category="food.coffee", counterparty="Kaffebrenneriet")

    assert await balance(anna, cash) == "87.50"
    found = await anna.data(f"/transactions/{coffee}")
    assert (found["text"], found["category"]) == ("Coffee", "food.coffee")
    assert found["counterparty"] == "Kaffebrenneriet"


async def test_an_edit_changes_what_it_names_and_nothing_else(anna: Person) -> None:
    cash = await anna.opens()
    coffee = await anna.adds(cash, note="with Kari", counterparty="Kaffebrenneriet")

    edit: Json = {"category": "food.coffee", "amount": {"amount": "-15.00", "currency": "NOK"}}
    answer = await anna.call("PATCH", f"/transactions/{coffee}", json=edit)
    found = await anna.data(f"/transactions/{coffee}")

    assert answer.status_code == 204
    assert (found["category"], found["amount"]["amount"]) == ("food.coffee", "-15.00")
    assert (found["note"], found["counterparty"]) == ("with Kari", "Kaffebrenneriet")
    assert await balance(anna, cash) == "85.00"


async def test_null_takes_note_and_counterparty_away(anna: Person) -> None:
    coffee = await anna.adds(await anna.opens(), note="with Kari", counterparty="Kaffebrenneriet")

    await anna.call("PATCH", f"/transactions/{coffee}", json={"note": None, "counterparty": None})
    found = await anna.data(f"/transactions/{coffee}")

    assert (found["note"], found["counterparty"]) == (None, None)


async def test_a_transaction_can_be_split_and_made_whole(anna: Person) -> None:
    shop = await anna.adds(await anna.opens(), "-30.00")
    parts = [
        {"amount": {"amount": "-10.00", "currency": "NOK"}, "category": "food.groceries"},
        {"amount": {"amount": "-20.00", "currency": "NOK"}, "category": "shopping.home"},
    ]

    await anna.call("PATCH", f"/transactions/{shop}", json={"parts": parts})
    split = await anna.data(f"/transactions/{shop}")
    wrong = await told(anna, "PATCH", f"/transactions/{shop}", json={"parts": parts[:1]})
    await anna.call("PATCH", f"/transactions/{shop}", json={"parts": []})
    whole = await anna.data(f"/transactions/{shop}")

    assert [part["category"] for part in split["parts"]] == ["food.groceries", "shopping.home"]
    assert wrong == (422, "split_does_not_add_up")
    assert len(whole["parts"]) <= 1


async def test_who_looked_at_an_older_version_is_told(anna: Person) -> None:
    coffee = await anna.adds(await anna.opens())
    path = f"/transactions/{coffee}"

    first = await anna.call("PATCH", path, json={"note": "one", "version": 1})
    second = await told(anna, "PATCH", path, json={"note": "two", "version": 1})

    assert first.status_code == 204
    assert second == (409, "transaction_changed")
    assert (await anna.data(path))["note"] == "one"


async def test_a_removed_transaction_is_gone_from_lists_and_sums(anna: Person) -> None:
    cash = await anna.opens(amount="100.00")
    coffee = await anna.adds(cash)

    removed = await anna.call("DELETE", f"/transactions/{coffee}")
    again = await told(anna, "DELETE", f"/transactions/{coffee}")

    assert removed.status_code == 204
    assert again == (404, "transaction_not_found")
    assert await balance(anna, cash) == "100.00"
    assert await anna.data("/transactions") == []


async def test_a_closed_account_is_gone_with_its_transactions(anna: Person) -> None:
    cash = await anna.opens()
    await anna.adds(cash)

    closed = await anna.call("DELETE", f"/accounts/{cash}")

    assert closed.status_code == 204
    assert await told(anna, "GET", f"/accounts/{cash}") == (404, "account_not_found")
    assert await anna.data("/transactions") == []


async def test_the_same_key_writes_once(anna: Person) -> None:
    body = {
        "name": "Cash",
        "kind": "cash",
        "opening_balance": {"amount": "0.00", "currency": "NOK"},
    }
    key = {"Idempotency-Key": "k-1"}
    first = await anna.call("POST", "/accounts", json=body, headers=key)
    again = await anna.call("POST", "/accounts", json=body, headers=key)
    entry = {
        "account_id": first.json()["data"]["id"],
        "amount": {"amount": "-1.00", "currency": "NOK"},
        "booked_on": "2026-02-27",
        "text": "Coffee",
    }
    one = await anna.call("POST", "/transactions", json=entry, headers=key)
    same = await anna.call("POST", "/transactions", json=entry, headers=key)

    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert one.json() == same.json()
    assert len(await anna.data("/transactions")) == 1


async def test_what_a_statement_says_is_the_statements_to_say(house: House, anna: Person) -> None:
    done = await house.imports(anna, CSV)
    account_id = done["report"]["statements"][0]["account_id"]
    entry = (await anna.data("/transactions"))[0]["id"]
    amount = {"amount": "-1.00", "currency": "NOK"}
    new = {"account_id": account_id, "amount": amount, "booked_on": "2026-02-27", "text": "x"}

    added = await told(anna, "POST", "/transactions", json=new)
    changed = await told(anna, "PATCH", f"/transactions/{entry}", json={"amount": amount})
    noted = await anna.call("PATCH", f"/transactions/{entry}", json={"note": "mine"})

    assert added == changed == (422, "account_fed_by_bank")
    assert noted.status_code == 204


async def test_another_persons_rows_are_not_there(anna: Person, bjorn: Person) -> None:
    cash = await anna.opens()
    coffee = await anna.adds(cash)
    amount = {"amount": "-1.00", "currency": "NOK"}
    entry = {"account_id": cash, "amount": amount, "booked_on": "2026-02-27", "text": "x"}

    answers = [
        await told(bjorn, "POST", "/transactions", json=entry),
        await told(bjorn, "PATCH", f"/transactions/{coffee}", json={"note": "his"}),
        await told(bjorn, "DELETE", f"/transactions/{coffee}"),
        await told(bjorn, "DELETE", f"/accounts/{cash}"),
        await told(bjorn, "DELETE", f"/accounts/{uuid4()}"),
    ]

    assert [status for status, _ in answers] == [404] * 5
    assert len(await anna.data("/transactions")) == 1


ACCOUNT = {"name": "Cash", "kind": "cash", "opening_balance": {"amount": "0", "currency": "NOK"}}


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"name": "   "}, "name", "blank"),
        ({"name": "x" * 101}, "name", "length"),
        ({"kind": "sock"}, "kind", "choice"),
        (
            {"opening_balance": {"amount": "1.234", "currency": "NOK"}},
            "opening_balance",
            "bad_amount",
        ),
        (
            {"opening_balance": {"amount": "1", "currency": "XXQ"}},
            "opening_balance",
            "unknown_currency",
        ),
        ({"opened_on": "0001-01-01"}, "opened_on", "range"),
        ({"opened_on": "9999-12-31"}, "opened_on", "range"),
        ({"owner": "me"}, "owner", "unknown"),
    ],
)
async def test_an_account_that_makes_no_sense_is_refused(
    anna: Person, changes: Json, field: str, error: str
) -> None:
    answer = await anna.call("POST", "/accounts", json=ACCOUNT | changes)

    assert answer.status_code == 400, answer.text
    detail = answer.json()["details"][0]
    assert (detail["field"], detail["error"]) == (field, error)


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"category": "food.nothing"}, 422, "unknown_category"),
        ({"category": None}, 400, "invalid_request"),
        ({"text": None}, 400, "invalid_request"),
        ({"text": " "}, 400, "invalid_request"),
        ({"booked_on": "1600-01-01"}, 400, "invalid_request"),
        ({"amount": {"amount": "1.00", "currency": "EUR"}}, 422, "currency_mismatch"),
        ({"amount": {"amount": "1e3", "currency": "NOK"}}, 400, "invalid_request"),
        ({"version": 0}, 400, "invalid_request"),
        ({"parts": [{}] * 51}, 400, "invalid_request"),
        ({"status": "pending"}, 400, "invalid_request"),
    ],
)
async def test_an_edit_that_makes_no_sense_is_refused(
    anna: Person, changes: Json, status: int, error: str
) -> None:
    coffee = await anna.adds(await anna.opens())

    assert await told(anna, "PATCH", f"/transactions/{coffee}", json=changes) == (status, error)


async def test_money_of_another_currency_does_not_go_into_the_account(anna: Person) -> None:
    cash = await anna.opens()
    amount = {"amount": "-1.00", "currency": "EUR"}
    entry = {"account_id": cash, "amount": amount, "booked_on": "2026-02-27", "text": "x"}

    assert await told(anna, "POST", "/transactions", json=entry) == (422, "currency_mismatch")
