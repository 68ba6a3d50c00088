"""Every fault over a real socket: a transport inside the process would hide most of them."""

from collections.abc import AsyncIterator

import httpx
import pytest

from entrypoints.sandbox.server import running_sandbox
from tests.sandbox.clients import Clients, World


@pytest.fixture
async def bank(world: World) -> AsyncIterator[Clients]:
    async with (
        running_sandbox(world.options) as sandbox,
        httpx.AsyncClient(base_url=sandbox.url, timeout=0.5) as http,
    ):
        yield Clients(http)


@pytest.fixture
async def token(bank: Clients) -> str:
    return await bank.tink.link("tom")


async def accounts(bank: Clients, token: str) -> httpx.Response:
    return await bank.tink.get("/data/v2/accounts", token)


async def test_rate_limits_have_each_providers_shape(bank: Clients, token: str) -> None:
    order = {"kind": "rate_limited", "times": 2, "retry_after_s": 3}
    await bank.control("POST", "/faults", **order)

    tink = await accounts(bank, token)
    plaid = await bank.plaid.call("/transactions/sync", access_token="x")  # noqa: S106

    assert [(a.status_code, a.headers["retry-after"]) for a in (tink, plaid)] == [(429, "3")] * 2
    assert tink.json()["errorCode"] == "RATE_LIMIT"
    assert plaid.json()["error_type"] == "RATE_LIMIT_EXCEEDED"
    assert plaid.json()["error_code"] == "TRANSACTIONS_SYNC_LIMIT"
    assert (await accounts(bank, token)).status_code == 200


async def test_only_the_ordered_calls_suffer(bank: Clients, token: str) -> None:
    order = {"provider": "tink", "path": "/accounts", "kind": "server_error", "status": 503}
    await bank.control("POST", "/faults", skip=1, times=2, **order)

    statuses = [(await accounts(bank, token)).status_code for _ in range(4)]
    other = await bank.tink.get("/data/v2/transactions", token)

    assert statuses == [200, 503, 503, 200]
    assert other.status_code == 200
    await bank.control("POST", "/faults", **order)
    await bank.control("DELETE", "/faults")
    assert (await accounts(bank, token)).status_code == 200


async def test_dice_with_a_seed_fall_the_same_way_twice(bank: Clients, token: str) -> None:
    rounds = []
    for _ in range(2):
        await bank.control("POST", "/faults", kind="server_error", probability=0.5, seed=7)
        rounds.append([(await accounts(bank, token)).status_code for _ in range(12)])
        await bank.control("DELETE", "/faults")

    assert rounds[0] == rounds[1]
    assert set(rounds[0]) == {200, 500}


@pytest.mark.parametrize("kind", ["garbage", "truncated", "html"])
async def test_answers_that_are_no_json(bank: Clients, token: str, kind: str) -> None:
    await bank.control("POST", "/faults", kind=kind, times=1)

    answer = await accounts(bank, token)

    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Expecting|codec|Unterminated|Extra|delimiter"):
        answer.json()


async def test_types_can_be_wrong(bank: Clients, token: str) -> None:
    await bank.control("POST", "/faults", kind="wrong_types", times=1)

    [first, *_] = (await accounts(bank, token)).json()["accounts"]

    assert isinstance(first["id"], int)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("hang", httpx.ReadTimeout),
        ("disconnect", httpx.RemoteProtocolError),
    ],
)
async def test_connections_that_fail(
    bank: Clients, token: str, kind: str, error: type[Exception]
) -> None:
    await bank.control("POST", "/faults", kind=kind, times=1)

    with pytest.raises(error):
        await accounts(bank, token)

    assert (await accounts(bank, token)).status_code == 200


async def test_a_drip_never_times_out_by_itself(bank: Clients, token: str) -> None:
    await bank.control("POST", "/faults", kind="drip", drip_s=0.01, times=1)
    received = 0

    headers = {"authorization": f"Bearer {token}"}
    async with bank.http.stream("GET", "/tink/data/v2/accounts", headers=headers) as answer:
        async for piece in answer.aiter_raw():
            received += len(piece)
            if received > 20:
                break

    assert received < int(answer.headers["content-length"])
    assert (await accounts(bank, token)).status_code == 200


async def test_a_code_is_used_up_even_when_its_answer_is_lost(bank: Clients) -> None:
    back = await bank.plaid.visit(await bank.plaid.link_token(), "anna")
    order = {"kind": "disconnect", "path": "exchange", "times": 1}
    await bank.control("POST", "/faults", **order)

    exchange = "/item/public_token/exchange"
    with pytest.raises(httpx.RemoteProtocolError):
        await bank.plaid.call(exchange, public_token=back["public_token"])

    code = await bank.plaid.refused(exchange, public_token=back["public_token"])
    assert code == "INVALID_PUBLIC_TOKEN"


async def test_a_login_can_be_required_of_both(bank: Clients, token: str) -> None:
    item = await bank.plaid.link("anna")
    await bank.control("POST", "/faults", kind="login_required", times=2)

    code = await bank.plaid.refused("/accounts/get", access_token=item["access_token"])
    consents = await bank.tink.get("/api/v1/provider-consents", token)
    after = await bank.tink.get("/api/v1/provider-consents", token)

    assert code == "ITEM_LOGIN_REQUIRED"
    assert [c["status"] for c in consents.json()["providerConsents"]] == ["SESSION_EXPIRED"]
    assert [c["status"] for c in after.json()["providerConsents"]] == ["UPDATED"]


async def test_requests_are_counted(bank: Clients, token: str) -> None:
    await bank.control("DELETE", "/requests")
    await bank.control("POST", "/faults", kind="server_error", times=1)
    for _ in range(3):
        await accounts(bank, token)

    found = await bank.control("GET", "/requests")

    row = {"method": "GET", "path": "/tink/data/v2/accounts", "count": 3}
    assert found["requests"] == [row | {"statuses": {"500": 1, "200": 2}}]


@pytest.mark.parametrize(
    ("path", "order"),
    [
        ("/faults", {"kind": "earthquake"}),
        ("/faults", {"kind": "html", "unknown": 1}),
        ("/advance", {"days": -1}),
        ("/person/anna/transactions", {"amount_minor": 1, "text": "x", "account": 9}),
        ("/person/anna/transactions", {"amount_minor": 1.5, "text": "x"}),
        ("/webhooks/fire", {"provider": "plaid", "link": "x", "event": "ERROR"}),
    ],
)
async def test_bad_orders_are_refused(bank: Clients, path: str, order: dict[str, object]) -> None:
    answer = await bank.http.post(f"/control{path}", json=order)

    assert answer.status_code in (400, 404)
    assert answer.json()["error"]


async def test_a_web_page_cannot_give_orders(bank: Clients) -> None:
    headers = {"origin": "https://example.com"}

    answer = await bank.http.post("/control/advance", json={"days": 1}, headers=headers)

    assert answer.status_code == 403
