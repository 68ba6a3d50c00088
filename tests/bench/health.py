"""What watching costs those who are not looking: the page of transactions, watched and not."""

import asyncio
import tempfile
import time
from base64 import b32decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final
from uuid import uuid4

import asyncpg
import httpx

from adapters.postgres.connections.figures import EVER, slot_of
from adapters.system.clock import SystemClock
from domain.connections.latency import BUCKETS
from domain.identity.totp import code_at, step_of
from tests.bench.children import run_child
from tests.bench.figures import Report, at_least, at_most, middle, spread
from tests.bench.load_child import Load, Loaded
from tests.bench.server import BenchServer
from tests.bench.servers import free_port, running_daler, server_settings, wait_for_live
from tests.bench.town import ACTIVE, EACH, PEOPLE, SignedIn, fill, settle, sign_up
from tests.support.postgres import CleanDatabase, connect

ROUNDS: Final = 12
SECONDS: Final = 1.5
CONNECTIONS: Final = 16
EVERY_S: Final = 1.0
"""Prometheus asks every 15 seconds, and a screen left open perhaps every five."""
ALONE, WATCHED = "nobody looks", "both are asked for every second"
_PATH: Final = "/api/v1/transactions?limit=50"
_WATCHED: Final = ("/metrics", "/api/v1/admin/providers")
_STAFF: Final = "update people set role = 'admin' where user_id = $1"
_FIGURES: Final = """
    insert into provider_figures (provider, endpoint, outcome, slot, count, took_us, buckets)
    select provider, '/endpoint/' || endpoint, outcome, slot, 100, 20000000,
        array_fill(100 / $3::int + 1, array[$3::int])::bigint[]
    from unnest(array['tink', 'plaid', 'bankid', 'norges_bank']) as provider,
        generate_series(1, 6) as endpoint,
        unnest(array['ok', 'refused', 'broken', 'too_slow']) as outcome,
        (select generate_series($1::timestamptz, $1::timestamptz - interval '7 days',
            interval '-5 minutes') union all select $2::timestamptz) as slots(slot)
"""
"""A week of four providers, six endpoints each, every one of them in trouble."""


def measure(server: BenchServer) -> Report:
    return asyncio.run(_measure(server))


async def _measure(server: BenchServer) -> Report:
    async with server.database() as database:
        port = free_port()
        settings = server_settings(database.app_url, database.owner_url, port)
        with (
            tempfile.TemporaryDirectory() as home,
            running_daler(settings | {"DALER_HOME": home}, "serve"),
        ):
            await asyncio.to_thread(wait_for_live, port)
            active = await sign_up(settings, port, ACTIVE)
            await fill(database, [one.user_id for one in active], EACH)
            await fill(database, [uuid4() for _ in range(PEOPLE - ACTIVE)], EACH)
            await _a_week_of_figures(database)
            await _hire(database, port, active[0])
            await settle(database)
            found, asked = await asyncio.to_thread(_rounds, port, active)
    return _report(found, asked)


async def _a_week_of_figures(database: CleanDatabase) -> None:
    db: asyncpg.Connection = await connect(database.admin_url)
    try:
        await db.execute(_FIGURES, slot_of(SystemClock().now()), EVER, BUCKETS)
    finally:
        await db.close()


async def _hire(database: CleanDatabase, port: int, who: SignedIn) -> None:
    """Somebody with two factors, who may look."""
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}/api/v1/me", headers=_bearer(who), trust_env=False
    ) as http:
        secret = b32decode((await http.post("/totp")).json()["data"]["secret"])
        code = code_at(secret, step_of(SystemClock().now()))
        (await http.post("/totp/confirm", json={"code": code})).raise_for_status()
    db: asyncpg.Connection = await connect(database.admin_url)
    try:
        await db.execute(_STAFF, who.user_id)
    finally:
        await db.close()


def _bearer(who: SignedIn) -> Mapping[str, str]:
    return {"authorization": f"Bearer {who.token}"}


def _rounds(
    port: int, people: Sequence[SignedIn]
) -> tuple[Mapping[str, Sequence[Loaded]], Mapping[str, Sequence[float]]]:
    """In turn, so that what disturbs the machine disturbs both."""
    found: dict[str, list[Loaded]] = {ALONE: [], WATCHED: []}
    asked: dict[str, list[float]] = {path: [] for path in _WATCHED}
    tokens = [one.token for one in people]
    load = Load("127.0.0.1", port, _PATH, tokens, CONNECTIONS, SECONDS)
    for _ in range(ROUNDS):
        found[ALONE].append(run_child("tests.bench.load_child", load, Loaded))
        with _watching(port, people[0], asked):
            found[WATCHED].append(run_child("tests.bench.load_child", load, Loaded))
    return found, asked


@contextmanager
def _watching(port: int, who: SignedIn, asked: Mapping[str, list[float]]) -> Iterator[None]:
    over = Event()

    def watch() -> None:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers=_bearer(who), trust_env=False
        ) as http:
            while not over.is_set():
                for path in asked:
                    began = time.perf_counter()
                    http.get(path).raise_for_status()
                    asked[path].append((time.perf_counter() - began) * 1000)
                over.wait(EVERY_S)

    thread = Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _report(found: Mapping[str, Sequence[Loaded]], asked: Mapping[str, Sequence[float]]) -> Report:
    alone, watched = found[ALONE], found[WATCHED]
    rates = [w.per_second / a.per_second for a, w in zip(alone, watched, strict=True)]
    tails = [w.p99_ms / a.p99_ms for a, w in zip(alone, watched, strict=True)]
    return Report(
        "health",
        "the page of 50 transactions while /metrics and /admin/providers are asked for every"
        " second, over a week's figures of four providers",
        (
            at_least(
                "pages a second, watched",
                f"{middle([one.per_second for one in watched]):,.0f}/s",
                f"unwatched: {middle([one.per_second for one in alone]):,.0f}/s",
                middle(rates),
                0.97,
            ),
            at_most(
                "p99 of the page, watched",
                f"{middle([one.p99_ms for one in watched]):.1f} ms",
                f"unwatched: {middle([one.p99_ms for one in alone]):.1f} ms",
                middle(tails),
                1.25,
            ),
        ),
        (
            *(
                f"{name}: {spread([one.per_second for one in some])} pages/s in {ROUNDS} rounds"
                for name, some in found.items()
            ),
            *(
                f"{path}: {len(times)} times, p50 {middle(times):.1f} ms beside the load"
                for path, times in asked.items()
            ),
        ),
    )
