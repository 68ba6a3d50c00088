"""Running the sandbox bank on a real socket: inside this event loop, or as a child process."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from typing_extensions import override

from entrypoints.sandbox.app import create_sandbox
from entrypoints.sandbox.options import SandboxOptions

HOST = "127.0.0.1"
STOP_S = 1
POLL_S = 0.005


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """The addresses to give an adapter, without a slash at the end."""

    url: str

    @property
    def tink_url(self) -> str:
        return f"{self.url}/tink"

    @property
    def tink_link_url(self) -> str:
        return f"{self.url}/tink-link"

    @property
    def plaid_url(self) -> str:
        return f"{self.url}/plaid"

    @property
    def plaid_link_url(self) -> str:
        return f"{self.url}/plaid-link"

    @property
    def norges_bank_url(self) -> str:
        return f"{self.url}/norges-bank"

    @property
    def control_url(self) -> str:
        return f"{self.url}/control"


class _QuietServer(uvicorn.Server):
    """A guest in somebody else's process: signals and logging are the host's."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(port: int) -> socket.socket:
    # With the protocol left at 0, as `create_server` leaves it, asyncio does not switch Nagle's
    # algorithm off, and every answer waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


@asynccontextmanager
async def running_sandbox(options: SandboxOptions, port: int = 0) -> AsyncIterator[RunningSandbox]:
    """A sandbox bank on loopback for as long as the block lasts; port 0 takes a free one."""
    listener = _listen(port)
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    app = create_sandbox(replace(options, public_url=options.public_url or url))
    config = uvicorn.Config(
        app, ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=STOP_S
    )
    server = _QuietServer(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            if serving.done():
                await serving
                raise RuntimeError("the sandbox bank stopped while starting")
            await asyncio.sleep(POLL_S)
        yield RunningSandbox(url)
    finally:
        server.should_exit = True
        await serving
        listener.close()


@dataclass(frozen=True, slots=True)
class SandboxProcess(RunningSandbox):
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """Kill -9: what it had answered must be there when the same state file is opened again."""
        self.process.kill()
        self.process.wait()


@contextmanager
def sandbox_process(
    state_file: Path | None = None, seed: int = 1, port: int = 0
) -> Iterator[SandboxProcess]:
    """A sandbox bank in a child process, with the default clients; killed at the end."""
    command = [sys.executable, "-m", "entrypoints.sandbox", "--port", str(port)]
    command += ["--seed", str(seed)]
    if state_file is not None:
        command += ["--state", str(state_file.absolute())]
    process = subprocess.Popen(  # noqa: S603 our own module, our own arguments
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    try:
        assert process.stdout is not None  # noqa: S101 asked for just above
        if not (url := process.stdout.readline().strip()):
            raise RuntimeError("the sandbox bank did not start")
        yield SandboxProcess(url, process)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
