"""A PostgreSQL data folder: made, started, watched until it answers, stopped."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from adapters.embedded.binaries import INSTALL, VERSION
from adapters.embedded.children import Children
from adapters.embedded.configuration import configure
from adapters.embedded.layout import SOCKET_NAME, EmbeddedError, Place
from adapters.embedded.roles import ADMIN, FIRST_WORDS

STOP_PATIENCE_S = 60
READY_LINE = 7


@dataclass(frozen=True, slots=True)
class Cluster:
    place: Place
    sockets: Path
    binaries: Path
    durable: bool

    def prepare(self) -> None:
        """Have a complete data folder and today's configuration.

        Raises:
            EmbeddedError: the data folder is of another major version, or cannot be made.
        """
        self.place.own(self.place.logs)
        configure(self.place, self.sockets, durable=self.durable)
        if self.place.data.exists():
            self._refuse_other_version()
        else:
            self._initialise()

    def forget_the_dead(self) -> None:
        """Remove what a killed server left. Only for him who holds the data's lock.

        PostgreSQL would remove these files itself, unless another process has got the dead
        server's number by now, which is nothing unusual in a container.
        """
        for stale in (
            self.place.data / "postmaster.pid",
            self.sockets / SOCKET_NAME,
            self.sockets / f"{SOCKET_NAME}.lock",
        ):
            stale.unlink(missing_ok=True)

    def start(self, data_lock: int) -> subprocess.Popen[bytes]:
        """Start the server; `data_lock` stays locked until its last process has ended."""
        with self.start_log.open("wb") as log:
            command = [*self._postgres(), "-D", str(self.place.data)]
            return self._children.start(command, log, data_lock)

    def is_ready(self, server: subprocess.Popen[bytes]) -> bool:
        """Whether it answers, by the file that PostgreSQL keeps about itself."""
        try:
            lines = (self.place.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        ours = lines[:1] == [str(server.pid)]
        return ours and len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"

    def stop(self, server: subprocess.Popen[bytes]) -> None:
        """A fast shutdown; one that takes too long becomes a crash that the next start repairs."""
        for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            server.send_signal(request)
            try:
                server.wait(STOP_PATIENCE_S)
            except subprocess.TimeoutExpired:
                continue
            return

    @property
    def start_log(self) -> Path:
        """What PostgreSQL says before its own log is open."""
        return self.place.folder / "start.log"

    def last_words(self) -> str:
        said = self.start_log.read_text(errors="replace").strip().splitlines()
        return said[-1] if said else "it said nothing"

    @property
    def _children(self) -> Children:
        return Children(self.place.account, self.place.folder)

    def _refuse_other_version(self) -> None:
        found = (self.place.data / "PG_VERSION").read_text().strip()
        if found != VERSION:
            raise EmbeddedError(
                f"the data in {self.place.data} was written by PostgreSQL {found} and this program"
                f" carries PostgreSQL {VERSION}: dump it with the version of daler that wrote it,"
                " and load it here into a new DALER_HOME"
            )

    def _initialise(self) -> None:
        """Make the data folder under another name first: one called `data` is always complete."""
        draft = self.place.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        self.place.own(draft)
        options = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        options += ["--builtin-locale=C.UTF-8", "--data-checksums", f"--username={ADMIN}"]
        options += [] if self.durable else ["--no-sync"]
        initdb = str(self.binaries / INSTALL / "bin" / "initdb")
        self._finish([initdb, "-D", str(draft), *options], "")
        self._finish([*self._postgres("--single"), "-D", str(draft), ADMIN], FIRST_WORDS)
        draft.rename(self.place.data)
        folder = os.open(self.place.folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def _finish(self, command: list[str], text: str) -> None:
        with self.start_log.open("wb") as log:
            step = self._children.start(command, log)
            step.communicate(text.encode())
        # Single-user mode says ERROR and goes on.
        if step.returncode != 0 or "ERROR" in self.start_log.read_text(errors="replace"):
            raise EmbeddedError(
                f"the database in {self.place.folder} cannot be made: {self.last_words()}"
            )

    def _postgres(self, *mode: str) -> list[str]:
        settings = f"config_file={self.place.folder / 'postgresql.conf'}"
        return [str(self.binaries / INSTALL / "bin" / "postgres"), *mode, "-c", settings]
