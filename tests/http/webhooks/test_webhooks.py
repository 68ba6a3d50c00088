"""Webhooks as they arrive: kept and answered, or refused and forgotten."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

import pytest

from application.connections.webhook_ports import DeliveryState
from domain.connections.connection import ConnectionStatus
from domain.connections.provider import Provider
from domain.connections.webhook import Happening
from domain.shared.secret import Secret
from tests.http.webhooks.conftest import House
from tests.support.observations import pages
from tests.support.webhooks import (
    KID,
    Letter,
    of_plaid,
    refreshed,
    sync_available,
)

SYNC: Final = "connections.sync"
WORK_OFF: Final = "connections.work_off_webhook"


async def syncs(house: House) -> int:
    return len(await house.jobs(SYNC))


async def test_what_plaid_tells_is_kept_then_read(house: House) -> None:
    house.bank.says(*pages(1))
    link = await house.link()
    before = await house.connection(link)
    house.bank.says(*pages(2)[1:])

    await house.told(house.senders.plaid_sends(sync_available()))

    (delivery,) = await house.deliveries()
    assert delivery.state is DeliveryState.WAITING
    assert await house.connection(link) == before, "nothing is done before the answer"
    await house.work()
    after = await house.connection(link)
    (delivery,) = await house.deliveries()
    assert (delivery.state, delivery.happening) == (
        DeliveryState.DONE,
        Happening.HISTORY_COMPLETE,
    )
    assert after.cursor == "2"
    assert after.served == after.wanted == before.wanted + 1
    assert after.told_at == house.clock.now()


async def test_what_tink_tells_is_kept_then_read(house: House) -> None:
    link = await house.link(Provider.TINK)
    before = await house.connection(link)

    await house.told(house.senders.tink_sends(refreshed()))
    await house.work()

    after = await house.connection(link)
    assert after.served == before.served + 1


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json;charset=UTF-8", "text/plain", ""]
)
async def test_whatever_a_provider_calls_its_body_it_is_taken(
    house: House, content_type: str
) -> None:
    letter = house.senders.plaid_sends(sync_available())

    answer = await house.post(letter, **{"Content-Type": content_type})

    assert answer.status_code == 200


async def test_two_equal_webhooks_are_two(house: House) -> None:
    link = await house.link()
    before = await house.connection(link)
    letter = house.senders.plaid_sends(sync_available())

    for _ in range(3):
        await house.told(letter)
    assert len(await house.deliveries()) == 3
    await house.work()

    after = await house.connection(link)
    assert {one.state for one in await house.deliveries()} == {DeliveryState.DONE}
    assert after.wanted == after.served == before.wanted + 3
    assert after.last_error is None


def _in_plaids_name(header: dict[str, object], claims: dict[str, object], body: bytes) -> Letter:
    whole = claims | {"request_body_sha256": sha256(body).hexdigest()}
    parts = [urlsafe_b64encode(json.dumps(one).encode()).decode() for one in (header, whole)]
    token = ".".join([*(one.rstrip("=") for one in parts), "AAAA"])
    return Letter(Provider.PLAID, body, {"Plaid-Verification": token})


def forgeries(house: House) -> dict[str, Letter]:
    senders = house.senders
    plaid, tink = senders.plaid_sends(sync_available()), senders.tink_sends(refreshed())
    return {
        "tampered": Letter(plaid.provider, plaid.body + b" ", plaid.headers),
        "tampered at tink": Letter(tink.provider, tink.body + b" ", tink.headers),
        "another secret": senders.tink_sends(refreshed(), Secret("guessed")),
        "an unknown key": senders.plaid_sends(sync_available(), kid="k-2"),
        "a time of 400 digits": _in_plaids_name(
            {"alg": "ES256", "kid": KID}, {"iat": int("9" * 400)}, plaid.body
        ),
        "a header of things unheard of": _in_plaids_name(
            {"alg": "ES256", "kid": KID, "crit": [["x"]]},
            {"iat": int(senders.clock.now().timestamp())},
            plaid.body,
        ),
        "rubbish": Letter(Provider.PLAID, b"{}", {"Plaid-Verification": "x"}),
        "the other's signature": Letter(
            Provider.TINK, plaid.body, {"X-Tink-Signature": plaid.signature}
        ),
        "an empty body": Letter(Provider.TINK, b"", tink.headers),
    }


async def test_forged_ones_get_401_and_leave_nothing(house: House) -> None:
    link = await house.link()
    before, jobs = await house.connection(link), len(await house.board.list(None, 1000))

    for name, forged in forgeries(house).items():
        answer = await house.post(forged)
        assert (answer.status_code, answer.json()["error"]) == (401, "webhook_forged"), name

    assert await house.deliveries() == []
    assert await house.connection(link) == before
    assert len(await house.board.list(None, 1000)) == jobs


async def test_unsigned_and_recorded_ones_get_401_and_leave_nothing(house: House) -> None:
    letter = house.senders.plaid_sends(sync_available())
    unsigned = Letter(Provider.PLAID, letter.body, {})

    assert (await house.post(unsigned)).json()["error"] == "webhook_unsigned"
    await house.pass_time(301)
    late = await house.post(letter)

    assert (late.status_code, late.json()["error"]) == (401, "webhook_out_of_time")
    assert await house.deliveries() == []


async def test_a_large_body_is_not_even_read(house: House) -> None:
    letter = house.senders.tink_sends(b"{" + b" " * 1_000_000)

    answer = await house.post(letter)

    assert answer.status_code == 413
    assert await house.deliveries() == []


async def test_plaid_is_asked_to_come_again_while_its_keys_are_out_of_reach(house: House) -> None:
    letter = house.senders.plaid_sends(sync_available())
    house.senders.keys.away = True

    answer = await house.post(letter)

    assert (answer.status_code, answer.json()["error"]) == (503, "webhook_keys_away")
    assert int(answer.headers["Retry-After"]) > 0
    assert await house.deliveries() == []
    house.senders.keys.away = False
    await house.told(letter)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"{",
        b"null",
        b"[]",
        b'{"webhook_type": 7}',
        b'{"event": []}',
        b'{"webhook_type":"ITEM","webhook_code":"ERROR"}',
        b'{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":""}',
        b'{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":7}',
        b'{"event":"refresh:finished","content":{}}',
        b'{"event":"account:updated","content":{"id":"a"}}',
        b"[" * 5_000,
        b"\xff" * 100,
        b'{"event":"\\ud800","content":7}',
    ],
    ids=range(15),
)
async def test_what_cannot_be_read_but_was_signed_is_kept_for_an_administrator(
    house: House, body: bytes
) -> None:
    letters = [house.senders.plaid_sends(body), house.senders.tink_sends(body)]
    for letter in letters:
        await house.told(letter)
    await house.work()

    found = await house.deliveries()
    assert {one.state for one in found} <= {DeliveryState.UNREADABLE, DeliveryState.IGNORED}
    assert DeliveryState.UNREADABLE in {one.state for one in found}
    assert [job.error for job in await house.jobs(WORK_OFF)] == [None, None]


async def test_events_that_are_new_to_us_are_passed_over(house: House) -> None:
    await house.told(house.senders.plaid_sends(of_plaid("SOMETHING_NEW", kind="DREAMS")))
    await house.told(house.senders.tink_sends({"event": "dream:finished"}))
    await house.work()

    assert [one.state for one in await house.deliveries()] == [DeliveryState.IGNORED] * 2


async def test_an_unknown_link_is_looked_for_again_and_then_left_alone(house: House) -> None:
    await house.told(house.senders.plaid_sends(sync_available("somebody-elses")))
    for _ in range(5):
        await house.work()
        await house.pass_time(660)

    (delivery,) = await house.deliveries()
    assert delivery.state is DeliveryState.UNKNOWN
    assert len(await house.jobs(WORK_OFF)) == 4
    assert b'daler_webhooks_total{provider="plaid",verdict="unknown"} 1.0' in house.metrics()


async def test_a_webhook_faster_than_its_link_is_worked_off_once_that_is_there(
    house: House,
) -> None:
    await house.told(house.senders.plaid_sends(sync_available()))
    await house.work()
    link = await house.link()

    await house.pass_time(11)
    await house.work()

    (delivery,) = await house.deliveries()
    assert delivery.state is DeliveryState.DONE
    assert (await house.connection(link)).told_at is not None


async def test_a_connection_that_ended_hears_nothing_any_more(house: House) -> None:
    link = await house.link()
    await house.told(house.senders.plaid_sends(sync_available()))
    await house.http.delete(
        f"/api/v1/banking/connections/{link}", headers={"Authorization": "Bearer anna"}
    )
    before = await house.connection(link)
    assert before.status is ConnectionStatus.DISCONNECTING

    await house.work()
    await house.told(house.senders.plaid_sends(sync_available()))
    await house.work()

    after = await house.connection(link)
    assert after.status is ConnectionStatus.DISCONNECTED
    assert after.wanted == before.wanted


async def test_what_came_and_what_became_of_it_is_counted(house: House) -> None:
    await house.link()
    await house.told(house.senders.plaid_sends(sync_available()))
    for forged in forgeries(house).values():
        await house.post(forged)
    await house.work()

    told = house.metrics().decode()
    assert 'daler_webhooks_total{provider="plaid",verdict="kept"} 1.0' in told
    assert 'daler_webhooks_total{provider="plaid",verdict="done"} 1.0' in told
    assert 'daler_webhooks_total{provider="plaid",verdict="webhook_forged"} 5.0' in told
    assert 'daler_webhooks_total{provider="tink",verdict="webhook_forged"} 4.0' in told


async def test_administrators_see_what_came_and_nothing_of_what_it_says(house: House) -> None:
    await house.told(house.senders.plaid_sends(b"not what was promised"))
    for _ in range(3):
        await house.told(house.senders.plaid_sends(sync_available()))
    await house.work()
    olga, anna = {"Authorization": "Bearer olga"}, {"Authorization": "Bearer anna"}

    first = await house.http.get("/api/v1/admin/webhooks?limit=3", headers=olga)
    cursor = first.json()["pagination"]["next_cursor"]
    second = await house.http.get(f"/api/v1/admin/webhooks?limit=3&cursor={cursor}", headers=olga)
    odd = await house.http.get("/api/v1/admin/webhooks?state=unreadable", headers=olga)

    gone = await house.http.get("/api/v1/admin/webhooks?outcome=unreadable", headers=olga)

    assert gone.status_code == 400, "the filter is called what the field is called"
    assert [one["state"] for one in first.json()["data"]] == ["unknown"] * 3
    assert [one["state"] for one in second.json()["data"]] == ["unreadable"]
    assert odd.json()["data"] == second.json()["data"]
    assert set(odd.json()["data"][0]) == {
        "id",
        "provider",
        "state",
        "happening",
        "received_at",
        "settled_at",
        "bytes",
    }
    refused = await house.http.get("/api/v1/admin/webhooks", headers=anna)
    assert (refused.status_code, refused.json()["error"]) == (403, "permission_missing")
