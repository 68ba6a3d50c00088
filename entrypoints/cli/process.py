"""What every command has around it: settings, a database on its way, and errors for people."""

import gc
import os
from typing import Any, Final

from entrypoints.cli.say import complain
from entrypoints.composition.begin import CANNOT_BEGIN, begin

OK: Final = 0
FAILED: Final = 1
MISUSED: Final = 2
"""Settings or arguments are wrong: nothing was begun."""


def run_command(name: str, **arguments: Any) -> int:  # noqa: ANN401 - each command has its own
    """Run `entrypoints.cli.commands.<name>` in an open house; returns the exit code."""
    try:
        beginning = begin(os.environ)
    except CANNOT_BEGIN as error:
        for line in str(error).splitlines():
            complain(line)
        return MISUSED
    try:
        # Nothing that is imported becomes garbage, and looking for some takes a fifth of the time.
        gc.disable()
        # Only now: PostgreSQL is starting while everything else is imported.
        from entrypoints.cli.commands import run_in_house  # noqa: PLC0415

        gc.freeze()
        gc.enable()
        return run_in_house(beginning, name, arguments)
    finally:
        beginning.end()
