"""What webhooks bring about: wishes for a sync, and what only they can tell."""

from datetime import timedelta
from typing import Final

import pytest

from adapters.tink.position import LOOK_BACK
from application.connections.gateway import RenewalRequiredError
from application.connections.ports import BeginConnectionsTx
from application.connections.webhook_ports import DeliveryState, SyncNote
from domain.connections.connection import ConnectionStatus
from domain.connections.provider import Provider
from domain.connections.webhook import READ_AGAIN, Happening
from domain.shared.ids import ConnectionId, ExternalId
from tests.http.webhooks.conftest import ANNA, House
from tests.support.observations import pages
from tests.support.webhooks import of_plaid, of_tink, refreshed, sync_available

PERSON: Final = ExternalId("d-anna")


async def test_one_that_comes_while_a_sync_runs_is_not_lost(house: House) -> None:
    """The bank has more to say, and tells so, after the sync has asked for its last page."""
    house.bank.says(*pages(1))
    link = await house.link()

    async def meanwhile() -> None:
        house.bank.says(*pages(2)[1:])
        await house.told(house.senders.plaid_sends(sync_available()))
        (job,) = [one for one in await house.board.claim(10) if "webhook" in one.name]
        await house.run(job)

    house.bank.before_fetch = meanwhile
    await house.told(house.senders.plaid_sends(sync_available()))
    await house.work()

    after = await house.connection(link)
    assert after.wanted == after.served
    assert after.cursor == "2"
    assert {one.state for one in await house.deliveries()} == {DeliveryState.DONE}


async def test_a_hundred_at_once_bring_a_sync_or_two(house: House) -> None:
    link = await house.link()
    asked = len(house.bank.pages_asked)

    for _ in range(100):
        await house.told(house.senders.plaid_sends(sync_available()))
    await house.work()

    after = await house.connection(link)
    assert after.wanted == after.served
    assert len(house.bank.pages_asked) - asked <= 2


async def test_the_latest_weeks_are_shown_and_the_rest_is_waited_for(house: House) -> None:
    """Plaid's INITIAL_UPDATE_COMPLETE: whole as far as it goes, and not the end of it."""
    house.bank.says(*pages(1))
    house.bank.history_pending = True

    link = await house.link()

    first = await house.connection(link)
    assert first.synced_at is not None
    assert first.wanted == first.served + 1, "the wish stays open"
    house.bank.says(*pages(2)[1:])
    house.bank.history_pending = False
    await house.pass_time(3)
    await house.work()
    after = await house.connection(link)
    assert after.cursor == "2"
    assert after.wanted == after.served


async def test_a_history_that_never_comes_is_left_to_the_rhythm(house: House) -> None:
    house.bank.history_pending = True
    link = await house.link()

    for _ in range(40):
        await house.pass_time(301)
        await house.work()

    after = await house.connection(link)
    assert after.wanted == after.served
    assert len([one for one in await house.jobs("connections.sync") if one.state == "ready"]) == 0


@pytest.mark.parametrize(
    ("code", "happening"),
    [
        ("PENDING_EXPIRATION", Happening.CONSENT_ENDS_SOON),
        ("USER_PERMISSION_REVOKED", Happening.CONSENT_REVOKED),
        ("NEW_ACCOUNTS_AVAILABLE", Happening.NEW_ACCOUNTS),
    ],
)
async def test_news_of_a_consent_is_checked_with_the_provider(
    house: House, code: str, happening: Happening
) -> None:
    link = await house.link()
    before = await house.connection(link)

    await house.told(house.senders.plaid_sends(of_plaid(code)))
    await house.work()

    (delivery,) = await house.deliveries()
    after = await house.connection(link)
    assert (delivery.state, delivery.happening) == (DeliveryState.DONE, happening)
    assert after.status is ConnectionStatus.ACTIVE, "the provider itself says that all is well"
    assert after.served == before.served + 1


async def test_a_sign_in_that_is_needed_is_believed_when_the_provider_says_so(
    house: House,
) -> None:
    link = await house.link()
    error = {"error_type": "ITEM_ERROR", "error_code": "ITEM_LOGIN_REQUIRED"}
    house.bank.fetch_troubles.append(RenewalRequiredError("plaid", "ITEM_LOGIN_REQUIRED"))

    await house.told(house.senders.plaid_sends(of_plaid("ERROR", error=error)))
    await house.work()

    assert (await house.connection(link)).status is ConnectionStatus.REQUIRES_RENEWAL


async def test_an_event_about_an_account_finds_its_person(house: House) -> None:
    house.bank.person = PERSON
    link = await house.link(Provider.TINK)
    before = await house.connection(link)

    await house.told(house.senders.tink_sends(of_tink("account:updated", PERSON, id="a-1")))
    await house.told(house.senders.tink_sends(of_tink("account:updated", "d-nobody", id="a-1")))
    await house.work()

    assert (await house.connection(link)).served == before.served + 1
    assert [one.state for one in await house.deliveries()] == [
        DeliveryState.DONE,
        DeliveryState.UNKNOWN,
    ]


async def notes(house: House, link: ConnectionId) -> list[SyncNote]:
    begin = await house.container.get(BeginConnectionsTx)
    async with begin(ANNA) as tx:
        return list(await tx.notes.until(link, 1_000))


def deleted(*ids: str) -> object:
    return of_tink(
        "account-transactions:deleted",
        PERSON,
        account={"id": "a-1"},
        transactions={"ids": list(ids)},
    )


async def test_what_tink_took_back_is_told_to_the_ledger_with_the_next_sync(house: House) -> None:
    house.bank.person = PERSON
    link = await house.link(Provider.TINK)

    await house.told(house.senders.tink_sends(deleted("t-1", "t-2")))
    (job,) = await house.board.claim(10)
    await house.run(job)
    assert [one.gone for one in await notes(house, link)] == ["t-1", "t-2"]
    await house.work()

    assert await house.gone(link) == {("a-1", "t-1"), ("a-1", "t-2")}
    assert await notes(house, link) == []


async def test_what_is_listed_all_the_same_is_not_gone(house: House) -> None:
    house.bank.person = PERSON
    house.bank.says(*pages(1))
    link = await house.link(Provider.TINK)
    listed = pages(2)[1]
    house.bank.says(listed)
    there = listed.transactions[0].id

    await house.told(house.senders.tink_sends(deleted(there, "t-gone")))
    await house.work()

    assert {name for _, name in await house.gone(link)} == {"t-gone"}


async def test_what_was_taken_back_while_a_sync_ran_waits_for_the_next_one(house: House) -> None:
    house.bank.person = PERSON
    link = await house.link(Provider.TINK)
    seen: list[set[tuple[str | None, str]]] = []

    async def meanwhile() -> None:
        await house.told(house.senders.tink_sends(deleted("t-1")))
        (job,) = [one for one in await house.board.claim(10) if "webhook" in one.name]
        await house.run(job)
        seen.append(await house.gone(link))

    house.bank.before_fetch = meanwhile
    await house.told(house.senders.tink_sends(refreshed()))
    await house.work()

    assert seen == [set()]
    assert await house.gone(link) == {("a-1", "t-1")}


@pytest.mark.parametrize(("days_ago", "afresh"), [(20, False), (400, True)])
async def test_a_change_of_long_ago_has_everything_read_again(
    house: House, days_ago: int, *, afresh: bool
) -> None:
    house.bank.person = PERSON
    house.bank.says(*pages(2))
    await house.link(Provider.TINK)
    asked = len(house.bank.pages_asked)
    earliest = (house.clock.now() - timedelta(days=days_ago)).date()
    event = of_tink(
        "account-transactions:modified",
        PERSON,
        account={"id": "a-1"},
        transactions={"earliestModifiedBookedDate": str(earliest), "inserted": "1"},
    )

    await house.told(house.senders.tink_sends(event))
    await house.work()

    cursor, position = house.bank.pages_asked[asked]
    assert (cursor is None, position) == (afresh, None)


def test_no_provider_looks_back_less_far_than_a_change_is_trusted_to_be_seen() -> None:
    assert LOOK_BACK >= READ_AGAIN


async def test_the_trail_says_what_set_a_sync_going_once(house: House) -> None:
    await house.link()
    for _ in range(5):
        await house.told(house.senders.plaid_sends(sync_available()))
    await house.work()

    assert (await house.behind.audited()).count("connections.told") == 1
