"""The real OpenID provider, as a child process; installed once, outside of what is committed."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import httpx

HERE: Final = Path(__file__).parent
CACHE: Final = HERE.parents[1] / ".cache"
NODE_MIN: Final = 20
CLIENT_ID: Final = "daler"
CLIENT_SECRET: Final = "a secret between two tests"  # noqa: S105 - made up here
CALLBACK: Final = "https://daler.test/api/v1/auth/bankid/callback"
_PATIENCE_S: Final = 300


class NoNodeError(Exception):
    """It cannot run here; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class RealProvider:
    issuer: str
    control: str

    def next(self, **what: object) -> None:
        """Who signs in from now on: `sub`, `acr`, `amr` and `claims`, or an `error`."""
        httpx.post(self.control, json=what).raise_for_status()


@contextmanager
def running_provider() -> Iterator[RealProvider]:
    """Raises NoNodeError."""
    node, folder = _program("node"), installed()
    client = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [CALLBACK],
    }
    process = subprocess.Popen(
        [node, str(folder / "provider.mjs"), json.dumps(client)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # It warns of what matters in production: keys and sessions kept in memory.
        stderr=subprocess.DEVNULL,
        text=True,
    )
    # Closing its standard input ends it, as does our own end, whatever that is.
    with process:
        try:
            assert process.stdout is not None
            told = process.stdout.readline()
            if not told:
                raise NoNodeError(f"the OpenID provider ended with {process.wait()}")
            yield RealProvider(**json.loads(told))
        finally:
            process.terminate()


def installed() -> Path:
    """The folder with the provider and the exact packages of the lock file.

    Raises:
        NoNodeError
    """
    npm = _program("npm")
    _ensure_new_enough()
    files = [HERE / name for name in ("package.json", "package-lock.json", "provider.mjs")]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    folder = CACHE / f"oidc-{digest[:16]}"
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "oidc.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _install(npm, files, folder)
    return folder


def _install(npm: str, files: list[Path], folder: Path) -> None:
    draft = Path(mkdtemp(dir=CACHE, prefix="oidc-draft-"))
    for file in files:
        shutil.copy(file, draft)
    try:
        # No script of any package runs, and nothing is installed that the lock file does not name.
        subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=draft,
            check=True,
            capture_output=True,
            timeout=_PATIENCE_S,
        )
        draft.rename(folder)
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise NoNodeError(f"npm could not install the OpenID provider: {error}") from error


def _ensure_new_enough() -> None:
    asked = subprocess.run(
        [_program("node"), "--version"], capture_output=True, text=True, check=True
    )
    major = asked.stdout.removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < NODE_MIN:
        raise NoNodeError(f"Node.js {asked.stdout.strip()} is too old: {NODE_MIN} or newer")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise NoNodeError(f"{name} is not installed: the OpenID provider needs Node.js and npm")
    return found


def required() -> bool:
    """Where everything has to be tested, a missing Node is a failure."""
    return os.environ.get("CI") == "true"
