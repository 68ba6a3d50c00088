"""Every command by its name, and the open house it runs in."""

import asyncio
import errno
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final

import uvloop

from domain.shared.errors import DalerError
from entrypoints.cli import (
    administration,
    backups,
    everything,
    importing,
    people,
    replaying,
    roles,
    secrets,
)
from entrypoints.cli.mail import show_mail
from entrypoints.cli.say import complain
from entrypoints.composition.begin import CANNOT_BEGIN, Beginning
from entrypoints.composition.house import UnfitDatabaseError, open_house
from entrypoints.logs import configure_logs

FAILED: Final = 1
MISUSED: Final = 2


@dataclass(frozen=True, slots=True)
class Command:
    """`do` runs in the open house until the event is set, and returns the exit code."""

    do: Callable[..., Awaitable[int]]
    banks: bool = False
    """Whether it talks to banks, so that the sandbox bank must be there."""
    logs_to_file: bool = False
    """Whether the terminal belongs to the person, and logs go to a file."""
    brief: bool = False
    """Whether it answers and ends, so that only trouble is worth a line of log."""


COMMANDS: Final[Mapping[str, Command]] = {
    "run": Command(everything.run, banks=True, logs_to_file=True),
    "demo": Command(everything.demo, banks=True, logs_to_file=True),
    "serve": Command(roles.serve, banks=True),
    "worker": Command(roles.work, banks=True),
    "scheduler": Command(roles.schedule),
    # Its worker may be given any job, a bank's too.
    "import": Command(importing.import_file, banks=True, brief=True),
    "jobs-list": Command(administration.list_jobs, brief=True),
    "jobs-requeue": Command(administration.requeue_job, brief=True),
    "mail": Command(show_mail, brief=True),
    # Its worker may be given any job, too.
    "matcher-replay": Command(replaying.replay, banks=True, brief=True),
    "audit-verify": Command(administration.verify_audit, brief=True),
    "secrets-validate": Command(secrets.validate, brief=True),
    "secrets-rotate-jwt": Command(secrets.rotate_jwt, brief=True),
    # Its worker may be given any job, too.
    "secrets-rotate-encryption": Command(secrets.rotate_encryption, banks=True, brief=True),
    "secrets-backup": Command(backups.backup, brief=True),
    "secrets-restored": Command(backups.restored, brief=True),
    "users-list": Command(people.list_people, brief=True),
    "users-show": Command(people.show, brief=True),
    "users-ban": Command(people.ban, brief=True),
    "users-unban": Command(people.unban, brief=True),
    "users-lock": Command(people.lock, brief=True),
    "users-unlock": Command(people.unlock, brief=True),
    "users-sessions": Command(people.sessions, brief=True),
    "admin-create": Command(people.create_admin, brief=True),
    "admin-grant": Command(people.grant, brief=True),
}


def run_in_house(beginning: Beginning, name: str, arguments: Mapping[str, Any]) -> int:
    """Everything expected is said in one sentence; what is not keeps its traceback."""
    try:
        return uvloop.run(_run(beginning, name, arguments))
    except (*CANNOT_BEGIN, UnfitDatabaseError) as error:
        complain(str(error))
        return MISUSED
    except DalerError as error:
        complain(str(error))
        return FAILED
    except OSError as error:
        complain(_said(error, beginning))
        return MISUSED if _no_such_host(error) else FAILED
    except KeyboardInterrupt:
        return FAILED


def _said(error: OSError, beginning: Beginning) -> str:
    """A port that is taken, a folder that cannot be written: theirs to mend."""
    if error.errno == errno.EADDRINUSE:
        settings = beginning.settings
        return (
            f"port {settings.port} of {settings.host} is taken by another program: end that one,"
            " or choose another port with DALER_PORT"
        )
    if _no_such_host(error):
        return (
            f"DALER_HOST is {beginning.settings.host!r}, which is no address of this machine:"
            " write one of its own, such as 127.0.0.1, or 0.0.0.0 for all of them"
        )
    return str(error)


def _no_such_host(error: OSError) -> bool:
    return "attempting to bind on address" in str(error) and error.errno not in {
        errno.EADDRINUSE,
        errno.EACCES,
    }


async def _run(beginning: Beginning, name: str, arguments: Mapping[str, Any]) -> int:
    settings = beginning.settings
    if name == "migrate":
        configure_logs("console", "WARNING")
        return await administration.migrate(beginning)
    command = COMMANDS[name]
    stop = _stop_on_signals()
    async with AsyncExitStack() as stack:
        if command.logs_to_file:
            stack.enter_context(everything.logs_in(settings.home))
        else:
            configure_logs(
                "json" if settings.log_format == "json" else "console",
                "WARNING" if command.brief else settings.log_level.upper(),
            )
        house = await stack.enter_async_context(
            open_house(settings, beginning.database, complain, banks=command.banks)
        )
        return await command.do(house, stop, **arguments)


def _stop_on_signals() -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
