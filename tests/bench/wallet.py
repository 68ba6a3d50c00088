"""Screens of sums: what they cost after ten years of a busy life, and after a quiet one."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from typing import Final

from tests.bench.children import run_child
from tests.bench.figures import Report, at_most, middle
from tests.bench.load_child import Load, Loaded
from tests.bench.server import BenchServer
from tests.bench.servers import free_port, running_daler, server_settings, wait_for_live
from tests.bench.town import fill, settle, sign_up

ROUNDS: Final = 5
SECONDS: Final = 2.0
MANY, FEW = 100_000, 100
_SCREENS: Final = {
    "wallet summary": "/api/v1/wallet/summary",
    "cash flow of twelve months": "/api/v1/wallet/cashflow",
    "net worth of twelve months": "/api/v1/wallet/networth",
}


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
            busy, quiet = await sign_up(settings, port, 2)
            await fill(database, [busy.user_id], MANY, sums=True)
            await fill(database, [quiet.user_id], FEW, sums=True)
            await settle(database)
            found = {
                screen: await asyncio.to_thread(_rounds, port, path, busy.token, quiet.token)
                for screen, path in _SCREENS.items()
            }
    return _report(found)


def _rounds(port: int, path: str, *tokens: str) -> Sequence[Sequence[float]]:
    load = Load("127.0.0.1", port, path, list(tokens), 1, SECONDS)
    return [run_child("tests.bench.load_child", load, Loaded).p50_ms_of for _ in range(ROUNDS)]


def _report(found: Mapping[str, Sequence[Sequence[float]]]) -> Report:
    figures = [
        at_most(
            f"{screen}, {MANY:,} transactions",
            f"{middle([busy for busy, _ in rounds]):.2f} ms",
            f"with {FEW} transactions: {middle([quiet for _, quiet in rounds]):.2f} ms",
            middle([busy / quiet for busy, quiet in rounds]),
            1.2,
        )
        for screen, rounds in found.items()
    ]
    return Report(
        "wallet", "screens of sums over HTTP, one connection, the two people in turn", figures
    )
