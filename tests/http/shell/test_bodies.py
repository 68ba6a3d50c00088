import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.http.shell.support import SIGNED_IN, client, shell

JSON = {**SIGNED_IN, "content-type": "application/json"}
LINE = {"text": "milk", "cost": {"amount": "1.00", "currency": "NOK"}}


async def place(http: httpx.AsyncClient, body: str | bytes) -> httpx.Response:
    return await http.post("/api/v1/orders", headers=JSON, content=body)


def fields(answer: httpx.Response) -> dict[str, str]:
    return {detail["field"]: detail["error"] for detail in answer.json()["details"]}


@pytest.mark.parametrize(
    ("body", "field", "error"),
    [
        ({}, "count", "missing"),
        ({"count": "1"}, "count", "type"),
        ({"count": 1.5}, "count", "type"),
        ({"count": True}, "count", "type"),
        ({"count": None}, "count", "type"),
        ({"count": 0}, "count", "range"),
        ({"count": 1, "exact": 1}, "exact", "type"),
        ({"count": 1, "exact": "true"}, "exact", "type"),
        ({"count": 1, "is_admin": True}, "is_admin", "unknown"),
        ({"count": 1, "colour": "green"}, "colour", "choice"),
        ({"count": 1, "lines": [LINE] * 51}, "lines", "length"),
        ({"count": 1, "lines": [LINE, {**LINE, "text": "x" * 201}]}, "lines[1].text", "length"),
        ({"count": 1, "lines": [{**LINE, "x": 1}]}, "lines[0].x", "unknown"),
        ({"count": 1, "lines": [{**LINE, "text": "a\0b"}]}, "lines[0].text", "characters"),
        ({"count": 1, "lines": [{**LINE, "text": "\ud800x"}]}, "lines[0].text", "characters"),
        ({"count": 1, "lines": [{**LINE, "text": "\udc00"}]}, "lines[0].text", "characters"),
    ],
    ids=str,
)
async def test_each_wrong_field_is_named(
    http: httpx.AsyncClient, body: dict[str, object], field: str, error: str
) -> None:
    answer = await place(http, json.dumps(body))
    assert answer.status_code == 400, answer.text
    assert fields(answer) == {field: error}


@pytest.mark.parametrize(
    "amount",
    ["NaN", "Infinity", "1e999999999", "1_000", "١٢", " 1 ", "1.", ".5", "+1", "01", "1,5", "1\n",
     "", "0.00001", "9" * 16, "1.555", "99999999999999.999", 0.1, 1, None, ["1"], {"a": 1}],
    ids=repr,
)  # fmt: skip
async def test_what_is_not_an_exact_amount_is_refused(
    http: httpx.AsyncClient, amount: object
) -> None:
    line = {"text": "milk", "cost": {"amount": amount, "currency": "NOK"}}
    answer = await place(http, json.dumps({"count": 1, "lines": [line]}))
    assert answer.status_code == 400, answer.text
    assert answer.json()["details"]


@pytest.mark.parametrize("currency", ["nok", "NO", "NOKK", "XXX", "NOK\n", "", 578], ids=repr)
async def test_what_is_not_a_currency_is_refused(http: httpx.AsyncClient, currency: object) -> None:
    line = {"text": "milk", "cost": {"amount": "1.00", "currency": currency}}
    answer = await place(http, json.dumps({"count": 1, "lines": [line]}))
    assert answer.status_code == 400
    assert answer.json()["details"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "body_missing"),
        (b"  ", "body_missing"),
        (b"{", "bad_json"),
        (b"null", "invalid_request"),
        (b"[]", "invalid_request"),
        (b'{"count":1}x', "bad_json"),
        (b"\xef\xbb\xbf{}", "bad_json"),
        (b'{"count":NaN}', "bad_json"),
        (b'{"count":-Infinity}', "bad_json"),
        (b'{"count":1e400}', "invalid_request"),
        (b'{"count":' + b"1" * 5000 + b"}", "invalid_request"),
        (b'{"count":1,"colour":"\xff"}', "bad_json"),
        (b'{"count":1,"count":1}', "invalid_request"),
        (b'{"count":1,"c\\u006funt":2}', "invalid_request"),
        (b'{"count":1,"lines":[{"text":"a","text":"b"}]}', "invalid_request"),
        (b"[" * 33 + b"]" * 33, "too_deep"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "too_deep"),
        (b"[" * 9_000, "too_deep"),
        (b'"' + b'\\"[' * 5_000, "bad_json"),
        (b'"' + b"[" * 100 + b'"', "invalid_request"),
        ('{"count":1}'.encode("utf-16"), "bad_json"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_a_body_that_nobody_should_send(
    http: httpx.AsyncClient, body: bytes, code: str
) -> None:
    answer = await place(http, body)
    assert (answer.status_code, answer.json()["error"]) == (400, code)


async def test_a_good_body_passes_with_every_kind_of_text(http: httpx.AsyncClient) -> None:
    text = 'quote " backslash \\ emoji 😀 æøå [{'
    body = {"count": 1, "lines": [{**LINE, "text": text, "tags": ["a"]}]}
    for sent in (json.dumps(body), json.dumps(body, ensure_ascii=False)):
        answer = await place(http, sent)
        assert answer.status_code == 201, answer.text
        assert answer.json()["data"]["total"] == {"amount": "1.00", "currency": "NOK"}


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp",
     "multipart/form-data; boundary=x", "application/json; charset=latin-1", "application/JSON5"],
)  # fmt: skip
async def test_only_json_is_json(http: httpx.AsyncClient, content_type: str | None) -> None:
    headers = SIGNED_IN | ({"content-type": content_type} if content_type else {})
    answer = await http.post("/api/v1/orders", headers=headers, content=b'{"count":1}')
    assert answer.status_code == 415
    assert "application/json" in answer.json()["message"]


async def test_json_may_say_its_charset(http: httpx.AsyncClient) -> None:
    headers = SIGNED_IN | {"content-type": "Application/JSON; Charset=UTF-8"}
    answer = await http.post("/api/v1/orders", headers=headers, content=b'{"count":1}')
    assert answer.status_code == 201


async def test_a_route_may_take_bytes_of_declared_kinds(http: httpx.AsyncClient) -> None:
    csv = await http.put(
        "/api/v1/files", headers=SIGNED_IN | {"content-type": "text/csv"}, content=b"a,b"
    )
    assert csv.json() == {"data": 3}
    other = await http.put("/api/v1/files", headers=JSON, content=b"{}")
    assert other.status_code == 415


async def test_a_body_over_the_limit_is_refused_however_it_comes(http: httpx.AsyncClient) -> None:
    big = b'{"count":1,"x":"' + b"y" * 30_000 + b'"}'
    declared = await place(http, big)
    assert (declared.status_code, declared.json()["error"]) == (413, "body_too_large")
    assert declared.headers["connection"] == "close"
    sent = 0

    async def dripping() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 10_000_000:
            sent += 5_000
            yield b" " * 5_000

    streamed = await http.post("/api/v1/orders", headers=JSON, content=dripping())
    assert streamed.status_code == 413


@pytest.mark.parametrize("length", ["20001", "-1", "x", "9" * 5_000])
async def test_a_length_that_cannot_be_is_refused(http: httpx.AsyncClient, length: str) -> None:
    for path, kind in (("/api/v1/orders", "application/json"), ("/api/v1/files", "text/csv")):
        headers = SIGNED_IN | {"content-type": kind, "content-length": length}
        method = "PUT" if path.endswith("files") else "POST"
        answer = await http.request(method, path, headers=headers, content=b"")
        assert answer.status_code == 413


async def test_reading_stops_at_the_limit() -> None:
    read = 0

    async def receive() -> dict[str, object]:
        nonlocal read
        read += 4_000
        return {"type": "http.request", "body": b" " * 4_000, "more_body": True}

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in JSON.items()]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/orders", "query_string": b"",
             "headers": headers, "client": ("1.1.1.1", 1), "http_version": "1.1"}  # fmt: skip
    await shell()(scope, receive, send)  # type: ignore[arg-type] # narrower than ASGI's own dicts
    assert sent[0]["status"] == 413
    assert read <= 24_000


async def test_where_no_body_belongs_only_nothing_passes(http: httpx.AsyncClient) -> None:
    for fine in (b"", b"{}", b" {} "):
        answer = await http.post("/api/v1/sync", headers=JSON, content=fine)
        assert answer.status_code == 202
    answer = await http.post("/api/v1/sync", headers=JSON, content=b'{"force":true}')
    assert (answer.status_code, answer.json()["error"]) == (400, "body_unexpected")


async def test_a_caller_who_leaves_half_way_is_not_answered() -> None:
    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in JSON.items()]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/orders", "query_string": b"",
             "headers": headers, "client": None, "http_version": "1.1"}  # fmt: skip
    await shell()(scope, receive, send)
    assert sent == []


async def test_strangers_are_told_so_before_their_body_is_read() -> None:
    async with client() as http:
        answer = await http.post("/api/v1/orders", content=b"{" * 100_000)
    assert answer.status_code == 401
