"""Starting a program as the server's account, in a clean environment."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from adapters.embedded.layout import Account

PR_SET_PDEATHSIG = 1
# Nothing of ours: a PGDATA or PGOPTIONS in the person's shell is meant for another server.
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Children:
    account: Account | None
    folder: Path
    """Where the children stand; the account can enter it."""

    def start(
        self, command: Sequence[str], log: IO[bytes], keep_open: int | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a child that ends, in an orderly way, when the thread that started it ends."""
        keeper, prctl = os.getpid(), _prctl()

        def end_with_the_keeper() -> None:
            # After the change of account, which would undo it.
            if prctl is not None:
                prctl(PR_SET_PDEATHSIG, signal.SIGINT)
            if os.getppid() != keeper:
                os._exit(1)  # the keeper ended before we could ask to be told

        # The child runs nothing but two system calls between fork and exec.
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=ENVIRONMENT,
            cwd=self.folder,
            umask=0o077,
            user=None if self.account is None else self.account.uid,
            group=None if self.account is None else self.account.gid,
            extra_groups=None if self.account is None else [],
            pass_fds=() if keep_open is None else (keep_open,),
            preexec_fn=end_with_the_keeper,  # noqa: PLW1509
        )


def _prctl() -> Callable[[int, int], int] | None:
    """Linux can tell a child of its parent's death; elsewhere the next start finds the orphan."""
    return ctypes.CDLL(None).prctl if sys.platform == "linux" else None
