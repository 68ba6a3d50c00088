"""Processes of their own: what is measured must not share a process with what measures."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final, TypeVar

import msgspec

ROOT: Final = Path(__file__).parents[2]

_PATIENCE_S: Final = 300
"""A child whose work fails may wait for ever."""

T = TypeVar("T")


def run_child(module: str, told: object, answer: type[T]) -> T:
    """Run `python -m <module>`, tell it one JSON value, and read the one that it prints last."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        input=msgspec.json.encode(told),
        stdout=subprocess.PIPE,
        check=True,
        timeout=_PATIENCE_S,
    )
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=answer)


def told(shape: type[T]) -> T:
    """In the child: what it was told."""
    return msgspec.json.decode(sys.stdin.buffer.read(), type=shape)


def tell(answer: object) -> None:
    """In the child: its answer."""
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.flush()


def resident_mb(pid: int | None = None) -> float:
    """Memory that the process holds now, shared libraries included."""
    status = Path(f"/proc/{pid or os.getpid()}/statm").read_text().split()
    return int(status[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def peak_mb() -> float:
    """The most memory that this process has held since it started."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0
