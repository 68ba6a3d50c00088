import hmac
import json
from base64 import urlsafe_b64decode
from hashlib import sha256

import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey

from entrypoints.sandbox.tink.events import signature
from tests.sandbox.clients import Clients, Json, World
from tests.sandbox.mailbox import Received, a_mailbox

EVENTS = [
    "refresh:finished",
    "account:updated",
    "account-transactions:modified",
    "account-booked-transactions:modified",
    "account-transactions:deleted",
]


async def an_endpoint(bank: Clients, url: str) -> Json:
    token = await bank.tink.client_token("webhook-endpoints")
    wanted = {"url": url, "enabledEvents": EVENTS}
    answer = await bank.tink.post("/events/v2/webhook-endpoints", token, wanted)
    assert answer.status_code == 200
    endpoint: Json = answer.json()
    return endpoint


def test_the_vector_of_tinks_documents() -> None:
    body = (
        b'{"context":{"userId":"u1","externalUserId":"ext-1"},'
        b'"content":{"id":"acc-1"},"event":"account:updated"}'
    )

    assert signature("test-webhook-secret-0001", 1760000000, body) == (
        "t=1760000000,v1=f0be61081de6948e289fc2a38da79eb8119bad5f26c11b2638534e9264540f59"
    )


async def test_tink_tells_of_new_days_with_signatures_that_hold(
    world: World, bank: Clients
) -> None:
    token = await bank.tink.link("anna")
    before = {r["id"] for r in await bank.tink.transactions(token, statusIn="PENDING")}
    async with a_mailbox() as mailbox:
        endpoint = await an_endpoint(bank, mailbox.url)
        advanced = await bank.control("POST", "/advance", days=3)

    assert {w["status"] for w in advanced["webhooks"]} == {200}
    events: dict[str, list[Json]] = {}
    for letter in mailbox.letters:
        parts = dict(p.split("=") for p in letter.headers["x-tink-signature"].split(","))
        assert parts["t"] == str(int(world.now.timestamp()))
        signed = parts["t"].encode() + b"." + letter.body
        mac = hmac.new(endpoint["secret"].encode(), signed, sha256).hexdigest()
        assert parts["v1"] == mac
        content = json.loads(letter.body)
        assert content["context"]["externalUserId"] == "u-1"
        events.setdefault(content["event"], []).append(content["content"])
    assert len(events["refresh:finished"]) == 1
    deleted = {i for e in events["account-transactions:deleted"] for i in e["transactions"]["ids"]}
    gone = before - {r["id"] for r in await bank.tink.transactions(token)}
    assert deleted == gone != set()
    assert events["account-booked-transactions:modified"][0]["transactions"]["inserted"] > 0


async def test_an_endpoints_secret_is_shown_once(bank: Clients) -> None:
    token = await bank.tink.client_token("webhook-endpoints")
    made = await an_endpoint(bank, "http://127.0.0.1:9/a")
    path = f"/events/v2/webhook-endpoints/{made['id']}"
    wanted = {"url": made["url"], "enabledEvents": ["account:updated"]}
    headers = {"authorization": f"Bearer {token}"}

    shown = (await bank.tink.get(path, token)).json()
    twice = await bank.tink.post("/events/v2/webhook-endpoints", token, wanted)
    change = {"webhookEndpoint": {"disabled": True}}
    patched = await bank.http.patch(f"/tink{path}", json=change, headers=headers)
    deleted = await bank.http.delete(f"/tink{path}", headers=headers)

    assert made["secret"]
    assert "secret" not in shown
    assert twice.status_code == 409
    assert patched.json()["disabled"] is True
    assert deleted.status_code == 204
    assert (await bank.tink.get(path, token)).status_code == 404


async def plaid_key(bank: Clients, letter: Received) -> ECKey:
    header = letter.headers["plaid-verification"].split(".")[0]
    kid = json.loads(urlsafe_b64decode(header + "=="))["kid"]
    key = (await bank.plaid.ok("/webhook_verification_key/get", key_id=kid))["key"]
    assert key["expired_at"] is None
    return ECKey.import_key({k: key[k] for k in ("kty", "crv", "x", "y", "alg", "use", "kid")})


async def test_plaids_webhook_verifies_and_its_exact_bytes_are_hashed(
    world: World, bank: Clients
) -> None:
    async with a_mailbox() as mailbox:
        item = await bank.plaid.link("anna", webhook=mailbox.url)
        [letter] = await mailbox.wait_for(1)

    key = await plaid_key(bank, letter)
    token = letter.headers["plaid-verification"]
    verified = jws.deserialize_compact(token, key, algorithms=["ES256"])
    assert json.loads(verified.payload) == {
        "iat": int(world.now.timestamp()),
        "request_body_sha256": sha256(letter.body).hexdigest(),
    }
    assert json.loads(letter.body) == {
        "environment": "sandbox",
        "item_id": item["item_id"],
        "webhook_code": "SYNC_UPDATES_AVAILABLE",
        "webhook_type": "TRANSACTIONS",
        "initial_update_complete": True,
        "historical_update_complete": True,
    }
    assert letter.body.startswith(b'{\n  "environment"')
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(token[:-6] + "AAAAAA", key, algorithms=["ES256"])


async def test_an_unknown_key_id_is_refused(bank: Clients) -> None:
    code = await bank.plaid.refused("/webhook_verification_key/get", key_id="k-1")

    assert code == "INVALID_WEBHOOK_VERIFICATION_KEY_ID"


async def test_plaid_tells_of_days_of_broken_logins_and_of_consents_that_end(
    bank: Clients,
) -> None:
    async with a_mailbox() as mailbox:
        item = await bank.plaid.link("anna", webhook=mailbox.url)
        await mailbox.wait_for(1)
        for days in (2, 173, 10):
            await bank.control("POST", "/advance", days=days)
        await bank.control("POST", "/person/anna/login", state="ok")
        await bank.plaid.ok("/sandbox/item/reset_login", access_token=item["access_token"])
        await mailbox.wait_for(7)

    codes = [json.loads(letter.body)["webhook_code"] for letter in mailbox.letters]
    assert codes[1:] == [
        "SYNC_UPDATES_AVAILABLE",
        "SYNC_UPDATES_AVAILABLE",
        "PENDING_EXPIRATION",
        "ERROR",
        "LOGIN_REPAIRED",
        "ERROR",
    ]


async def test_a_consent_can_be_brought_near_its_end_and_over_it(bank: Clients) -> None:
    async with a_mailbox() as mailbox:
        item = await bank.plaid.link("anna", webhook=mailbox.url)
        await bank.tink.link("anna")
        await mailbox.wait_for(1)
        before = (await bank.plaid.ok("/item/get", access_token=item["access_token"]))["item"]
        near = await bank.control("POST", "/person/anna/consent", days_left=3)
        after = (await bank.plaid.ok("/item/get", access_token=item["access_token"]))["item"]
        assert near["links"] == 2
        assert after["consent_expiration_time"] < before["consent_expiration_time"]
        await mailbox.wait_for(2)
        [tink] = (await bank.control("GET", "/links"))["tink"]
        assert tink["status"] == "UPDATED"

        await bank.control("POST", "/person/anna/consent", days_left=0)
        await mailbox.wait_for(3)
        [tink] = (await bank.control("GET", "/links"))["tink"]
        assert tink["status"] == "SESSION_EXPIRED"

    codes = [json.loads(letter.body)["webhook_code"] for letter in mailbox.letters]
    assert codes[1:] == ["PENDING_EXPIRATION", "ERROR"]


async def test_a_webhook_can_be_fired_again_and_be_false(bank: Clients) -> None:
    async with a_mailbox() as mailbox:
        item = await bank.plaid.link("anna", webhook=mailbox.url)
        await mailbox.wait_for(1)
        order = {"provider": "plaid", "link": item["item_id"], "event": "NEW_ACCOUNTS_AVAILABLE"}
        fired = await bank.control("POST", "/webhooks/fire", **order, times=2, tamper=True)
        await mailbox.wait_for(3)

    assert [w["status"] for w in fired["webhooks"]] == [200, 200]
    tampered = mailbox.letters[-1]
    payload = tampered.headers["plaid-verification"].split(".")[1]
    claims = json.loads(urlsafe_b64decode(payload + "=="))
    assert claims["request_body_sha256"] != sha256(tampered.body).hexdigest()


async def test_letters_never_leave_this_machine(bank: Clients) -> None:
    await bank.plaid.link("anna", webhook="https://example.com/hook")

    advanced = await bank.control("POST", "/advance", days=1)

    assert [w["problem"] for w in advanced["webhooks"]] == ["not a loopback address"]
