"""Homes, their users as processes, and what the operating system knows of both."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from adapters.embedded.erase import erase
from adapters.embedded.server import Address, wait_until_ended

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class User:
    process: subprocess.Popen[str]
    address: Address

    def ask(self, order: str) -> str:
        """Run one statement and commit it; a query answers with its first value."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@dataclass(frozen=True, slots=True)
class Home:
    path: Path
    begun: list[subprocess.Popen[str]] = field(default_factory=list)

    def begin(
        self, *words: str, python: Sequence[str] = (sys.executable,)
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*python, "-m", "tests.embedded.a_user", str(self.path), *words],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.begun.append(process)
        return process

    def enter(self, *words: str, python: Sequence[str] = (sys.executable,)) -> User:
        process = self.begin(*words, python=python)
        assert process.stdout is not None
        said = process.stdout.readline()
        if not said:
            raise AssertionError(process.communicate()[1])
        return User(process, Address(Path(said.strip().split(" ", 1)[1])))

    @property
    def place(self) -> Path:
        """Where the server's files are."""
        note = self.path / "postgres" / "place"
        return Path(note.read_text().strip()) if note.exists() else self.path / "postgres"

    def keeper(self) -> int:
        """The parent of PostgreSQL's first process."""
        return parent_of(self.postmaster())

    def postmaster(self) -> int:
        return int((self.place / "data" / "postmaster.pid").read_text().split()[0])

    def everything(self) -> list[int]:
        """The keeper and all of PostgreSQL: whoever holds one of the home's locks open."""
        mine = (str(self.path / "postgres"), str(self.place))
        return [pid for pid in every_process() if pid != os.getpid() and _holds(pid, mine)]

    def is_deserted(self, patience_s: float = 5.0) -> bool:
        return eventually(lambda: not self.everything(), patience_s)


@contextmanager
def a_home(path: Path) -> Iterator[Home]:
    home = Home(path.resolve())
    yield home
    for process in home.begun:
        process.kill()
        with suppress(ValueError):  # it was read to its end already
            process.communicate()
    kill_all(home.everything())
    assert wait_until_ended(home.path, 10.0)
    assert home.is_deserted()
    erase(home.path)


def kill_all(pids: Sequence[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # one death may bring about the next
            os.kill(pid, signal.SIGKILL)


def eventually(is_so: Callable[[], bool], patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def every_process() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def parent_of(pid: int) -> int:
    after_the_name = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1]
    return int(after_the_name.split()[1])


def _holds(pid: int, folders: Sequence[str]) -> bool:
    """Whether the process has a file in one of these folders open, or stands in one."""
    prefixes = tuple(f"{folder}/" for folder in folders)
    with suppress(OSError):  # it may end while we look
        for file in (*Path(f"/proc/{pid}/fd").iterdir(), Path(f"/proc/{pid}/cwd")):
            with suppress(OSError):
                if f"{file.readlink()}/".startswith(prefixes):
                    return True
    return False
