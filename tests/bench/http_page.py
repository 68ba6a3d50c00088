"""The page everybody opens first: the 50 newest transactions of one person."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Final
from uuid import uuid4

from tests.bench.children import run_child
from tests.bench.figures import Figure, Report, at_least, at_most, middle, spread
from tests.bench.load_child import Load, Loaded
from tests.bench.server import BenchServer
from tests.bench.servers import (
    free_port,
    running_daler,
    running_module,
    server_settings,
    wait_for_live,
)
from tests.bench.town import ACTIVE, EACH, PEOPLE, SignedIn, fill, settle, sign_up

ROUNDS: Final = 10
SECONDS: Final = 1.5
CONNECTIONS: Final = 16
DALER, FLOOR, PEER = "Daler", "bare ASGI, asyncpg, msgspec", "FastAPI, SQLAlchemy ORM, pydantic"
_PATH: Final = "/api/v1/transactions?limit=50"


def measure(server: BenchServer) -> Report:
    return asyncio.run(_measure(server))


async def _measure(server: BenchServer) -> Report:
    async with server.database() as database:
        with ExitStack() as stack, tempfile.TemporaryDirectory() as home:
            port = free_port()
            settings = server_settings(database.app_url, database.owner_url, port)
            stack.enter_context(running_daler(settings | {"DALER_HOME": home}, "serve"))
            await asyncio.to_thread(wait_for_live, port)
            active = await sign_up(settings, port, ACTIVE)
            everybody = [one.user_id for one in active]
            everybody += [uuid4() for _ in range(PEOPLE - ACTIVE)]
            await fill(database, everybody, EACH)
            await settle(database)
            ports = {
                DALER: port,
                FLOOR: stack.enter_context(
                    running_module("tests.bench.floor_app", database.admin_url)
                ),
                PEER: stack.enter_context(
                    running_module("tests.bench.peer_app", database.admin_url)
                ),
            }
            return _report(await asyncio.to_thread(_rounds, ports, active))


def _rounds(ports: Mapping[str, int], people: Sequence[SignedIn]) -> Mapping[str, Sequence[Loaded]]:
    """One after the other, and again: what disturbs the machine disturbs all of them."""
    found: dict[str, list[Loaded]] = {name: [] for name in ports}
    for _ in range(ROUNDS):
        for name, port in ports.items():
            tokens = [one.token for one in people]
            load = Load("127.0.0.1", port, _PATH, tokens, CONNECTIONS, SECONDS)
            found[name].append(run_child("tests.bench.load_child", load, Loaded))
    return found


def _report(found: Mapping[str, Sequence[Loaded]]) -> Report:
    p50, p99 = (
        middle([getattr(one, name) for one in found[DALER]]) for name in ("p50_ms", "p99_ms")
    )
    figures = (
        _against(FLOOR, found, 0.60),
        _against(PEER, found, 5.0),
        at_most(
            f"p99 of the page at {CONNECTIONS} connections",
            f"{p99:.1f} ms",
            f"its own p50: {p50:.1f} ms",
            middle([one.p99_ms / one.p50_ms for one in found[DALER]]),
            2.5,
        ),
    )
    details = [
        f"{name}: {spread([one.per_second for one in some])} pages/s in {ROUNDS} rounds,"
        f" {some[0].bytes:,} bytes each; p50 {middle([one.p50_ms for one in some]):.1f} ms,"
        f" p99 {middle([one.p99_ms for one in some]):.1f} ms"
        for name, some in found.items()
    ]
    return Report(
        "page",
        f"50 newest transactions of one person, {PEOPLE * EACH:,} rows of {PEOPLE:,} people, over"
        " HTTP with token, session check and row level security",
        figures,
        details,
    )


def _against(peer: str, found: Mapping[str, Sequence[Loaded]], aim: float) -> Figure:
    ours, theirs = ([one.per_second for one in found[name]] for name in (DALER, peer))
    return at_least(
        "page of 50 transactions",
        f"{middle(ours):,.0f}/s",
        f"{peer}: {middle(theirs):,.0f}/s",
        middle([one / other for one, other in zip(ours, theirs, strict=True)]),
        aim,
    )
