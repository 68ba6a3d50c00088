"""From `daler serve` to the first answer, and what it then costs to do nothing."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from adapters.embedded.erase import erase
from adapters.embedded.server import wait_until_ended
from tests.bench.children import ROOT, resident_mb
from tests.bench.figures import Figure, Report, below, middle, spread
from tests.bench.server import BenchServer
from tests.bench.servers import AS_INSTALLED, free_port, running_daler, wait_for_live

ROUNDS: Final = 5
_IDLE_S: Final = 1.5
_PEER: Final = "fastapi, pydantic, sqlalchemy.orm, sqlalchemy.ext.asyncio, asyncpg, uvicorn, httpx"
_IMPORTS: Final = "entrypoints.cli.commands, entrypoints.composition.house"


def measure(_: BenchServer) -> Report:
    with tempfile.TemporaryDirectory(prefix="daler-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        try:
            _start(home)  # makes the home: secrets, database, schema
            starts, memories, imports, bare = [], [], [], []
            for _round in range(ROUNDS):
                seconds, memory = _start(home)
                starts.append(seconds)
                memories.append(memory)
                imports.append(_python(f"{AS_INSTALLED}import gc; gc.disable(); import {_IMPORTS}"))
                bare.append(_python(f"import {_PEER}"))
        finally:
            wait_until_ended(home, 30)
            erase(home)
    return Report(
        "start",
        "daler serve with its own PostgreSQL, in a home that exists",
        (
            _timed("start to the first answer", starts, 1.5, ""),
            _timed(
                "import of the program",
                imports,
                1.2,
                f"FastAPI, SQLAlchemy, httpx: {middle(bare):.2f} s",
            ),
            below("idle memory of daler serve", middle(memories), "MB", 130),
        ),
        (f"starts took {spread(starts)} s in {ROUNDS} rounds; PostgreSQL stops between them",),
    )


def _timed(what: str, seconds: list[float], aim: float, beside: str) -> Figure:
    return below(what, middle(seconds), "s", aim, beside)


def _start(home: Path) -> tuple[float, float]:
    """Seconds to the first answer, and the memory once it is quiet."""
    port = free_port()
    environment = {"DALER_HOME": str(home), "DALER_PORT": str(port)}
    with running_daler(environment, "serve") as process:
        seconds = wait_for_live(port)
        time.sleep(_IDLE_S)
        memory = resident_mb(process.pid)
    wait_until_ended(home, 30)
    return seconds, memory


def _python(program: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
    return time.perf_counter() - started
