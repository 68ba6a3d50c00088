"""Whatever is sent, the answer is a refusal that can be understood, never a fault of ours."""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import httpx
import pytest

from tests.security.operations import BODIES, ENDS_SESSIONS, FORMS, NOBODYS, Operation, operations
from tests.security.town import Days, Json

pytestmark = pytest.mark.postgres

OPERATIONS = operations()
WITH_JSON = [one for one in OPERATIONS if one.media_type == "application/json"]
SPARED: Final = ENDS_SESSIONS

WRONG_VALUES: Final[Sequence[str]] = (
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "NaN",
    "Infinity",
    "1e999",
    "-1e999",
    "9" * 400,
    "99999999999999999999",
    '""',
    '" "',
    r'"\u0000"',
    r'"a\u0000b"',
    r'"\ud800"',
    r'"\udfff\ud800"',
    r'"\u202e\u0007"',
    '"' + "x" * 100_000 + '"',
    '"' + "ø" * 5_000 + '"',
    '"٣"',
    '"1_000"',
    '"1e3"',
    '"0x10"',
    '"-0"',
    '"00"',
    '"9999999999999999.99"',
    '"2026-02-30"',
    '"0001-01-01"',
    '"9999-12-31"',
    '"2026-02-01T00:00:00Z"',
    '"XXX"',
    '"nok"',
    f'"{NOBODYS}"',
    '"00000000-0000-0000-0000-000000000000"',
    "[]",
    "[[]]",
    "{}",
    '{"a":1}',
    '{"$ne":null}',
    "[" * 33 + "]" * 33,
    "[" * 20_000 + "]" * 20_000,
    '{"a":' * 20_000 + "1" + "}" * 20_000,
)
"""JSON, and what some take for it, in place of one value."""

WRONG_BODIES: Final[Sequence[bytes]] = (
    b"",
    b" ",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    "{}".encode("utf-16"),
    b"null",
    b"[]",
    b"{",
    b'{"a"',
    b'{"a":1,}',
    b"{'a':1}",
    b"{}{}",
    b"{} x",
    b'{"a":1}//',
    b"\x1f\x8b\x08\x00",
    b"<xml/>",
    b"a=b",
)
WRONG_PATHS: Final = (
    "null",
    "0",
    "-1",
    "%00",
    "%ff",
    "%ed%a0%80",
    "..%2f..%2fetc",
    "'%20or%201=1--",
    "a" * 5_000,
    "00000000-0000-0000-0000-00000000000g",
    "%7B%7D",
)
WRONG_QUERIES: Final = (
    "",
    "%00",
    "%ff",
    "%ed%a0%80",
    "null",
    "NaN",
    "1e999",
    "-1",
    "9" * 400,
    "x" * 5_000,
    "'%20or%201=1--",
    "%25%25",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "[]",
)
HEADERS_WITH_JSON: Final = {"content-type": "application/json"}


def ensure_refused_or_done(answer: httpx.Response, what: object) -> None:
    assert answer.status_code < 500, (what, answer.status_code, answer.text)
    if answer.status_code < 400:
        return
    assert answer.headers["content-type"] == "application/problem+json", what
    problem = answer.json()
    assert problem["status"] == answer.status_code, what
    assert problem["request_id"] == answer.headers["x-request-id"], what
    assert problem["error"], what
    assert problem["message"], what
    assert isinstance(problem["details"], list), what


def places(value: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*at, name)
            yield from places(inner, (*at, name))


def spoilt(body: Json) -> Iterator[bytes]:
    """The body with one value replaced, left out, or said twice."""
    for place in places(body):
        for wrong in WRONG_VALUES:
            yield json.dumps(put(body, place, "@@")).replace('"@@"', wrong, 1).encode()
        yield json.dumps(without(body, place)).encode()
    text = json.dumps(body)
    for name in body:
        yield f'{text[:-1]}, "{name}": null}}'.encode()
        yield f'{text[:-1]}, "{name}2": 1}}'.encode()


def put(body: Json, place: tuple[str, ...], value: object) -> Json:
    spoiled = copy.deepcopy(body)
    inner = spoiled
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return spoiled


def without(body: Json, place: tuple[str, ...]) -> Json:
    spoiled = copy.deepcopy(body)
    inner = spoiled
    for name in place[:-1]:
        inner = inner[name]
    del inner[place[-1]]
    return spoiled


async def send(days: Days, operation: Operation, **more: Any) -> httpx.Response:  # noqa: ANN401
    request: dict[str, Any] = {**operation.request(), **more}
    for name in ("json", "files"):
        if "content" in more:
            request.pop(name, None)
    headers: Mapping[str, str] = {
        **days.sender(of_staff=operation.of_staff).headers,
        **request.pop("headers", {}),
    }
    return await days.town.call(**request, headers=headers)


FULL: Final[Mapping[str, Json]] = {
    **BODIES,
    "transactions.add": {
        **BODIES["transactions.add"],
        "category": "food.groceries",
        "counterparty": "Shop",
        "note": "n",
    },
    "transactions.edit": {
        "category": "food.groceries",
        "note": "n",
        "text": "t",
        "amount": {"amount": "-1.00", "currency": "NOK"},
        "booked_on": "2026-03-01",
        "counterparty": "c",
        "version": 1,
        "parts": [{"amount": {"amount": "-1.00", "currency": "NOK"}, "category": "food.groceries"}],
    },
    "accounts.open": {**BODIES["accounts.open"], "opened_on": "2026-01-01"},
}
"""Bodies with every field there is."""


@pytest.mark.parametrize("operation", WITH_JSON, ids=lambda one: one.id)
def test_a_value_that_nobody_should_send(days: Days, operation: Operation) -> None:
    async def sweep() -> int:
        mine = days.clumsy.ids["transaction_id"][0]
        path = operation.request("path", "transaction_id", mine)["path"]
        tried = 0
        for body in spoilt(FULL[operation.id]):
            answer = await send(days, operation, path=path, content=body, headers=HEADERS_WITH_JSON)
            ensure_refused_or_done(answer, (operation.id, body[:300]))
            tried += 1
        return tried

    assert days.run(sweep()) >= len(WRONG_VALUES)


@pytest.mark.parametrize("operation", WITH_JSON, ids=lambda one: one.id)
def test_a_body_that_is_none(days: Days, operation: Operation) -> None:
    async def sweep() -> None:
        for body in WRONG_BODIES:
            answer = await send(days, operation, content=body, headers=HEADERS_WITH_JSON)
            assert answer.status_code == 400, (operation.id, body, answer.text)
            ensure_refused_or_done(answer, (operation.id, body))

    days.run(sweep())


@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if one.id in FORMS], ids=lambda one: one.id
)
def test_a_form_that_is_none(days: Days, operation: Operation) -> None:
    kind = "multipart/form-data; boundary=b"
    good = b'--b\r\ncontent-disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n'
    forms: list[tuple[str, bytes]] = [
        ("multipart/form-data", good),
        ("multipart/form-data; boundary=", good),
        ("multipart/form-data; boundary=" + "b" * 500, good),
        (kind, b""),
        (kind, b"--b"),
        (kind, b"--b--\r\n"),
        (kind, good[:-4]),
        (kind, good.replace(b'"file"', b'"other"')),
        (kind, good.replace(b'"file"', b'"\xff\x00"')),
        (kind, good[:-7] + good),
        (kind, good.replace(b"content-disposition", b"x" * 20_000)),
        (kind, b"--b\r\n\r\n" * 5_000 + b"--b--\r\n"),
    ]

    async def sweep() -> None:
        for content_type, body in forms:
            answer = await send(
                days, operation, content=body, headers={"content-type": content_type}
            )
            ensure_refused_or_done(answer, (content_type[:60], body[:100]))
        for junk in (*WRONG_BODIES, *(one.encode() for one in WRONG_VALUES)):
            files = {**FORMS[operation.id], "options": (None, junk)}
            answer = await send(days, operation, files=files)
            ensure_refused_or_done(answer, junk[:100])
        for wrong in WRONG_VALUES:
            for name in ("account_id", "account_name", "currency", "csv", "dry_run", "other"):
                options = f'{{"currency": "NOK", "{name}": {wrong}}}'
                files = {**FORMS[operation.id], "options": (None, options.encode())}
                answer = await send(days, operation, files=files)
                ensure_refused_or_done(answer, options[:100])

    days.run(sweep())
    days.run(days.town.work())


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.id} {one.template}")
def test_an_address_or_query_that_nobody_should_send(days: Days, operation: Operation) -> None:
    if operation.id in SPARED:
        return
    path = operation.request()["path"]

    async def sweep() -> None:
        for name in operation.path_names:
            place = operation.template.split("/").index(f"{{{name}}}")
            for wrong in WRONG_PATHS:
                pieces = path.split("/")
                pieces[place] = wrong
                answer = await send(days, operation, path="/".join(pieces))
                assert answer.status_code in {400, 404, 405}, (pieces, answer.text)
                ensure_refused_or_done(answer, pieces)
        for name in (*operation.query_names, "unknown"):
            for wrong in WRONG_QUERIES:
                asked = f"{path}?{name}={wrong}"
                answer = await send(days, operation, path=asked, params=None)
                ensure_refused_or_done(answer, (name, wrong))
            asked = f"{path}?{name}=a&{name}=b"
            twice = await send(days, operation, path=asked, params=None)
            assert twice.status_code == 400, (name, twice.text)

    days.run(sweep())
