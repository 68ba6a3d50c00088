"""Figures for people: in the terminal, and as the page that is kept with the code."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tests.bench.figures import Figure, Report

BEGIN: Final = "<!-- Below this line `make bench` writes. -->"
_PACKAGES: Final = (
    "litestar", "uvicorn", "uvloop", "asyncpg", "sqlalchemy", "msgspec", "taskiq", "fastapi",
    "pydantic",
)  # fmt: skip


def printed(report: Report) -> str:
    lines = [f"\n{report.name}: {report.about}"]
    for one in report.figures:
        beside = f"  [{one.beside}]" if one.beside else ""
        ratio = f"  ratio {one.ratio}" if one.ratio else ""
        lines.append(f"  {one.verdict:6} {one.what}: {one.ours}{beside}{ratio}  (aim {one.aim})")
    lines += [f"         {detail}" for detail in report.details]
    return "\n".join(lines)


def written(reports: Sequence[Report], page: str) -> str:
    """The page with new figures; what a person wrote above the mark stays."""
    explained = page.partition(BEGIN)[0].rstrip() or "# Benchmarks"
    return "\n".join([explained, "", BEGIN, "", _conditions(), "", *map(_section, reports)]) + "\n"


def _conditions() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with {os.cpu_count()} processor cores, shared by"
        f" server, database and load (load average over 15 minutes: {os.getloadavg()[2]:.1f});"
        f" {_processor()}; Python {platform.python_version()}, PostgreSQL 18 (embedded, durable),"
        f" {packages}."
    )


def _section(report: Report) -> str:
    rows = "\n".join(map(_row, report.figures))
    details = "\n".join(f"- {detail}" for detail in report.details)
    return (
        f"## {report.name.capitalize()}\n\n{report.about[0].upper()}{report.about[1:]}.\n\n"
        "| what | Daler | beside | ratio | aim | |\n| --- | --- | --- | --- | --- | --- |\n"
        f"{rows}\n" + (f"\n{details}\n" if details else "")
    )


def _row(one: Figure) -> str:
    cells = (one.what, one.ours, one.beside, one.ratio, one.aim, one.verdict)
    return f"| {' | '.join(cells)} |"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
