import pytest

from tests.sandbox.clients import Clients, tink_minor


async def test_balances_are_the_opening_and_every_booked_entry(bank: Clients) -> None:
    token = await bank.tink.link("sofie")

    accounts = await bank.tink.accounts(token)
    rows = await bank.tink.transactions(token, statusIn="BOOKED")

    truth = {a["id"]: a for a in (await bank.truth("sofie", "tink"))["accounts"]}
    assert {a["balances"]["booked"]["amount"]["currencyCode"] for a in accounts} == {"NOK", "JPY"}
    for account in accounts:
        booked = sum(tink_minor(r["amount"]) for r in rows if r["accountId"] == account["id"])
        balance = tink_minor(account["balances"]["booked"]["amount"])
        assert balance == truth[account["id"]]["opening_minor"] + booked


async def test_figures_come_with_odd_scales(bank: Clients) -> None:
    token = await bank.tink.link("anna")

    rows = await bank.tink.transactions(token)

    scales = {r["amount"]["value"]["scale"] for r in rows}
    assert {"5", "2", "1", "0"} <= scales
    assert any(scale.startswith("-") for scale in scales)


async def test_debt_on_a_card_is_negative(bank: Clients) -> None:
    token = await bank.tink.link("bjorn")

    accounts = await bank.tink.accounts(token)

    [card] = [a for a in accounts if a["type"] == "CREDIT_CARD"]
    assert tink_minor(card["balances"]["booked"]["amount"]) < 0
    assert "iban" not in card["identifiers"]


async def test_account_numbers_have_true_check_digits(bank: Clients) -> None:
    token = await bank.tink.link("anna")

    for account in await bank.tink.accounts(token):
        if iban := account["identifiers"].get("iban", {}).get("iban"):
            turned = "".join(str(int(c, 36)) for c in iban[4:] + iban[:4])
            assert int(turned) % 97 == 1


async def test_pages_follow_each_other_newest_first_without_gap_or_overlap(bank: Clients) -> None:
    token = await bank.tink.link("kari")

    whole = await bank.tink.transactions(token)
    small = await bank.tink.transactions(token, pageSize=37)

    assert [r["id"] for r in small] == [r["id"] for r in whole]
    assert len({r["id"] for r in whole}) == len(whole)
    dates = [r["dates"]["booked"] for r in whole]
    assert dates == sorted(dates, reverse=True)


async def test_filters_narrow_by_account_date_and_status(bank: Clients) -> None:
    token = await bank.tink.link("anna")
    accounts = [a["id"] for a in await bank.tink.accounts(token)]
    whole = await bank.tink.transactions(token)
    window = {"bookedDateGte": "2025-06-01", "bookedDateLte": "2025-07-31"}

    some = await bank.tink.transactions(
        token, accountIdIn=accounts[:2], statusIn=["BOOKED"], **window
    )

    assert [r["id"] for r in some] == [
        r["id"]
        for r in whole
        if r["accountId"] in accounts[:2]
        and r["status"] == "BOOKED"
        and "2025-06-01" <= r["dates"]["booked"] <= "2025-07-31"
    ]
    assert some


async def test_two_banks_of_one_user_come_in_one_feed(bank: Clients) -> None:
    await bank.tink.link("anna")
    token = await bank.tink.link("anna-travel")

    rows = await bank.tink.transactions(token, pageSize=61)

    expected: list[str] = []
    for person in ("anna", "anna-travel"):
        truth = await bank.truth(person, "tink")
        expected += [r["id"] for r in truth["transactions"] + truth["pending"]]
    assert sorted(r["id"] for r in rows) == sorted(expected)


async def test_ids_differ_between_users_of_the_same_bank_login(bank: Clients) -> None:
    first = await bank.tink.transactions(await bank.tink.link("anna", "u-1"))
    second = await bank.tink.transactions(await bank.tink.link("anna", "u-2"))

    assert not {r["id"] for r in first} & {r["id"] for r in second}
    assert [r["amount"] for r in first] == [r["amount"] for r in second]


async def test_a_pending_entry_books_under_another_id(bank: Clients) -> None:
    token = await bank.tink.link("anna")
    order = {"amount_minor": -150_000, "text": "PUMPE", "settled_minor": -98_765}
    await bank.control("POST", "/person/anna/transactions", pending=True, **order)
    [hold] = [r for r in await bank.tink.transactions(token) if _says(r, "PUMPE")]

    await bank.control("POST", "/advance", hours=25)

    [booked] = [r for r in await bank.tink.transactions(token) if _says(r, "PUMPE")]
    assert (hold["status"], booked["status"]) == ("PENDING", "BOOKED")
    assert hold["id"] != booked["id"]
    assert tink_minor(booked["amount"]) == -98_765
    assert hold["id"] not in {r["id"] for r in await bank.tink.transactions(token)}


@pytest.mark.parametrize(
    "query",
    [
        {"pageSize": 101},
        {"pageSize": 0},
        {"pageSize": "x"},
        {"pageSize": "9" * 30},
        {"pageToken": "made-up"},
        {"pageToken": "æ"},
        {"bookedDateGte": "01.01.2026"},
        {"statusIn": "booked"},
    ],
)
async def test_a_bad_query_is_a_400_in_tinks_words(bank: Clients, query: dict[str, object]) -> None:
    token = await bank.tink.link("tom")

    answer = await bank.tink.get("/data/v2/transactions", token, **query)

    assert answer.status_code == 400
    assert {"errorMessage", "errorCode"} <= answer.json().keys()


async def test_a_page_token_belongs_to_its_filters_and_its_user(bank: Clients) -> None:
    token = await bank.tink.link("anna")
    stranger = await bank.tink.link("anna", "u-2")
    page_token = (await bank.tink.get("/data/v2/transactions", token)).json()["nextPageToken"]

    other_filters = {"pageToken": page_token, "statusIn": "BOOKED"}
    answers = [
        await bank.tink.get("/data/v2/transactions", token, **other_filters),
        await bank.tink.get("/data/v2/transactions", stranger, pageToken=page_token),
    ]

    assert [a.status_code for a in answers] == [400, 400]


async def test_the_beta_balances_are_integers(bank: Clients) -> None:
    await bank.tink.link("anna")
    token = await bank.tink.user_token(scope="accounts:read,accounts.balances:readonly")
    [first, *_] = await bank.tink.accounts(token)

    answer = await bank.tink.get(f"/data/v2/accounts/{first['id']}/balances", token)

    booked = answer.json()["balances"]["bookedBalance"]
    assert booked["valueInMinorUnit"] == tink_minor(first["balances"]["booked"]["amount"])
    assert booked["value"]["scale"] == 2


def _says(row: dict[str, dict[str, str]], text: str) -> bool:
    return row["descriptions"]["original"] == text
