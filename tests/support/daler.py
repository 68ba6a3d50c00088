"""`daler`, typed again and again: in processes of its own that need not import everything anew.

Each command runs in a child of one process that has imported Daler and done nothing else: with its
own environment, folder, input and output, and with the exit code that a shell would see. How Daler
begins from nothing, tests/cli/test_cli.py shows.
"""

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[2]
PATIENCE_S: Final = 120


@dataclass(frozen=True, slots=True)
class Output:
    code: int
    out: str
    err: str


def type_daler(
    words: Sequence[str], environment: Mapping[str, str], line: str | None = None
) -> Output:
    """What `daler <words>` prints, and its exit code. Without a line there is nobody to ask."""
    with tempfile.TemporaryDirectory(prefix="daler-typed-") as folder:
        said = Path(folder)
        (said / "in").write_text("" if line is None else f"{line}\n")
        process = _daler().Process(target=_type, args=(tuple(words), dict(environment), said))
        process.start()
        process.join(PATIENCE_S)
        code = process.exitcode
        if code is None:
            process.kill()
            process.join()
        process.close()
        assert code is not None, f"daler {' '.join(words)} did not end in {PATIENCE_S} s"
        return Output(code, (said / "out").read_text(), (said / "err").read_text())


@cache
def _daler() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["entrypoints.cli.app", "entrypoints.cli.commands"])
    return context


def _type(words: Sequence[str], environment: Mapping[str, str], said: Path) -> None:
    """In the child."""
    for number, (name, flags) in enumerate(
        (
            ("in", os.O_RDONLY),
            ("out", os.O_WRONLY | os.O_CREAT),
            ("err", os.O_WRONLY | os.O_CREAT),
        )
    ):
        opened = os.open(said / name, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 - multiprocessing has taken it away
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(PROJECT)
    sys.argv = ["daler", *words]
    from entrypoints.cli.app import main  # noqa: PLC0415 - not in the process of the tests

    main()
