from tests.sandbox.clients import Clients, plaid_minor, tink_minor


async def test_tink_from_nothing_to_every_transaction(bank: Clients) -> None:
    token = await bank.tink.link("anna")

    accounts = await bank.tink.accounts(token)
    rows = await bank.tink.transactions(token)

    truth = await bank.truth("anna", "tink")
    assert [a["id"] for a in accounts] == [a["id"] for a in truth["accounts"]]
    booked = {
        (r["id"], r["accountId"], r["dates"]["booked"], tink_minor(r["amount"]))
        for r in rows
        if r["status"] == "BOOKED"
    }
    assert len(booked) == truth["counts"]["booked"] > 1000
    assert booked == {
        (r["id"], r["account_id"], r["date"], r["amount_minor"]) for r in truth["transactions"]
    }


async def test_plaid_from_nothing_to_every_transaction(bank: Clients) -> None:
    item = await bank.plaid.link("anna")

    whole = await bank.plaid.sync(item["access_token"])

    truth = await bank.truth("anna", "plaid")
    booked = {
        (
            r["transaction_id"],
            r["account_id"],
            r["date"],
            -plaid_minor(r["amount"], r["iso_currency_code"]),
        )
        for r in whole["added"]
        if not r["pending"]
    }
    assert booked == {
        (r["id"], r["account_id"], r["date"], r["amount_minor"]) for r in truth["transactions"]
    }
    assert whole["modified"] == whole["removed"] == []
