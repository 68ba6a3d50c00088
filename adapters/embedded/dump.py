"""Everything in the embedded database as one stream, and back, by PostgreSQL's own tools."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import IO, Final

from adapters.embedded import binaries
from adapters.embedded.children import ENVIRONMENT
from adapters.embedded.layout import EmbeddedError
from adapters.embedded.roles import ADMIN, DATABASE
from adapters.embedded.server import Address

_BLOCK: Final = 256 * 1024


def dump(address: Address, take: Callable[[bytes], object]) -> None:
    """One snapshot, whoever works meanwhile. Blocks while it runs.

    Raises:
        EmbeddedError: it could not be finished; what was taken is worth nothing.
    """
    # What is large is sealed and does not get smaller; the rest does, at little cost.
    command = _command("pg_dump", address, "--format=custom", "--compress=gzip:1")
    with (
        _errors() as errors,
        subprocess.Popen(  # noqa: S603 - a program of the wheel
            command,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as tool,
    ):
        try:
            if tool.stdout is not None:
                while block := tool.stdout.read(_BLOCK):
                    take(block)
        except BaseException:
            tool.kill()
            raise
        if tool.wait() != 0:
            raise EmbeddedError(f"the database could not be dumped: {_last_words(errors)}")


def load(address: Address, blocks: Iterator[bytes]) -> None:
    """Fill an empty database, wholly or not at all. Blocks while it runs.

    Raises:
        EmbeddedError: it could not be finished.
    """
    command = _command("pg_restore", address, "--exit-on-error", "--single-transaction")
    with (
        _errors() as errors,
        subprocess.Popen(  # noqa: S603 - a program of the wheel
            command,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        ) as tool,
    ):
        try:
            if tool.stdin is not None:
                with suppress(BrokenPipeError):  # it ended: its exit code and words say why
                    for block in blocks:
                        tool.stdin.write(block)
                    tool.stdin.close()
        except BaseException:
            tool.kill()  # and with it the transaction
            if tool.stdin is not None:
                with suppress(BrokenPipeError):
                    tool.stdin.close()
            raise
        if tool.wait() != 0:
            raise EmbeddedError(f"the database could not be loaded: {_last_words(errors)}")


def change(address: Address, statement: str) -> None:
    """Run one statement on what was loaded, wholly or not at all. Blocks while it runs.

    Raises:
        EmbeddedError: it could not be done.
    """
    options = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--command={statement}")
    done = subprocess.run(  # noqa: S603 - a program of the wheel
        _command("psql", address, *options),
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise EmbeddedError(f"what was loaded could not be changed: {said[0]}")


def _command(tool: str, address: Address, *options: str) -> Sequence[str]:
    program = binaries.installed() / binaries.INSTALL / "bin" / tool
    if not program.exists():
        raise EmbeddedError(f"{tool} is not in the package that carries PostgreSQL: {program}")
    # The superuser: for everybody else row level security would hide what has to be copied.
    there = (f"--host={address.folder}", f"--username={ADMIN}", f"--dbname={DATABASE}")
    return (str(program), "--no-password", *there, *options)


def _errors() -> IO[bytes]:
    return tempfile.TemporaryFile(prefix="daler-")


def _last_words(errors: IO[bytes]) -> str:
    errors.seek(0)
    said = errors.read().decode(errors="replace").strip().splitlines()
    return said[0] if said else "it said nothing"
