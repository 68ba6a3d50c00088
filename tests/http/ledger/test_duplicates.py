"""What the matcher is unsure of, and links with their reasons, as callers see them."""

from datetime import date
from uuid import uuid4

from domain.shared.money import Money
from domain.shared.observations import EntryStatus, Observations, TransactionSeen
from tests.http.house import House
from tests.http.person import Json, Person
from tests.support.ledger import ANNA
from tests.support.observations import a_transaction, an_account

HELD = a_transaction("p-1", -100_00, text="Zettle blue", status=EntryStatus.PENDING)
TOLD = a_transaction("b-1", -100_00, text="Bakery Oslo", booked_on=date(2026, 3, 2))


async def hears(house: House, person: Person, *seen: TransactionSeen) -> None:
    page = Observations((an_account(),), seen, lists_all_pending=True)
    await house.ledger.hears(page, person=person.id)


async def asked(house: House, person: Person) -> Json:
    await hears(house, person, HELD)
    await hears(house, person, TOLD)
    (duplicate,) = await person.data("/banking/duplicates")
    found: Json = duplicate
    return found


async def test_a_suggestion_shows_both_and_why(house: House, anna: Person) -> None:
    duplicate = await asked(house, anna)

    assert (duplicate["pending"]["text"], duplicate["booked"]["text"]) == (HELD.text, TOLD.text)
    assert (duplicate["pending"]["status"], duplicate["booked"]["status"]) == ("pending", "booked")
    assert duplicate["confidence"] == 54
    assert duplicate["evidence"] == {
        "amount": "same",
        "payee": "other",
        "days": 1,
        "percent": 0,
        "rivals": 0,
        "between_files": False,
    }


async def test_only_the_booked_one_is_in_figures_until_the_person_says(
    house: House, anna: Person
) -> None:
    duplicate = await asked(house, anna)
    (account,) = await anna.data("/accounts")
    summary = await anna.data("/wallet/summary")

    assert len(await anna.data("/transactions")) == 2
    assert (account["balance"]["amount"], account["pending"]["amount"]) == ("-100.00", "0.00")
    (kroner,) = summary["currencies"]
    assert kroner["pending_out"]["amount"] == "0.00"

    await anna.call("POST", f"/banking/duplicates/{duplicate['id']}/dismiss")

    (account,) = await anna.data("/accounts")
    assert (account["balance"]["amount"], account["pending"]["amount"]) == ("-100.00", "-100.00")
    assert await anna.data("/banking/duplicates") == []


async def test_a_booked_one_that_is_deleted_hides_no_pending_money(
    house: House, anna: Person
) -> None:
    duplicate = await asked(house, anna)

    await anna.call("DELETE", f"/transactions/{duplicate['booked']['id']}")

    (account,) = await anna.data("/accounts")
    assert account["pending"]["amount"] == "-100.00"
    assert await anna.data("/banking/duplicates") == []


async def test_confirming_twice_is_confirming_once(house: House, anna: Person) -> None:
    duplicate = await asked(house, anna)
    path = f"/banking/duplicates/{duplicate['id']}/confirm"

    first, second = [await anna.call("POST", path) for _ in range(2)]

    assert (first.status_code, first.json()) == (200, second.json())
    assert first.json()["data"] == {
        "id": duplicate["id"],
        "state": "confirmed",
        "transaction_id": duplicate["pending"]["id"],
    }
    (row,) = await anna.data("/transactions")
    assert (row["id"], row["status"], row["text"]) == (
        duplicate["pending"]["id"],
        "booked",
        "Bakery Oslo",
    )


async def test_a_confirmation_is_taken_back_by_undoing_its_link(house: House, anna: Person) -> None:
    duplicate = await asked(house, anna)
    await anna.call("POST", f"/banking/duplicates/{duplicate['id']}/confirm")
    entry = duplicate["pending"]["id"]
    refused = await anna.call("POST", f"/banking/duplicates/{duplicate['id']}/dismiss")
    assert (refused.status_code, refused.json()["error"]) == (409, "suggestion_closed")

    first, second = await anna.data(f"/transactions/{entry}/links")
    answer = await anna.call("DELETE", f"/transactions/{entry}/links/{second['id']}")

    assert (second["name"], second["method"], second["can_be_undone"]) == ("b-1", "person", True)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["other_id"] == duplicate["booked"]["id"]
    assert len(await anna.data("/transactions")) == 2
    again = await anna.call("DELETE", f"/transactions/{entry}/links/{second['id']}")
    assert (again.status_code, again.json()["data"]) == (200, answer.json()["data"])
    assert len(await anna.data("/transactions")) == 2
    founding = await anna.call("DELETE", f"/transactions/{entry}/links/{first['id']}")
    assert (founding.status_code, founding.json()["error"]) == (422, "link_is_the_first")


async def test_a_link_says_why_it_is_the_same(house: House, anna: Person) -> None:
    await hears(house, anna, a_transaction("p-1", -100, status=EntryStatus.PENDING, text="Kiwi"))
    await hears(house, anna, a_transaction("b-1", -112, text="Kiwi"))
    (row,) = await anna.data("/transactions")

    links = await anna.data(f"/transactions/{row['id']}/links")

    assert [(one["name"], one["state"], one["method"]) for one in links] == [
        ("p-1", "former", "named"),
        ("b-1", "live", "assigned"),
    ]
    assert links[0]["evidence"] is None
    assert (links[1]["evidence"]["amount"], links[1]["evidence"]["percent"]) == ("more", 12)
    assert links[1]["matcher"] == 2


async def test_pages_of_suggestions(house: House, anna: Person) -> None:
    held = [
        a_transaction(f"p-{n}", -100 - n, text="Zettle", status=EntryStatus.PENDING)
        for n in range(3)
    ]
    await hears(house, anna, *held)
    await hears(
        house,
        anna,
        *(a_transaction(f"b-{n}", amount=Money(-100 - n, "NOK"), text="Bakery") for n in range(3)),
    )

    first = (await anna.get("/banking/duplicates", limit=2)).json()
    cursor = first["pagination"]["next_cursor"]
    rest = (await anna.get("/banking/duplicates", limit=2, cursor=cursor)).json()

    assert (len(first["data"]), len(rest["data"])) == (2, 1)
    assert rest["pagination"]["has_more"] is False


async def test_strangers_find_nothing(house: House, anna: Person) -> None:
    duplicate = await asked(house, anna)
    bjorn = await house.person("bjorn")

    assert await bjorn.data("/banking/duplicates") == []
    for word in ("confirm", "dismiss"):
        answer = await bjorn.call("POST", f"/banking/duplicates/{duplicate['id']}/{word}")
        assert (answer.status_code, answer.json()["error"]) == (404, "suggestion_not_found")
    path = f"/transactions/{duplicate['pending']['id']}/links"
    assert await bjorn.refused(path) == (404, "transaction_not_found")
    answer = await bjorn.call("DELETE", f"{path}/{uuid4()}")
    assert (answer.status_code, answer.json()["error"]) == (404, "transaction_not_found")
    assert bjorn.id != ANNA
