import io
import json
import re
from ipaddress import ip_network
from uuid import UUID

import httpx
import pytest
from dishka.integrations.litestar import DishkaRouter
from litestar import get, post

from entrypoints.http.envelope import Data
from entrypoints.http.options import HttpOptions
from entrypoints.http.shell.client import client_ip
from entrypoints.http.shell.plans import UnguardedRouteError, public_operations
from tests.http.shell.support import ANNA, OPTIONS, SIGNED_IN, client, shell

EVERYWHERE = ["/", "/docs", "/api/v1/orders", "/nope", "/health/live", "/metrics", "/openapi.json"]


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("method", ["GET", "POST", "TRACE", "OPTIONS", "HEAD"])
async def test_every_answer_carries_the_security_headers(
    http: httpx.AsyncClient, path: str, method: str
) -> None:
    answer = await http.request(method, path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    assert "strict-transport-security" not in answer.headers
    assert len(answer.headers.get_list("content-security-policy")) == 1
    if answer.status_code >= 400:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/problem+json"


async def test_https_is_promised_only_where_it_is_spoken() -> None:
    async with client(shell(HttpOptions(public_url="https://d.example", version="1"))) as http:
        assert "max-age=" in (await http.get("/")).headers["strict-transport-security"]


async def test_answers_to_people_are_not_kept(http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/v1/orders", headers=SIGNED_IN)
    assert answer.headers["cache-control"] == "no-store"


async def test_a_request_id_is_made_or_taken(http: httpx.AsyncClient) -> None:
    made = (await http.get("/health/live")).headers["x-request-id"]
    assert UUID(made).version == 7
    taken = await http.get("/health/live", headers={"x-request-id": "trace-0123.45"})
    assert taken.headers["x-request-id"] == "trace-0123.45"
    for bad in ("short", "x" * 65, 'quote"quote', "new line\tx"):
        answer = await http.get("/health/live", headers={"x-request-id": bad})
        assert UUID(answer.headers["x-request-id"]).version == 7


async def test_unknown_addresses_and_methods_are_problems(http: httpx.AsyncClient) -> None:
    assert (await http.get("/api/v1/nope")).json()["error"] == "not_found"
    assert (await http.get("/api/v1/orders/not-a-uuid")).status_code == 404
    assert (await http.get("/api/v1/orders/%00")).status_code == 404
    wrong = await http.patch("/api/v1/orders")
    assert wrong.status_code == 405
    assert wrong.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert (await http.request("TRACE", "/api/v1/orders")).status_code == 405
    options = await http.options("/api/v1/orders")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


async def test_head_answers_like_get_without_the_body(http: httpx.AsyncClient) -> None:
    full = await http.get("/api/v1/orders", headers=SIGNED_IN)
    head = await http.head("/api/v1/orders", headers=SIGNED_IN)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == full.headers["content-length"]


async def test_too_many_or_too_long_headers_are_refused(http: httpx.AsyncClient) -> None:
    many = await http.get("/health/live", headers={f"x-{n}": "v" for n in range(120)})
    long = await http.get("/health/live", headers={"x-long": "v" * 40_000})
    assert [many.status_code, long.status_code] == [431, 431]


def test_a_route_that_forgets_to_ask_who_calls_is_refused_at_start() -> None:
    @get("/forgotten")
    async def forgotten() -> Data[int]:
        return Data(1)

    with pytest.raises(UnguardedRouteError, match="GET /forgotten takes neither"):
        shell(routers=[DishkaRouter("/", route_handlers=[forgotten])])


def test_what_strangers_may_call_can_be_listed() -> None:
    public = public_operations(shell().plans)
    assert "GET /api/v1/where" in public
    assert "GET /health/live" in public
    assert "GET /api/v1/orders" not in public
    assert "POST /api/v1/payments" not in public


async def test_the_access_log_holds_the_template_and_nothing_that_was_sent(
    http: httpx.AsyncClient, logs: io.StringIO
) -> None:
    canary = "canary-7c1"
    await http.get(
        f"/api/v1/orders/{ANNA}",
        headers={**SIGNED_IN, "cookie": canary, "user-agent": canary, "x-request-id": "r" * 20},
    )
    await http.get(f"/api/v1/orders?text={canary}", headers=SIGNED_IN)
    await http.get(f"/api/v1/{canary}?a={canary}")
    await http.post("/api/v1/orders", headers=SIGNED_IN, json={canary: canary})
    lines = [json.loads(line) for line in logs.getvalue().splitlines()]
    first = lines[0]
    assert first | {"duration_ms": 0, "timestamp": ""} == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "route": "/api/v1/orders/{order_id}",
        "status": 200,
        "duration_ms": 0,
        "user_id": str(ANNA),
        "request_id": "r" * 20,
        "timestamp": "",
    }
    assert [line["status"] for line in lines] == [200, 200, 404, 400]
    assert canary not in logs.getvalue()
    assert "anna" not in logs.getvalue()


async def test_health_checks_do_not_fill_the_access_log(
    http: httpx.AsyncClient, logs: io.StringIO
) -> None:
    await http.get("/health/live")
    assert logs.getvalue() == ""


async def test_metrics_count_by_template(http: httpx.AsyncClient) -> None:
    await http.get(f"/api/v1/orders/{ANNA}", headers=SIGNED_IN)
    await http.get("/api/v1/nope-canary")
    text = (await http.get("/metrics")).text
    assert re.search(
        r'daler_http_requests_total\{method="GET",'
        r'route="/api/v1/orders/\{order_id\}",status="2xx"\} 1\.0',
        text,
    )
    assert 'route="(none)",status="4xx"' in text
    assert "daler_http_in_flight 1.0" in text
    assert "process_resident_memory_bytes" in text
    assert "canary" not in text


async def test_a_forged_forwarded_for_is_not_believed() -> None:
    forged = {
        "x-forwarded-for": "6.6.6.6",
        "x-forwarded-proto": "https",
        "forwarded": "for=6.6.6.6",
    }
    async with client() as http:
        assert (await http.get("/api/v1/where", headers=forged)).json() == {"data": "127.0.0.1"}


def test_the_nearest_hop_that_is_not_ours_is_the_caller() -> None:
    ours = (ip_network("10.0.0.0/8"),)
    headers = [(b"x-forwarded-for", b"6.6.6.6, 2.2.2.2, 10.0.0.7")]
    assert client_ip("10.0.0.1", headers, ours) == "2.2.2.2"
    assert client_ip("3.3.3.3", headers, ours) == "3.3.3.3"
    assert client_ip("10.0.0.1", [(b"x-forwarded-for", b"junk")], ours) == "10.0.0.1"
    assert client_ip("10.0.0.1", headers, ()) == "10.0.0.1"


async def test_docs_can_be_switched_off() -> None:
    closed = HttpOptions(public_url=OPTIONS.public_url, version="1", docs=False)
    async with client(shell(closed)) as http:
        assert (await http.get("/docs")).status_code == 404
        assert (await http.get("/openapi.json")).status_code == 404
        assert (await http.get("/schema")).status_code == 404
        assert "/docs" not in (await http.get("/")).text


async def test_two_routers_may_share_an_address() -> None:
    @get("/shared", public=True)
    async def read() -> Data[str]:
        return Data("read")

    @post("/shared", public=True)
    async def write() -> Data[str]:
        return Data("written")

    halves = [DishkaRouter("/", route_handlers=[half]) for half in (read, write)]
    async with client(shell(routers=halves)) as http:
        assert (await http.get("/shared")).json() == {"data": "read"}
        assert (await http.post("/shared")).json() == {"data": "written"}
        assert (await http.options("/shared")).headers["allow"] == "GET, HEAD, OPTIONS, POST"
