import pytest

from tests.sandbox.clients import Clients, Json, plaid_minor


def applied(book: dict[str, Json], update: Json) -> dict[str, Json]:
    """A client's ledger after an update: upserts first, removals second."""
    book = book | {r["transaction_id"]: r for r in update["added"] + update["modified"]}
    for gone in update["removed"]:
        del book[gone["transaction_id"]]
    return book


async def ensure_equal_to_truth(bank: Clients, person: str, book: dict[str, Json]) -> None:
    truth = await bank.truth(person, "plaid")
    assert {
        (i, r["date"], -plaid_minor(r["amount"], r["iso_currency_code"]), r["pending"])
        for i, r in book.items()
    } == {
        (r["id"], r["date"], r["amount_minor"], pending)
        for name, pending in (("transactions", False), ("pending", True))
        for r in truth[name]
    }


async def test_updates_since_the_cursor_keep_a_ledger_true(bank: Clients) -> None:
    token = (await bank.plaid.link("anna"))["access_token"]
    update = await bank.plaid.sync(token, count=137)
    book, seen = applied({}, update), {"modified": 0, "removed": 0}

    for days in (1, 2, 2, 2, 2, 5, 13):
        await bank.control("POST", "/advance", days=days)
        update = await bank.plaid.sync(token, update["cursor"], count=17)
        book = applied(book, update)
        for kind in seen:
            seen[kind] += len(update[kind])
        await ensure_equal_to_truth(bank, "anna", book)

    assert seen["modified"] > 0
    assert seen["removed"] > 0


async def test_nothing_new_is_an_empty_update_and_the_cursor_stays_good(bank: Clients) -> None:
    token = (await bank.plaid.link("kari"))["access_token"]
    first = await bank.plaid.sync(token)

    second = await bank.plaid.sync(token, first["cursor"])
    third = await bank.plaid.sync(token, second["cursor"])

    assert (second["added"], second["modified"], second["removed"]) == ([], [], [])
    assert third["added"] == []
    assert len(first["cursor"]) <= 256


async def test_what_posts_is_removed_and_added_with_the_old_id_in_it(bank: Clients) -> None:
    token = (await bank.plaid.link("bjorn"))["access_token"]
    order = {"amount_minor": -150_000, "text": "PUMPE", "settled_minor": -98_765}
    await bank.control("POST", "/person/bjorn/transactions", pending=True, **order)
    first = await bank.plaid.sync(token, include_original_description=True)
    [hold] = [r for r in first["added"] if r["original_description"] == "PUMPE"]
    await bank.control("POST", "/advance", hours=25)

    second = await bank.plaid.sync(token, first["cursor"], include_original_description=True)

    [posted] = [r for r in second["added"] if r["original_description"] == "PUMPE"]
    assert hold["transaction_id"] in {r["transaction_id"] for r in second["removed"]}
    assert posted["pending_transaction_id"] == hold["transaction_id"]
    assert (hold["pending"], posted["pending"]) == (True, False)
    assert (plaid_minor(hold["amount"], "NOK"), plaid_minor(posted["amount"], "NOK")) == (
        150_000,
        98_765,
    )


async def test_a_change_while_paging_ends_the_loop_and_the_old_cursor_still_works(
    bank: Clients,
) -> None:
    token = (await bank.plaid.link("anna"))["access_token"]
    page = await bank.plaid.ok("/transactions/sync", access_token=token, count=500)
    await bank.control("POST", "/person/anna/transactions", amount_minor=-1, text="NEW")

    answer = await bank.plaid.call(
        "/transactions/sync", access_token=token, cursor=page["next_cursor"], count=500
    )

    assert answer.status_code == 400
    error = answer.json()
    assert error["error_type"] == "TRANSACTIONS_ERROR"
    assert error["error_code"] == "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
    await ensure_equal_to_truth(bank, "anna", applied({}, await bank.plaid.sync(token)))


async def test_mutation_on_demand_strikes_second_pages_only(bank: Clients) -> None:
    token = (await bank.plaid.link("anna"))["access_token"]
    await bank.control("POST", "/faults", kind="mutation", provider="plaid", times=1)

    page = await bank.plaid.ok("/transactions/sync", access_token=token)
    more = {"access_token": token, "cursor": page["next_cursor"]}

    code = await bank.plaid.refused("/transactions/sync", **more)
    assert code == "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
    await bank.plaid.ok("/transactions/sync", **more)


async def test_a_new_item_may_have_nothing_yet(bank: Clients) -> None:
    token = (await bank.plaid.link("anna"))["access_token"]
    await bank.control("POST", "/faults", kind="not_ready", times=1)

    first = await bank.plaid.ok("/transactions/sync", access_token=token)
    second = await bank.plaid.ok(
        "/transactions/sync", access_token=token, cursor=first["next_cursor"]
    )

    assert (first["next_cursor"], first["has_more"], first["added"]) == ("", False, [])
    assert first["transactions_update_status"] == "NOT_READY"
    assert second["transactions_update_status"] == "HISTORICAL_UPDATE_COMPLETE"
    assert len(second["added"]) == 100


async def test_an_items_reach_into_the_past_is_fixed_at_its_birth(bank: Clients) -> None:
    item = await bank.plaid.link("anna", transactions={"days_requested": 30})

    whole = await bank.plaid.sync(item["access_token"], days_requested=730)

    assert min(r["date"] for r in whole["added"]) >= "2026-02-10"
    assert len(whole["added"]) > 20


async def test_one_accounts_stream_has_its_own_cursor(bank: Clients) -> None:
    token = (await bank.plaid.link("anna"))["access_token"]
    whole = await bank.plaid.sync(token)
    account_id = whole["accounts"][1]["account_id"]

    one = await bank.plaid.sync(token, account_id=account_id)

    expected = [r for r in whole["added"] if r["account_id"] == account_id]
    assert one["added"] == expected != []
    code = await bank.plaid.refused("/transactions/sync", access_token=token, cursor=one["cursor"])
    assert code == "INVALID_FIELD"


async def test_ids_differ_between_items_of_the_same_bank_login(bank: Clients) -> None:
    first, second = [await bank.plaid.link("anna") for _ in range(2)]

    rows = [await bank.plaid.sync(i["access_token"]) for i in (first, second)]

    ids = [{r["transaction_id"] for r in whole["added"]} for whole in rows]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cursor": "made-up"}, "INVALID_FIELD"),
        ({"cursor": 7}, "INVALID_FIELD"),
        ({"count": 0}, "INVALID_FIELD"),
        ({"count": 501}, "INVALID_FIELD"),
        ({"count": "500"}, "INVALID_FIELD"),
        ({"options": []}, "INVALID_FIELD"),
        ({"options": {"account_id": "a"}}, "INVALID_ACCOUNT_ID"),
        ({"access_token": "access-sandbox-x"}, "INVALID_ACCESS_TOKEN"),
        ({"access_token": None}, "MISSING_FIELDS"),
    ],
)
async def test_a_bad_sync_is_refused_with_its_code(bank: Clients, change: Json, code: str) -> None:
    token = (await bank.plaid.link("tom"))["access_token"]

    body = {"access_token": token} | change

    assert await bank.plaid.refused("/transactions/sync", **body) == code


async def test_own_entries_for_the_dynamic_user(bank: Clients) -> None:
    token = (await bank.plaid.link("user_transactions_dynamic"))["access_token"]
    first = await bank.plaid.sync(token)
    entry = {
        "date_transacted": "2026-03-10",
        "date_posted": "2026-03-11",
        "amount": 12.34,
        "description": "A book",
    }
    path = "/sandbox/transactions/create"

    await bank.plaid.ok(path, access_token=token, transactions=[entry])

    [added] = (await bank.plaid.sync(token, first["cursor"]))["added"]
    assert (added["name"], plaid_minor(added["amount"], "NOK")) == ("A book", 1234)
    old = entry | {"date_posted": "2026-02-01"}
    code = await bank.plaid.refused(path, access_token=token, transactions=[old])
    assert code == "INVALID_FIELD"
    other = (await bank.plaid.link("anna"))["access_token"]
    code = await bank.plaid.refused(path, access_token=other, transactions=[entry])
    assert code == "SANDBOX_PRODUCT_NOT_ENABLED"
