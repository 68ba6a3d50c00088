"""The sandbox bank of an embedded installation: one per home, whoever needs it."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from entrypoints.composition.settings import Settings
from entrypoints.sandbox.options import SandboxOptions
from entrypoints.sandbox.server import HOST, RunningSandbox, running_sandbox

_TRY_AGAIN_S: Final = 0.2
_PATIENCE_S: Final = 15.0


@asynccontextmanager
async def with_sandbox(settings: Settings) -> AsyncIterator[Settings]:
    """The settings with the providers where the sandbox bank is; as they are when none plays.

    Processes with the same home share one bank. The first one runs it; when that one ends,
    another takes over at the same address, with the same state.
    """
    if not settings.sandbox:
        yield settings
        return
    folder = settings.home / "sandbox"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    bank = _SharedBank(folder, settings.sandbox_port)
    keeping = asyncio.create_task(bank.keep(), name="sandbox")
    try:
        found = await bank.found(keeping)
        yield settings.pointed_at(
            tink_url=found.tink_url,
            tink_link_url=found.tink_link_url,
            plaid_url=found.plaid_url,
            rates_url=found.norges_bank_url,
        )
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


@dataclass(frozen=True, slots=True)
class _SharedBank:
    folder: Path
    wanted_port: int
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the port file, when there is one, was written by a bank that is being run."""

    @property
    def port_file(self) -> Path:
        return self.folder / "port"

    @property
    def last_port_file(self) -> Path:
        """Where the bank was: what answers there now may be anybody."""
        return self.folder / "port.last"

    async def keep(self) -> None:
        """Run the bank as soon as, and as long as, nobody else does."""
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not _locked(lock):
                self.looked.set()
                await asyncio.sleep(_TRY_AGAIN_S)
            with suppress(FileNotFoundError):
                self.port_file.rename(self.last_port_file)
            self.looked.set()
            await self._run()
        finally:
            os.close(lock)  # which is what lets the next one have it

    async def _run(self) -> None:
        options = SandboxOptions(state_file=self.folder / "state.json")
        port = self.wanted_port or _port_in(self.last_port_file)
        try:
            await self._serve(options, port)
        except OSError:
            if not port or self.wanted_port:
                raise
            await self._serve(options, 0)  # somebody else has taken our port meanwhile

    async def _serve(self, options: SandboxOptions, port: int) -> None:
        async with running_sandbox(options, port) as bank:
            draft = self.port_file.with_suffix(".new")
            draft.write_text(bank.url.rpartition(":")[2])
            draft.rename(self.port_file)
            await asyncio.Event().wait()

    async def found(self, keeping: "asyncio.Task[None]") -> RunningSandbox:
        """Wait until the bank answers, whoever runs it."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                if keeping.done():
                    keeping.result()
                port = _port_in(self.port_file) if self.looked.is_set() else 0
                if port and await _answers(port):
                    return RunningSandbox(f"http://{HOST}:{port}")
                await asyncio.sleep(0.01)


def _port_in(file: Path) -> int:
    try:
        return int(file.read_text())
    except (FileNotFoundError, ValueError):
        return 0


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True
