"""`python -m tests.bench [names]`: measure, print, and (when all ran) write docs/benchmarks.md."""

import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from tests.bench.figures import Report
from tests.bench.report import printed, written
from tests.bench.server import BenchServer, bench_server

BENCHMARKS: Final[Mapping[str, str]] = {
    "page": "tests.bench.http_page",
    "wallet": "tests.bench.wallet",
    "sync": "tests.bench.sync",
    "import": "tests.bench.csv_import",
    "matching": "tests.bench.matching",
    "jobs": "tests.bench.jobs",
    "webhooks": "tests.bench.webhooks",
    "health": "tests.bench.health",
    "signing-in": "tests.bench.signing_in",
    "simulation": "tests.bench.simulation",
    "start": "tests.bench.start",
}
"""Each is a module with `measure(server)`."""
PAGE: Final = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        _say(f"there is no benchmark {unknown[0]}: choose from {', '.join(BENCHMARKS)}")
        return 2
    reports = []
    with bench_server() as server:
        for name in names or BENCHMARKS:
            reports.append(_run(name, server))
            _say(printed(reports[-1]))
    if names:
        _say("Only a run of all benchmarks writes docs/benchmarks.md.")
    else:
        PAGE.write_text(written(reports, PAGE.read_text() if PAGE.exists() else ""))
        _say(f"written to {PAGE.relative_to(PAGE.parents[1])}")
    return 0


def _run(name: str, server: BenchServer) -> Report:
    _say(f"\nmeasuring: {name} ...")
    started = time.monotonic()
    measure: Callable[[BenchServer], Report] = import_module(BENCHMARKS[name]).measure
    report = measure(server)
    _say(f"  {time.monotonic() - started:.0f} s")
    return report


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
