"""GET /transactions and its neighbours, as callers see them."""

from datetime import UTC, date, datetime, timedelta

from domain.ledger.entry import Part, Removed
from domain.ledger.sums import SumChanges
from domain.shared.ids import EntryId, ExternalId, FeedId
from domain.shared.money import Money
from domain.shared.observations import (
    AccountKind,
    BalanceSeen,
    EntryStatus,
    Observations,
    TransactionSeen,
)
from tests.http.house import House
from tests.http.person import Person
from tests.support.ledger import BJORN
from tests.support.observations import a_transaction, an_account

SAVINGS = ExternalId("account-2")
BALANCE = BalanceSeen(Money(1000_00, "NOK"), Money(900_00, "NOK"), datetime(2026, 3, 2, tzinfo=UTC))
KIWI = a_transaction(
    "t-1",
    -129_90,
    text="KIWI 505 OSLO",
    counterparty="Kiwi",
    category="food.groceries",
    booked_on=date(2026, 3, 1),
    value_on=date(2026, 2, 27),
)
SALARY = a_transaction(
    "t-2", 45_000_00, text="Lønn", category="income.salary", booked_on=date(2026, 2, 25)
)
COFFEE = a_transaction(
    "t-3", -49_00, text="100% Kaffe", category="food.coffee", status=EntryStatus.PENDING
)
ABROAD = a_transaction("t-4", amount=Money(-20_00, "EUR"), booked_on=date(2026, 2, 10))
EVERYTHING = (KIWI, SALARY, COFFEE, ABROAD)


async def given(house: House, person: Person, *seen: TransactionSeen) -> None:
    page = Observations((an_account(balance=BALANCE),), seen or EVERYTHING)
    await house.ledger.hears(page, person=person.id)


async def texts(person: Person, **filters: object) -> list[str]:
    return [row["text"] for row in await person.data("/transactions", **filters)]


async def test_a_transaction_is_told_whole(house: House, anna: Person) -> None:
    await given(house, anna, KIWI)
    (account,) = await anna.data("/accounts")

    (row,) = await anna.data("/transactions")

    assert row == {
        "id": row["id"],
        "account_id": account["id"],
        "status": "booked",
        "amount": {"amount": "-129.90", "currency": "NOK"},
        "booked_on": "2026-03-01",
        "value_on": "2026-02-27",
        "text": "KIWI 505 OSLO",
        "counterparty": "Kiwi",
        "category": "food.groceries",
        "note": None,
        "is_split": False,
        "version": 1,
        "transfer": None,
    }
    assert await anna.data(f"/transactions/{row['id']}") == row | {
        "version": 1,
        "parts": [],
        "sources": [
            {"kind": "connection", "provider": None, "institution": None, "connection_id": None}
        ],
    }


async def test_they_come_newest_first_and_pending_ones_are_among_them(
    house: House, anna: Person
) -> None:
    await given(house, anna)

    rows = await anna.data("/transactions")

    assert [row["booked_on"] for row in rows] == sorted(
        (row["booked_on"] for row in rows), reverse=True
    )
    assert {row["status"] for row in rows} == {"booked", "pending"}


async def test_nobody_yet_has_an_empty_page(anna: Person) -> None:
    answer = await anna.get("/transactions")

    assert answer.json() == {
        "data": [],
        "pagination": {"next_cursor": None, "has_more": False, "limit": 50},
    }


async def test_pages_hold_every_transaction_once(house: House, anna: Person) -> None:
    day = date(2026, 3, 1)
    seen = [
        a_transaction(f"t-{n}", -n, booked_on=day - timedelta(days=n // 4)) for n in range(1, 22)
    ]
    await given(house, anna, *seen)

    everything = [row["id"] for row in await anna.data("/transactions", limit=200)]

    assert len(set(everything)) == 21
    for limit in (1, 3, 7, 21, 200):
        assert await turned(anna, limit) == everything


async def turned(person: Person, limit: int) -> list[str]:
    """Page after page."""
    found: list[str] = []
    cursor: dict[str, object] = {}
    while True:
        answer = (await person.get("/transactions", limit=limit, **cursor)).json()
        found += [row["id"] for row in answer["data"]]
        assert len(answer["data"]) <= limit
        if not answer["pagination"]["has_more"]:
            return found
        cursor = {"cursor": answer["pagination"]["next_cursor"]}


async def test_a_cursor_is_good_for_its_own_filters_only(house: House, anna: Person) -> None:
    await given(house, anna)
    cursor = (await anna.get("/transactions", limit=1)).json()["pagination"]["next_cursor"]

    assert await anna.refused("/transactions", cursor=cursor, status="booked") == (
        400,
        "bad_cursor",
    )
    somebody = await house.person("bjorn")
    assert await somebody.refused("/transactions", cursor=cursor) == (400, "bad_cursor")


FILTERS: list[tuple[dict[str, object], set[str]]] = [
    ({"category": "food"}, {KIWI.text, COFFEE.text}),
    ({"category": "food.coffee"}, {COFFEE.text}),
    ({"category": "travel"}, set()),
    ({"from": "2026-02-25", "to": "2026-02-28"}, {SALARY.text}),
    ({"from": "2026-03-01"}, {KIWI.text, COFFEE.text}),
    (
        {"min_amount": "-129.90", "max_amount": "-49", "currency": "NOK"},
        {KIWI.text, COFFEE.text},
    ),
    ({"min_amount": "0", "currency": "NOK"}, {SALARY.text}),
    ({"max_amount": "-20.00", "currency": "EUR"}, {ABROAD.text}),
    ({"currency": "EUR"}, {ABROAD.text}),
    ({"status": "pending"}, {COFFEE.text}),
    ({"q": "kiwi"}, {KIWI.text}),
    ({"q": "lØNN"}, {SALARY.text}),
    ({"q": "100%"}, {COFFEE.text}),
    ({"q": "%"}, {COFFEE.text}),
    ({"q": "_"}, set()),
    ({"q": "\\"}, set()),
    ({"q": "k", "category": "food", "status": "booked", "from": "2026-01-01"}, {KIWI.text}),
]


async def test_filters_leave_what_fits_all_of_them(house: House, anna: Person) -> None:
    await given(house, anna)

    found = [(filters, set(await texts(anna, **filters))) for filters, _ in FILTERS]

    assert found == FILTERS


async def test_the_account_filter_tells_no_transactions_from_no_such_account(
    house: House, anna: Person
) -> None:
    await given(house, anna)
    savings = an_account(
        id=SAVINGS, name="Sparing", kind=AccountKind.SAVINGS, number="NO4404447654321"
    )
    await house.ledger.hears(Observations((savings,)), person=anna.id)
    current, empty = await anna.data("/accounts")

    assert len(await texts(anna, account_id=current["id"])) == 4
    assert await texts(anna, account_id=empty["id"]) == []
    nobodys = "01990000-0000-7000-8000-000000000000"
    assert await anna.refused("/transactions", account_id=nobodys) == (404, "account_not_found")


async def test_a_split_is_found_by_its_parts_and_shows_them(house: House, anna: Person) -> None:
    await given(house, anna, KIWI)
    (row,) = await anna.data("/transactions")
    parts = [
        Part(Money(-100_00, "NOK"), "food.groceries"),
        Part(Money(-29_90, "NOK"), "family.pets", "cat food"),
    ]
    async with house.ledger.begin(anna.id) as tx:
        before = await tx.entries.get(await _id(house, anna))
        after = before.split_into(parts).noted("for Pus")
        sums = SumChanges()
        sums.replace(before, after)
        await tx.entries.put(after, await tx.revisions.next())
        await tx.sums.apply(sums)
        await tx.commit()

    assert await texts(anna, category="family") == [KIWI.text]
    assert await texts(anna, category="family.pets") == [KIWI.text]
    assert await texts(anna, category="travel") == []
    assert await texts(anna, q="PUS") == [KIWI.text]
    whole = await anna.data(f"/transactions/{row['id']}")
    assert whole["is_split"] is True
    assert whole["version"] == 2
    assert whole["parts"][1] == {
        "amount": {"amount": "-29.90", "currency": "NOK"},
        "category": "family.pets",
        "note": "cat food",
    }


async def _id(house: House, person: Person) -> EntryId:
    (entry,) = await house.ledger.shown(person.id)
    return entry.id


async def test_what_was_removed_is_nowhere(house: House, anna: Person) -> None:
    await given(house, anna, KIWI)
    (row,) = await anna.data("/transactions")
    async with house.ledger.begin(anna.id) as tx:
        entry = await tx.entries.get(await _id(house, anna))
        await tx.entries.put(entry.taken_away(Removed.BY_PERSON), await tx.revisions.next())
        await tx.commit()

    assert await anna.data("/transactions") == []
    assert await anna.refused(f"/transactions/{row['id']}") == (404, "transaction_not_found")


async def test_accounts_are_told_with_what_is_under_way_apart(house: House, anna: Person) -> None:
    await given(house, anna)

    (account,) = await anna.data("/accounts")

    assert account == {
        "id": account["id"],
        "name": "Brukskonto",
        "kind": "checking",
        "currency": "NOK",
        "number": "NO9386011117947",
        "last_four": None,
        "institution": None,
        "origin": "connection",
        "connection_id": None,
        "balance": {"amount": "1000.00", "currency": "NOK"},
        "available": {"amount": "900.00", "currency": "NOK"},
        "as_of": "2026-03-02T00:00:00Z",
        "pending": {"amount": "-49.00", "currency": "NOK"},
    }
    assert await anna.data("/banking/accounts") == [account]
    assert await anna.data(f"/accounts/{account['id']}") == account


async def test_where_the_number_is_kept_back_its_end_is_shown(house: House, anna: Person) -> None:
    masked = an_account(number=None, last_four="7947")
    await house.ledger.hears(Observations((masked,)), person=anna.id)

    (account,) = await anna.data("/accounts")

    assert (account["number"], account["last_four"]) == (None, "7947")
    assert await anna.data(f"/accounts/{account['id']}") == account


async def test_categories_are_for_everybody(house: House) -> None:
    answer = await house.http.get("/categories")

    assert answer.status_code == 200
    codes = {one["code"]: one for one in answer.json()["data"]}
    assert codes["food.groceries"] == {
        "code": "food.groceries",
        "name": "Groceries",
        "group": "food",
        "counts_in_cash_flow": True,
    }
    assert codes["transfer.own"]["counts_in_cash_flow"] is False


NONSENSE: list[tuple[dict[str, object], int, str]] = [
    ({"limit": 0}, 400, "invalid_request"),
    ({"limit": 201}, 400, "invalid_request"),
    ({"from": "yesterday"}, 400, "invalid_request"),
    ({"from": "2026-03-02", "to": "2026-03-01"}, 422, "invalid_fields"),
    ({"min_amount": "5", "max_amount": "4", "currency": "NOK"}, 422, "invalid_fields"),
    ({"account_id": "1"}, 400, "invalid_request"),
    ({"status": "gone"}, 400, "invalid_request"),
    ({"min_amount": "5"}, 400, "invalid_request"),
    ({"min_amount": "5.001", "currency": "NOK"}, 400, "invalid_request"),
    ({"min_amount": "NaN", "currency": "NOK"}, 400, "invalid_request"),
    ({"min_amount": "5", "currency": "nok"}, 400, "invalid_request"),
    ({"max_amount": "5", "currency": "XXX"}, 400, "invalid_request"),
    ({"q": ""}, 400, "invalid_request"),
    ({"q": "x" * 201}, 400, "invalid_request"),
    ({"cursor": "nonsense"}, 400, "bad_cursor"),
    ({"category": "nonsense"}, 422, "unknown_category"),
    ({"category": "food.nonsense"}, 422, "unknown_category"),
    ({"page": 2}, 400, "invalid_request"),
]


async def test_what_makes_no_sense_is_refused(anna: Person) -> None:
    told = [(query, *await anna.refused("/transactions", **query)) for query, _, _ in NONSENSE]

    assert told == NONSENSE


READS = [
    "/transactions",
    "/transactions/{transaction}",
    "/accounts",
    "/accounts/{account}",
    "/banking/accounts",
    "/wallet/summary",
    "/wallet/cashflow",
    "/wallet/networth",
]


async def test_without_a_living_session_nothing_is_told(house: House, anna: Person) -> None:
    await given(house, anna, KIWI)
    (account,) = await anna.data("/accounts")
    (row,) = await anna.data("/transactions")
    addresses = [path.format(account=account["id"], transaction=row["id"]) for path in READS]
    assert [(await anna.get(one)).status_code for one in addresses] == [200] * 8

    assert [(await house.http.get(one)).status_code for one in addresses] == [401] * 8
    await house.http.post("/auth/logout", headers=anna.headers)
    assert {await anna.refused(one) for one in addresses} == {(401, "session_ended")}


async def test_what_is_somebody_elses_is_not_there(house: House, anna: Person) -> None:
    await given(house, anna)
    await house.ledger.hears(
        Observations((an_account(),), (a_transaction("x", -1),)),
        person=BJORN,
        feed=FeedId(BJORN),
    )
    (account,) = await anna.data("/accounts")
    (row, *_) = await anna.data("/transactions")
    stranger = await house.person("bjorn")

    assert await stranger.data("/transactions") == []
    assert await stranger.data("/accounts") == []
    assert (await stranger.data("/wallet/summary"))["currencies"] == []
    assert await stranger.data("/wallet/cashflow") == []
    assert await stranger.data("/wallet/networth") == []
    for path in (
        f"/transactions/{row['id']}",
        f"/accounts/{account['id']}",
        f"/transactions?account_id={account['id']}",
    ):
        assert (await stranger.refused(path))[0] == 404
