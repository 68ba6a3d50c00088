"""Marked values go in everywhere; none of them comes out where it does not belong."""

import asyncio
import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import pytest
import redis.asyncio

from domain.shared.secret import Secret
from tests.security.life import Life
from tests.security.lives import a_life
from tests.security.operations import ENDS_SESSIONS, Operation, operations
from tests.security.redis_server import a_redis
from tests.security.test_at_rest import secrets_of, spellings
from tests.security.town import BANK_TEXT, MARK, Days, Json, Town, another_process

pytestmark = pytest.mark.postgres

OPERATIONS = operations()
ECHOED: Final = {"provider_unknown", "unknown_category", "unknown_currency"}
"""Errors that repeat the word they do not know: from a short list of words, never a secret."""
FORGED: Final = (
    {"authorization": f"Bearer {MARK}.a.b"},
    {"authorization": f"Bearer dk_{MARK}"},
    {"authorization": f"Basic {MARK}"},
)
HEADERS: Final = {
    "user-agent": f"{MARK}-agent",
    "cookie": f"session={MARK}-cookie",
    "referer": f"https://{MARK}.example/?token={MARK}",
    "x-forwarded-for": f"{MARK}-hop",
    "idempotency-key": f"{MARK}-key",
}
COOKIES: Final = ("access", "refresh", "device", "bankid")
OPTIONAL: Final = ("device_token", "code", "recovery_code", "password", "locale", "time_zone")
"""Texts that a body may leave out, so that no example has them all."""
BROUGHT: Final = ("state", "code", "error", "error_description", "iss")
"""What a browser comes back from BankID with."""
GETTING_IN: Final = ("/api/v1/auth/", "/api/v1/me")
MACHINERY: Final = (
    *("jobs", "outbox", "schedule_slots", "audit_log", "audit_heads"),
    *("idempotency_keys", "login_directory", "mail_turns", "refresh_tokens", "confirmations"),
)
"""Tables that are read without a wall, or are kept for years."""
FAULTS: Final = (
    {"kind": "garbage"},
    {"kind": "truncated"},
    {"kind": "wrong_types"},
    {"kind": "server_error"},
    {"kind": "html"},
    {"kind": "rate_limited", "retry_after_s": 1},
)


def marked(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any JSON
    """The same JSON with one text of it marked: once for each text."""
    if isinstance(value, str):
        yield at, f"{MARK}{at}"
    elif isinstance(value, dict):
        for name, inner in value.items():
            for where, one in marked(inner, f"{at}.{name}"):
                yield where, {**value, name: one}


def requests(operation: Operation) -> Iterator[Json]:
    plain = operation.request()
    yield plain
    for name in operation.path_names:
        good = plain["path"].split("/")
        place = operation.template.split("/").index(f"{{{name}}}")
        good[place] = f"{MARK}-path"
        yield {**plain, "path": "/".join(good)}
    for name in operation.query_names:
        yield {**plain, "params": {name: f"{MARK}-query"}}
    yield {**plain, "params": {"token": f"{MARK}-query"}}
    if operation.id == "auth.bankid.callback":
        for name in BROUGHT:
            yield {**plain, "params": {"state": "s" * 43, "code": "c", name: f"{MARK}-{name}"}}
    for name in COOKIES:
        yield {**plain, "headers": {"cookie": f"__Host-daler_{name}={MARK}.{name}"}}
    yield from bodies(plain)


def bodies(plain: Json) -> Iterator[Json]:
    for name in OPTIONAL if "json" in plain else ():
        yield {**plain, "json": {**plain["json"], name: f"{MARK}-{name}"}}
    for _, body in marked(copy.deepcopy(plain.get("json", {}))):
        yield {**plain, "json": body}
    if "json" in plain:
        yield {**plain, "json": MARK}
        yield {**plain, "json": [plain["json"], MARK]}
        broken = json.dumps(plain["json"])[:-1] + f', "{MARK[:2]}'
        kind = {"content-type": "application/json"}
        yield {"method": plain["method"], "path": plain["path"], "content": broken, "headers": kind}
    if "files" in plain:
        for part in ("file", "options"):
            junk = ("a", f'{{"a": "{MARK}"'.encode())
            yield {**plain, "files": {**plain["files"], part: junk}}


def test_no_refusal_repeats_what_was_sent(days: Days) -> None:
    async def sweep() -> list[tuple[str, int, str]]:
        told = []
        for operation in OPERATIONS:
            for request in requests(operation):
                sender = days.sender(of_staff=operation.of_staff).headers
                for token in ({}, sender, *FORGED):
                    if operation.id in ENDS_SESSIONS and token == sender:
                        continue
                    headers = {**HEADERS, **token, **request.get("headers", {})}
                    answer = await days.town.call(**{**request, "headers": headers})
                    told += list(repeats(operation, answer))
        return told

    assert days.run(sweep()) == []


def repeats(operation: Operation, answer: httpx.Response) -> Iterator[tuple[str, int, str]]:
    assert answer.status_code < 500, (operation.id, answer.text)
    if answer.status_code < 400 or MARK not in answer.text.lower():
        return
    if answer.json()["error"] not in ECHOED:
        yield operation.id, answer.status_code, answer.text


@pytest.fixture(scope="module")
def life(days: Days) -> Life:
    return days.run(a_life(days.town, f"siri-{MARK}", 0))


def test_a_life_goes_every_way_in_and_changes_all_that_can_be_changed(life: Life) -> None:
    """So that no operation is added whose secrets the test below does not look for."""
    used = {
        one.id
        for one in OPERATIONS
        for method, path in life.used
        if one.method == method and _pattern(one.template).fullmatch(path)
    }
    assert {one.id for one in OPERATIONS if one.template.startswith(GETTING_IN)} - used == set()


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{[^}]*\}", "[0-9a-f-]{36}", template))


def test_secrets_that_worked_are_with_their_owner_and_nowhere_else(days: Days, life: Life) -> None:
    assert len(life.secrets) > 60
    assert all(len(secret) >= 11 for secret in life.secrets.values())
    kept = {table: days.run(days.town.dump(table)) for table in MACHINERY}
    places = kept | {
        "logs": days.town.logs.getvalue(),
        "metrics": days.run(days.town.call("GET", "/metrics")).text,
    }

    for place, text in places.items():
        for name, secret in life.secrets.items():
            for spelled in spellings(secret):
                assert spelled not in text, f"{name} in {place}"
        for code in life.codes:
            assert not re.search(rf"(?<![\w.:+-]){code}(?![\w.:-])", text), place


def test_faults_of_banks_carry_nothing_along(days: Days) -> None:
    """After these, logs and job rows hold what jobs and adapters say of broken answers."""

    async def suffer(town: Town) -> None:
        control, who = town.bank.control_url, await town.welcome(f"ulf-{MARK}")
        for provider in ("tink", "plaid"):
            await town.link(who, provider, "anna")
            path = f"/api/v1/banking/connections/{who.ids['connection_id'][-1]}/sync"
            for fault in FAULTS:
                order = {**fault, "provider": provider, "times": 2}
                asked = await town.browser.post(f"{control}/faults", json=order)
                assert asked.status_code == 201, asked.text
                await town.call("POST", path, who)
                await town.admin.execute("update jobs set run_at = now() where state = 'ready'")
                await town.work()
                started = await town.call("POST", f"/api/v1/banking/{provider}/connect", who)
                assert started.is_success or MARK not in started.text.lower()
                await town.browser.delete(f"{control}/faults")

    async def suffer_apart() -> None:
        # A process of its own: providers that fail often enough are left alone for a while.
        async with another_process(days.town, days.town.settings) as town:
            await suffer(town)

    days.run(suffer_apart())
    assert "job_failed" in days.town.logs.getvalue()
    assert_unmarked(days.run(days.town.dump("jobs")), "jobs")


def test_logs_tell_what_happened_and_nothing_of_whom(days: Days) -> None:
    logs = days.town.logs.getvalue()
    assert logs.count('"event":"request"') > 20
    assert "provider_called" in logs

    assert_unmarked(logs, "logs")
    for who in (days.anna, days.bjorn):
        for name, secret in secrets_of(days, who).items():
            for spelled in spellings(secret):
                assert spelled not in logs, f"{name} of {who.word}"
    numbers = days.run(days.town.admin.fetch("select distinct number from accounts"))
    for row in numbers:
        assert not row["number"] or row["number"] not in logs


def test_figures_know_routes_not_people(days: Days) -> None:
    figures = days.run(days.town.call("GET", "/metrics")).text

    assert "daler_http_requests_total" in figures
    assert_unmarked(figures, "metrics")
    ids = [one for kind in days.anna.ids.values() for one in kind]
    assert not any(one in figures for one in ids)
    assert re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", figures) is None


@pytest.mark.parametrize("table", ["jobs", "outbox", "schedule_slots", "audit_log", "audit_heads"])
def test_the_machinery_carries_ids_only(days: Days, table: str) -> None:
    assert_unmarked(days.run(days.town.dump(table)), table)


def test_a_kept_reply_is_not_a_copy_of_what_was_sent(days: Days) -> None:
    """The key itself is the caller's choice and is kept; bodies are kept as hashes."""
    rows = days.run(
        days.town.admin.fetch("select operation, request_hash, result from idempotency_keys")
    )
    assert rows
    assert_unmarked(repr([tuple(row) for row in rows]), "idempotency_keys")


@pytest.mark.redis
def test_redis_is_told_ids_only(days: Days, tmp_path: Path) -> None:
    async def dump(url: str) -> str:
        client = redis.asyncio.Redis.from_url(url)
        found = []
        async for key in client.scan_iter():
            kind = await client.type(key)
            value = await client.xrange(key) if kind == b"stream" else await client.dump(key)
            found.append(repr((key, kind, value)))
        await client.aclose()
        return "\n".join(found)

    async def use(url: str) -> str:
        settings = msgspec.structs.replace(days.town.settings, redis_url=Secret(url))
        async with another_process(days.town, settings) as town:
            for number in range(3):
                await town.ok(
                    "POST",
                    "/api/v1/imports",
                    days.clumsy,
                    headers={**HEADERS, "idempotency-key": f"r-{number}"},
                    files={
                        "file": ("a.csv", f"date,amount\n2026-02-01,-{number + 1}\n".encode()),
                        "options": (None, json.dumps({"account_name": MARK, "currency": "NOK"})),
                    },
                )
            secrets.extend((await a_life(town, f"tone-{MARK}", 1)).secrets.values())
            found = ""
            async with asyncio.timeout(5):
                while "daler:jobs" not in found:  # it is told beside the request, not in its way
                    await asyncio.sleep(0.05)
                    found = await dump(url)
            return found

    secrets: list[str] = []
    with a_redis(tmp_path) as url:
        found = days.run(use(url))

    assert "daler:jobs" in found
    assert_unmarked(found, "Redis")
    for who in (days.anna, days.bjorn):
        secrets += secrets_of(days, who).values()
    for secret in secrets:
        for spelled in spellings(secret):
            assert spelled not in found


def assert_unmarked(text: str, where: str) -> None:
    marks = re.finditer(f"{MARK}|{re.escape(BANK_TEXT)}", text, re.IGNORECASE)
    found = [text[max(0, mark.start() - 200) : mark.end() + 100] for mark in marks]
    assert found == [], where
