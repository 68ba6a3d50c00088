"""`daler run` and `daler demo`: the whole of Daler in one process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from application.identity.mail.mails import KeptMails
from entrypoints.cli.demo import Demo, Login
from entrypoints.cli.roles import until_stopped
from entrypoints.cli.say import complain, say
from entrypoints.cli.version import installed_version
from entrypoints.composition.house import House
from entrypoints.composition.running import answer, keep_time, work
from entrypoints.composition.settings import Settings
from entrypoints.logs import configure_logs

LOG_BYTES_MAX: Final = 10_000_000
NO_DEMO: Final = (
    "the demo needs the sandbox bank, which stays away when DALER_DATABASE_URL or credentials of"
    " Tink or Plaid are set, or DALER_SANDBOX is off"
)


async def run(house: House, stop: asyncio.Event) -> int:
    """Everything until asked to stop; at the first start, the demo."""
    return await _everything(house, stop, then_end=False)


async def demo(house: House, stop: asyncio.Event) -> int:
    """Everything until the demo has been shown."""
    return await _everything(house, stop, then_end=True)


async def _everything(house: House, stop: asyncio.Event, *, then_end: bool) -> int:
    container, settings = house.container, house.settings
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    show = asyncio.create_task(_show(house, ready, stop, then_end=then_end), name="demo")
    tasks = (
        asyncio.create_task(
            answer(container, settings, installed_version(), ready.set_result), name="api"
        ),
        asyncio.create_task(work(container, settings, stop), name="worker"),
        asyncio.create_task(keep_time(container, stop), name="scheduler"),
    )
    try:
        await until_stopped(stop, *tasks)
        if not then_end:
            say("Stopped.")
    finally:
        show.cancel()
        await asyncio.gather(show, return_exceptions=True)
    return 0 if not then_end or _ended_well(show) else 1


def _ended_well(show: "asyncio.Task[bool]") -> bool:
    return not show.cancelled() and show.exception() is None and show.result()


async def _show(
    house: House, ready: "asyncio.Future[str]", stop: asyncio.Event, *, then_end: bool
) -> bool:
    """Whether the demo could be shown. A demo that fails never takes the house down."""
    address = await ready
    settings = house.settings
    shown = True
    if settings.sandbox:
        try:
            await Demo(
                address,
                f"{sandbox_of(settings)}/plaid-link",
                Login.kept_in(settings.home),
                await house.container.get(KeptMails),
            ).show()
        except Exception as error:  # noqa: BLE001 - it is only the demo
            if stop.is_set():
                return False
            shown = False
            complain(f"the demo could not be finished ({error}); 'daler demo' tries again")
    elif then_end:
        shown = False
        complain(NO_DEMO)
    if then_end:
        stop.set()
        return shown
    say("")
    say(f"  Daler answers on  {address}")
    say(f"  documentation     {address}/docs")
    say(f"  health            {address}/health/ready")
    say(f"  metrics           {address}/metrics")
    if settings.sandbox:
        say(f"  sandbox bank      {sandbox_of(settings)}")
    if settings.mail.server is None:
        say(f"  mails             {settings.mail.folder}   ('daler mail' shows them)")
    say(f"  logs              {log_file(settings.home)}")
    say("")
    say("  Ctrl-C stops it; what is in the ledger stays.")
    return shown


def sandbox_of(settings: Settings) -> str:
    """It plays Plaid below its own address, and Plaid's widget beside that."""
    if settings.plaid is None:
        raise ValueError("the sandbox bank plays Plaid, and these settings have none")
    return settings.plaid.api_url.removesuffix("/plaid")


def log_file(home: Path) -> Path:
    return home / "daler.log"


@contextmanager
def logs_in(home: Path) -> Iterator[None]:
    """Logs go to a file: the terminal is for the person. One earlier file is kept."""
    path = log_file(home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_suffix(".log.1"))
    with path.open("a", encoding="utf-8", buffering=1) as file:
        configure_logs("json", "INFO", to=file)
        yield
