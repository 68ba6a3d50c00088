"""The user's side of the embedded PostgreSQL: `join` it, wait until it is `ready`, `leave` it.

Importing this costs little, so that a program can join first and import the rest of itself while
PostgreSQL starts:

    server = EmbeddedPostgres.join(home)
    ...
    address = server.ready()

Processes with the same home share one server. The last one to leave ends it, also when it leaves
by SIGKILL: then within about a second, and without losing anything that was committed.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

from adapters.embedded import binaries, locks, state
from adapters.embedded.layout import EmbeddedError, Locks, locks_of
from adapters.embedded.roles import ADMIN, APP, DATABASE, OWNER
from adapters.embedded.state import Phase, State

POLL_S = 0.005
CODE = Path(__file__).parents[2]
KEEPER = "import sys; sys.path.insert(0, sys.argv.pop(1)); import adapters.embedded.keeper as k"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a running server answers. There is no password: the kernel vouches for us."""

    folder: Path

    def url(self, role: str, database: str = DATABASE) -> str:
        """For SQLAlchemy."""
        return f"postgresql+asyncpg://{role}@/{database}?host={quote(str(self.folder))}"

    @property
    def app_url(self) -> str:
        """As the role that owns nothing: row level security holds."""
        return self.url(APP)

    @property
    def owner_url(self) -> str:
        """As the role that owns the database, for migrations."""
        return self.url(OWNER)

    @property
    def admin_url(self) -> str:
        """As the superuser, for tests that make databases of their own."""
        return self.url(ADMIN, "postgres")


@dataclass(slots=True)
class EmbeddedPostgres:
    """One process's share in the server of a home."""

    home: Path
    locks: Locks
    wheel: Path
    durable: bool
    users_lock: int
    joined: bool = False
    keeper_pid: int | None = None
    trying: bool = False
    """A keeper was started by us, and the server was not ready since."""

    @classmethod
    def join(cls, home: Path, *, durable: bool = True) -> Self:
        """Take a share, and have the server started unless it runs. Does not wait.

        `durable=False` is for tests: a crash of the machine may then lose what was committed.

        Raises:
            EmbeddedError: the home cannot be used, or the wheel is not installed.
        """
        try:
            home = home.resolve()
            folders = locks_of(home)
            users_lock = locks.open_lock(folders.users)
        except OSError as error:
            raise EmbeddedError(
                f"the folder {home} cannot be used: {error.strerror}; choose another DALER_HOME or"
                " start daler as the account that owns it"
            ) from error
        server = cls(home, folders, binaries.installed(), durable, users_lock)
        server._look()
        return server

    def ready(self, progress: Callable[[str], None] | None = None) -> Address:
        """Wait until the server answers. However long its recovery takes: `progress` is told.

        May be called again at any time: should the keeper have been killed, it starts another.

        Raises:
            EmbeddedError: it cannot be started; the message says why.
        """
        told = ""
        while True:
            found = self._look()
            if found is not None and found.phase is Phase.READY:
                self.trying = False
                return self._address(found)
            if found is not None and found.message != told and progress is not None:
                told = found.message
                progress(told)
            time.sleep(POLL_S)

    def leave(self) -> None:
        """Give the share back. The server ends soon after the last one."""
        if self.users_lock >= 0:
            os.close(self.users_lock)
            self.users_lock = -1
        self._reap()

    def __enter__(self) -> Address:
        try:
            return self.ready()
        except BaseException:
            self.leave()
            raise

    def __exit__(self, *_: object) -> None:
        self.leave()

    def _look(self) -> State | None:
        """See how far the server is, and start a keeper when there is none."""
        self.joined = self.joined or locks.try_shared(self.users_lock)
        if not self.joined:
            return None  # the last server is being stopped; we start the next one
        keeper_lock = locks.open_lock(self.locks.keeper)
        try:
            if not locks.try_alone(keeper_lock):
                return state.read(self.locks.state)
            # No keeper lives, so whatever is written there was said by a dead one.
            last_words = state.read(self.locks.state)
            self._reap()
            if self.trying:
                raise EmbeddedError(self._why(last_words))
            state.clear(self.locks.state)
            self.keeper_pid, self.trying = self._start_keeper(keeper_lock), True
            return None
        finally:
            os.close(keeper_lock)

    def _start_keeper(self, keeper_lock: int) -> int:
        """The lock goes with the keeper: it is held without a gap until the keeper ends."""
        log = os.open(self.locks.keeper_log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        mode = "durable" if self.durable else "forgetful"
        arguments = [str(CODE), str(self.locks.folder), str(self.wheel), mode, str(keeper_lock)]
        os.set_inheritable(keeper_lock, True)
        try:
            return os.posix_spawn(
                sys.executable,
                [sys.executable, "-I", "-S", "-c", f"{KEEPER}; k.main()", *arguments],
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, log, 1),
                    (os.POSIX_SPAWN_DUP2, log, 2),
                ],
                setsid=True,
            )
        finally:
            os.close(log)

    def _address(self, found: State) -> Address:
        if self.durable and not found.durable:
            raise EmbeddedError(
                f"the server of {self.home} was started by tests, which may lose data: end them"
                " first, or choose another DALER_HOME"
            )
        return Address(Path(found.socket_folder))

    def _why(self, last_words: State | None) -> str:
        if last_words is not None and last_words.phase is Phase.FAILED:
            return last_words.message
        return f"the keeper of PostgreSQL ended unexpectedly: see {self.locks.keeper_log}"

    def _reap(self) -> None:
        if self.keeper_pid is not None:
            with suppress(ChildProcessError):
                os.waitpid(self.keeper_pid, os.WNOHANG)


def wait_until_ended(home: Path, patience_s: float) -> bool:
    """Whether the server of this home has ended, or does so within the time given."""
    lock = locks.open_lock(locks_of(home.resolve()).keeper)
    deadline = time.monotonic() + patience_s
    try:
        while not locks.try_alone(lock):
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)
        return True
    finally:
        os.close(lock)
