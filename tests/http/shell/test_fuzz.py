"""Whatever is sent, the answer is never our fault."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.http.shell.support import SIGNED_IN, shell

FUZZ = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
JSON = {**SIGNED_IN, "content-type": "application/json"}

any_text = st.text() | st.sampled_from(["\0", "\ud800", "null", "\u2028", "1e999", "{", "data"])
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner) | st.dictionaries(any_text, inner),
)
nearly_orders = st.fixed_dictionaries(
    {"count": st.integers(0, 101) | any_json},
    optional={
        "colour": st.sampled_from(["red", "blue"]) | any_json,
        "exact": st.booleans() | any_json,
        "lines": any_json
        | st.lists(
            st.fixed_dictionaries(
                {
                    "text": any_text,
                    "cost": any_json
                    | st.fixed_dictionaries({"amount": any_text, "currency": any_text}),
                },
                optional={"tags": any_json, "extra": any_json},
            )
        ),
    },
)


class Http:
    """Synchronous, because hypothesis is: one loop and one application for all examples."""

    def __init__(self, runner: asyncio.Runner, client: httpx.AsyncClient) -> None:
        self._runner, self._client = runner, client

    def send(
        self, method: str, url: str, headers: Mapping[str, str | bytes], body: bytes = b""
    ) -> None:
        raw = [(n.encode(), v.encode() if isinstance(v, str) else v) for n, v in headers.items()]
        answer = self._runner.run(self._client.request(method, url, headers=raw, content=body))
        assert answer.status_code < 500, (method, url, body, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            if method == "HEAD":
                return
            assert {"status", "error", "message", "details", "request_id"} <= answer.json().keys()


@pytest.fixture(scope="module")
def http() -> Iterator[Http]:
    transport = httpx.ASGITransport(app=shell(), raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://daler.test")
    with asyncio.Runner() as runner:
        yield Http(runner, client)
        runner.run(client.aclose())


@FUZZ
@given(body=any_json | nearly_orders)
def test_any_json(http: Http, body: object) -> None:
    http.send("POST", "/api/v1/orders", JSON, json.dumps(body).encode())


@FUZZ
@given(
    body=st.binary(max_size=200) | st.text(alphabet='[]{}",:\\u0de-1e', max_size=60).map(str.encode)
)
def test_any_bytes(http: Http, body: bytes) -> None:
    http.send("POST", "/api/v1/orders", JSON, body)


@FUZZ
@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from(["limit", "cursor", "colour", "text", "tag"]) | st.text(max_size=5),
            st.binary(max_size=12).map(quote)
            | st.sampled_from(["null", "1", "-1", "9" * 30, "red"]),
        ),
        max_size=4,
    )
)
def test_any_query(http: Http, pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{quote(name, errors='replace')}={value}" for name, value in pairs)
    http.send("GET", f"/api/v1/orders?{query}", SIGNED_IN)


@FUZZ
@given(
    method=st.sampled_from(["GET", "PUT", "DELETE", "PATCH", "HEAD", "PROPFIND"]),
    path=st.binary(max_size=20).map(quote),
)
def test_any_path(http: Http, method: str, path: str) -> None:
    http.send(method, f"/{path}", SIGNED_IN)
    http.send(method, f"/api/v1/orders/{path}", SIGNED_IN)


@FUZZ
@given(
    token=st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=50),
    key=st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=255), max_size=50),
    content_type=st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
)
def test_any_headers(http: Http, token: str, key: str, content_type: str) -> None:
    headers = {"idempotency-key": key.encode("latin-1"), "content-type": content_type.encode()}
    for bearer in (f"Bearer {token}".encode(), b"Bearer anna"):
        http.send("POST", "/api/v1/orders", {**headers, "authorization": bearer}, b"{}")
