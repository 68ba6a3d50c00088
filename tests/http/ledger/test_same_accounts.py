"""One account seen twice, as callers see it before and after they say so."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from application.ledger.one_account.outcome import AT_ONCE
from domain.shared.ids import ExternalId, FeedId
from domain.shared.money import Money
from domain.shared.observations import BalanceSeen, Observations, TransactionSeen
from tests.http.house import House
from tests.http.person import Json, Person
from tests.support.observations import a_transaction, an_account

OTHER = FeedId(UUID(int=0xFEED9))
THERE = ExternalId("there")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
COFFEE = a_transaction("t-1", -40_00, text="Kaffebrenneriet")
SAME = a_transaction("o-1", -40_00, text="Kaffebrenneriet", account=THERE)


async def twice(house: House, person: Person, *more: TransactionSeen) -> Json:
    held = BalanceSeen(Money(100_00, "NOK"), None, NOON)
    here = Observations((an_account(balance=held),), (COFFEE,))
    there = Observations((an_account(id=THERE, balance=held, institution="DNB"),), (SAME, *more))
    await house.ledger.hears(here, person=person.id)
    await house.ledger.hears(there, person=person.id, feed=OTHER)
    (proposal,) = await person.data("/accounts/same")
    found: Json = proposal
    return found


async def joined(house: House, person: Person, *more: TransactionSeen) -> Json:
    proposal = await twice(house, person, *more)
    answer = await person.call("POST", f"/accounts/same/{proposal['id']}/confirm")
    assert answer.status_code == 200, answer.text
    report: Json = answer.json()["data"]
    return report


async def test_a_proposal_shows_both_and_why(house: House, anna: Person) -> None:
    proposal = await twice(house, anna)

    assert proposal["evidence"] == ["number", "name", "kind", "balance"]
    assert proposal["confidence"] == 99
    assert proposal["account"]["balance"] == {"amount": "100.00", "currency": "NOK"}
    assert len(await anna.data("/accounts")) == 2


async def test_confirmed_it_is_one_account_and_old_ids_lead_there(
    house: House, anna: Person
) -> None:
    proposal = await twice(house, anna)
    before = {one["id"] for one in await anna.data("/transactions")}

    report = await joined_again(anna, proposal)

    assert report["joined"] == 1
    (account,) = await anna.data("/accounts")
    assert (account["id"], account["balance"]["amount"]) == (report["account_id"], "100.00")
    (entry,) = await anna.data("/transactions")
    (former,) = before - {entry["id"]}
    found = await anna.data(f"/transactions/{former}")
    assert found["id"] == entry["id"]
    assert len(found["sources"]) == 2
    gone = await anna.call("GET", f"/accounts/{report['former_account_id']}")
    assert (gone.status_code, gone.json()["error"]) == (410, "account_joined")
    assert report["account_id"] in gone.json()["message"]
    assert await anna.data("/accounts/same") == []


async def test_whatever_is_asked_of_the_former_account_says_where_it_is(
    house: House, anna: Person
) -> None:
    report = await joined(house, anna)
    former = report["former_account_id"]
    entry = {
        "account_id": former,
        "amount": {"amount": "-1.00", "currency": "NOK"},
        "booked_on": "2026-02-27",
        "text": "Coffee",
    }
    asked = [
        await anna.call("GET", f"/accounts/{former}/coverage"),
        await anna.call("POST", f"/accounts/{former}/months/2026-01/close"),
        await anna.call("DELETE", f"/accounts/{former}/months/2026-01/close?reason=mistake"),
        await anna.call("POST", "/transactions", json=entry),
        await anna.sends(b"date,amount\n2026-01-05,1.00\n", f'{{"account_id": "{former}"}}'),
    ]

    for answer in asked:
        assert (answer.status_code, answer.json()["error"]) == (410, "account_joined")
        assert report["account_id"] in answer.json()["message"]


async def test_proposals_come_page_by_page(house: House, anna: Person) -> None:
    """Three links to one account are three pairs of two."""
    third, elsewhere = FeedId(UUID(int=0xFEED8)), ExternalId("elsewhere")
    await twice(house, anna)
    seen = Observations((an_account(id=elsewhere),))
    await house.ledger.hears(seen, person=anna.id, feed=third)
    whole = await anna.data("/accounts/same")

    found, query = [], {"limit": 1}
    for _ in whole:
        page = (await anna.call("GET", "/accounts/same", params=query)).json()
        found += page["data"]
        query["cursor"] = page["pagination"]["next_cursor"]

    assert len(whole) == 3
    assert found == whole
    assert query["cursor"] is None


async def joined_again(person: Person, proposal: Json) -> Json:
    answer = await person.call("POST", f"/accounts/same/{proposal['id']}/confirm")
    report: Json = answer.json()["data"]
    return report


async def test_dismissed_nobody_proposes_it_again(house: House, anna: Person) -> None:
    proposal = await twice(house, anna)

    for _ in range(2):
        answer = await anna.call("POST", f"/accounts/same/{proposal['id']}/dismiss")
        assert answer.status_code == 204

    assert await anna.data("/accounts/same") == []
    assert len(await anna.data("/accounts")) == 2
    late = await anna.call("POST", f"/accounts/same/{proposal['id']}/confirm")
    assert (late.status_code, late.json()["error"]) == (409, "same_account_answered")


async def test_confirmed_again_it_is_answered_alike(house: House, anna: Person) -> None:
    proposal = await twice(house, anna)
    path = f"/accounts/same/{proposal['id']}"

    first, second = [await anna.call("POST", f"{path}/confirm") for _ in range(2)]

    assert (second.status_code, second.json()) == (200, first.json())
    dismissed = await anna.call("POST", f"{path}/dismiss")
    assert (dismissed.status_code, dismissed.json()["error"]) == (409, "same_account_answered")
    unknown = await anna.call("POST", f"/accounts/same/{uuid4()}/confirm")
    assert (unknown.status_code, unknown.json()["error"]) == (404, "same_account_not_found")


async def large(house: House, person: Person) -> Json:
    """Just too many to be waited for."""
    half = range(AT_ONCE // 2 + 1)
    days = [date(2026, 3, 2) - timedelta(days=one % 90) for one in half]
    here = [a_transaction(f"t-{one}", -100, booked_on=days[one]) for one in half]
    there = [a_transaction(f"o-{one}", -100, booked_on=days[one], account=THERE) for one in half]
    await house.ledger.hears(
        Observations((an_account(institution="DNB"),), tuple(here)), person=person.id
    )
    await house.ledger.hears(
        Observations((an_account(id=THERE, institution="DNB"),), tuple(there)),
        person=person.id,
        feed=OTHER,
    )
    (proposal,) = await person.data("/accounts/same")
    found: Json = proposal
    return found


async def test_large_accounts_are_made_one_by_a_job(house: House, anna: Person) -> None:
    proposal = await large(house, anna)
    one, other = proposal["account"]["id"], proposal["other"]["id"]
    key = {"Idempotency-Key": "k-1"}

    asked = await anna.call("POST", f"/accounts/same/{proposal['id']}/confirm", headers=key)
    again = await anna.call("POST", f"/accounts/{other}/join", json={"other_account_id": one})

    assert (asked.status_code, again.status_code) == (202, 202)
    job_id = asked.json()["data"]["job_id"]
    assert asked.json() == again.json() == {"data": {"job_id": job_id}}
    assert (await anna.data(f"/jobs/{job_id}"))["state"] == "ready"
    await house.works()
    job = await anna.data(f"/jobs/{job_id}")
    assert (job["name"], job["state"], job["error"]) == ("ledger.join_accounts", "done", None)
    assert [account["id"] for account in await anna.data("/accounts")] == [one]
    replayed = await anna.call("POST", f"/accounts/same/{proposal['id']}/confirm", headers=key)
    assert (replayed.status_code, replayed.json()) == (202, asked.json())
    assert replayed.headers["Idempotency-Replayed"] == "true"
    report = (await anna.call("POST", f"/accounts/same/{proposal['id']}/confirm")).json()["data"]
    assert (report["account_id"], report["joined"]) == (one, AT_ONCE // 2 + 1)


async def test_a_job_that_came_too_late_says_why(house: House, anna: Person) -> None:
    proposal = await large(house, anna)
    asked = await anna.call("POST", f"/accounts/same/{proposal['id']}/confirm")
    async with house.ledger.begin(anna.id) as tx:
        gone = await tx.feeds.erase(OTHER)
        for account_id in gone:
            await tx.accounts.remove(account_id)
        await tx.commit()

    await house.works()

    job = await anna.data(f"/jobs/{asked.json()['data']['job_id']}")
    assert (job["state"], job["error"]) == ("done", "account_not_found")


async def test_feeds_are_listed_and_one_of_them_is_separated(house: House, anna: Person) -> None:
    report = await joined(house, anna)
    path = f"/accounts/{report['account_id']}"

    feeds = await anna.data(f"{path}/feeds")
    body = {"feed_id": str(OTHER)}
    answer = await anna.call("POST", f"{path}/separate", json=body)

    assert {one["can_be_separated"] for one in feeds} == {True}
    assert answer.json()["data"]["own_account_id"] == report["former_account_id"]
    assert len(await anna.data("/accounts")) == 2
    (alone,) = await anna.data(f"{path}/feeds")
    assert not alone["can_be_separated"]
    again = await anna.call("POST", f"{path}/separate", json=body)
    assert (again.status_code, again.json()["error"]) == (422, "not_a_feed_of_account")


async def test_disagreements_say_who_says_what(house: House, anna: Person) -> None:
    report = await joined(house, anna)
    other = a_transaction("o-1", -41_00, text="Kaffebrenneriet", account=THERE)
    await house.ledger.hears(Observations(transactions=(other,)), person=anna.id, feed=OTHER)
    path = f"/accounts/{report['account_id']}/disagreements"

    (said,) = await anna.data(path)

    values = {said["one"]["value"], said["other"]["value"]}
    assert (said["kind"], values) == ("amount", {"-40.00 NOK", "-41.00 NOK"})
    await house.ledger.hears(Observations(transactions=(SAME,)), person=anna.id, feed=OTHER)
    assert await anna.data(path) == []


async def test_disagreements_come_page_by_page(house: House, anna: Person) -> None:
    teas = [a_transaction(f"o-{n}", -n * 1_00, text=f"Te {n}", account=THERE) for n in (5, 6)]
    mine = [a_transaction(f"t-{n}", -n * 1_00, text=f"Te {n}") for n in (5, 6)]
    await house.ledger.hears(Observations(transactions=tuple(mine)), person=anna.id)
    report = await joined(house, anna, *teas)
    dearer = [a_transaction(f"o-{n}", -n * 2_00, text=f"Te {n}", account=THERE) for n in (5, 6)]
    await house.ledger.hears(Observations(transactions=tuple(dearer)), person=anna.id, feed=OTHER)
    path = f"/accounts/{report['account_id']}/disagreements"

    first = (await anna.call("GET", path, params={"limit": 1})).json()
    cursor = first["pagination"]["next_cursor"]
    last = (await anna.call("GET", path, params={"limit": 1, "cursor": cursor})).json()

    assert first["pagination"]["has_more"]
    assert not last["pagination"]["has_more"]
    assert first["data"] + last["data"] == await anna.data(path)
    assert len(await anna.data(path)) == 2
    assert await anna.refused("/transactions", cursor=cursor) == (400, "bad_cursor")


async def test_a_pair_between_feeds_is_asked_about_and_confirmed(
    house: House, anna: Person
) -> None:
    odd = a_transaction("o-2", -41_00, text="Kaffebrenneriet", account=THERE)
    later = a_transaction("o-3", -1_00, account=THERE, booked_on=date(2026, 3, 20))
    proposal = await twice(house, anna, odd, later)
    await house.ledger.hears(
        Observations(
            transactions=(
                a_transaction("t-2", -42_00, text="Kaffebrenneriet"),
                a_transaction("t-3", -2_00, booked_on=date(2026, 3, 20)),
            )
        ),
        person=anna.id,
    )
    report = await joined_again(anna, proposal)
    assert (report["joined"], report["asked"]) == (1, 1)
    (asked,) = await anna.data("/banking/duplicates")
    assert asked["between_feeds"]
    before = len(await anna.data("/transactions"))

    answer = await anna.call("POST", f"/banking/duplicates/{asked['id']}/confirm")

    assert answer.status_code == 200, answer.text
    assert len(await anna.data("/transactions")) == before - 1
    links = await anna.data(f"/transactions/{answer.json()['data']['transaction_id']}/links")
    (twin,) = (one for one in links if one["method"] == "twin")
    entry = answer.json()["data"]["transaction_id"]
    undone = await anna.call("DELETE", f"/transactions/{entry}/links/{twin['id']}")
    assert undone.status_code == 200, undone.text
    assert len(await anna.data("/transactions")) == before


async def test_accounts_of_somebody_else_are_not_there(
    house: House, anna: Person, bjorn: Person
) -> None:
    report = await joined(house, anna)
    mine = report["account_id"]

    for path, body in (
        (f"/accounts/{mine}/join", {"other_account_id": str(uuid4())}),
        (f"/accounts/{mine}/separate", {"feed_id": str(OTHER)}),
    ):
        answer = await bjorn.call("POST", path, json=body)
        assert (answer.status_code, answer.json()["error"]) == (404, "account_not_found")
    former = await bjorn.call("GET", f"/accounts/{report['former_account_id']}")
    assert former.status_code == 404
    assert await bjorn.data("/accounts/same") == []
