"""A large CSV file, from the upload to the ledger."""

import asyncio
import csv
import random
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from tests.bench.children import run_child
from tests.bench.figures import Figure, Report, below, middle, spread
from tests.bench.import_child import ImportTask
from tests.bench.server import BenchServer
from tests.bench.servers import server_settings
from tests.bench.sync_child import Done
from tests.support.postgres import CleanDatabase

LINES: Final = 100_000
ROUNDS: Final = 3


def measure(server: BenchServer) -> Report:
    return asyncio.run(_measure(server))


async def _measure(server: BenchServer) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statement.csv"
        _write(path, LINES)
        done: list[Done] = []
        bare: list[float] = []
        async with server.database() as database:
            for _ in range(ROUNDS):
                bare.append(_read(path))
                done.append(await _import(database, path, folder))
    seconds = middle([one.seconds for one in done])
    return Report(
        "import",
        f"a CSV file of {LINES:,} lines: kept sealed, read, made observations, matched, written,"
        " summed",
        (
            Figure(
                f"import of {LINES:,} lines",
                f"{seconds:.1f} s",
                f"Python's csv module reading the file: {middle(bare):.2f} s",
                f"{seconds / middle(bare):.0f}",
                "under 10 s",
                seconds < 10,
            ),
            below(
                "memory of the import, above idle",
                middle([one.peak_mb for one in done]),
                "MB",
                64,
            ),
        ),
        (f"{spread([one.seconds for one in done])} s in {ROUNDS} rounds, each a fresh process",),
    )


def _write(path: Path, lines: int) -> None:
    chance = random.Random(lines)  # noqa: S311 - the same file every time
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", "amount", "category", "merchant"])
        for nth in range(lines):
            on = date(2016, 1, 1) + timedelta(days=nth * 3650 // lines)
            amount = f"-{chance.randrange(10, 2000)}.{chance.randrange(100):02d}"
            writer.writerow([on, amount, "Food", chance.choice(("Rema 1000", "Kiwi", "Ruter"))])


def _read(path: Path) -> float:
    started = time.perf_counter()
    with path.open(newline="") as file:
        for _ in csv.reader(file):
            pass
    return time.perf_counter() - started


async def _import(database: CleanDatabase, path: Path, home: str) -> Done:
    settings = server_settings(database.app_url, database.owner_url, 0) | {"DALER_HOME": home}
    task = ImportTask(settings, str(path), LINES)
    return await asyncio.to_thread(run_child, "tests.bench.import_child", task, Done)
