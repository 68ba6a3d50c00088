"""One account seen twice, as callers see it before and after they say so."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

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
    assert (late.status_code, late.json()["error"]) == (404, "same_account_not_found")


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
