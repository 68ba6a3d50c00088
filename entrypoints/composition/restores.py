"""Restoring a backup: looked through whole before anything is done, and then done wholly.

Whoever was signed in is not any more, and no API key works: what ended since the backup was made
would begin again. Until that is done, the home is not one that could be started.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from adapters.backup.encrypted import opened
from adapters.backup.errors import BackupError
from adapters.backup.parts import PartsReader
from adapters.embedded import binaries, dump
from adapters.embedded.erase import erase
from adapters.embedded.layout import EmbeddedError
from adapters.embedded.server import EmbeddedPostgres, wait_until_ended
from adapters.postgres.identity.restored import ENDING
from adapters.postgres.revision import newest_revision
from domain.shared.secret import Secret
from entrypoints.composition.backups import DATABASE, FILES, HOME_KIND, MANIFEST, SECRETS
from entrypoints.composition.secrets_file import RESTORING
from entrypoints.composition.settings import home_of

PATIENCE_S: Final = 60.0

CANNOT_RESTORE = (BackupError, EmbeddedError)
"""What is wrong is in the message, and for people."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Restored:
    kind: str
    home: Path | None
    to_set: Mapping[str, Secret]
    """What a server's operator sets, where the backup is of secrets alone."""


def restore(
    environment: Mapping[str, str], source: Path, passphrase: Secret, progress: Progress
) -> Restored:
    """Fill the empty home of this environment from a backup of another one.

    Raises:
        BackupError, EmbeddedError: nothing was restored.
    """
    try:
        with source.open("rb") as file:
            progress("looking through the backup")
            manifest = _looked_through(file, passphrase)
            file.seek(0)
            if manifest["kind"] != HOME_KIND:
                return Restored(manifest["kind"], None, _settings_in(file, passphrase))
            home = _place(environment)
            with _filling(home):
                _fill(home, PartsReader(opened(file, passphrase)), progress)
    except OSError as error:
        at = error.filename or source
        raise BackupError(f"{at} cannot be read or written ({error.strerror})") from error
    return Restored(HOME_KIND, home, {})


def _looked_through(file: IO[bytes], passphrase: Secret) -> Mapping[str, Any]:
    """The manifest, once every part is known to be whole and not newer than we are."""
    parts = PartsReader(opened(file, passphrase))
    if parts.next_name() != MANIFEST:
        raise BackupError("the backup cannot be understood by this version of Daler")
    manifest: dict[str, Any] = json.loads(b"".join(parts.blocks()))
    newer = manifest["revision"] > newest_revision() or (
        manifest["kind"] == HOME_KIND and int(manifest["postgres"]) > int(binaries.VERSION)
    )
    if newer:
        raise BackupError(
            f"the backup was made by a newer Daler ({manifest.get('version', 'unknown')}): use"
            " that version, or a newer one"
        )
    parts.to_the_end()
    return manifest


def _settings_in(file: IO[bytes], passphrase: Secret) -> Mapping[str, Secret]:
    parts = PartsReader(opened(file, passphrase))
    while (name := parts.next_name()) is not None:
        if name == SECRETS:
            lines = b"".join(parts.blocks()).decode().splitlines()
            pairs = (line.partition("=") for line in lines if line.startswith("DALER_"))
            return {setting: Secret(text) for setting, _, text in pairs}
    return {}


def _place(environment: Mapping[str, str]) -> Path:
    home = home_of(environment)
    if home is None:
        raise BackupError(
            "this is the backup of an embedded installation, database and all: unset"
            " DALER_DATABASE_URL to restore it"
        )
    if not home.exists() or (home / RESTORING).exists():
        return home
    if any(home.iterdir()):
        raise BackupError(
            f"{home} is not empty: a backup is restored into an empty home only; set DALER_HOME to"
            " another folder, or move this one away"
        )
    return home


@contextmanager
def _filling(home: Path) -> Iterator[None]:
    """What goes wrong leaves nothing; what is cut off is cleared away by the next try."""
    _clear(home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / RESTORING).touch(mode=0o600)
    try:
        yield
    except BaseException:
        _clear(home)
        raise
    (home / RESTORING).unlink()


def _clear(home: Path) -> None:
    if not (home / RESTORING).exists():
        return
    if (home / "postgres").exists():
        wait_until_ended(home, PATIENCE_S)
        erase(home)
    for path in home.iterdir():
        if path.name != RESTORING:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (home / RESTORING).unlink()


def _fill(home: Path, parts: PartsReader, progress: Progress) -> None:
    while (name := parts.next_name()) is not None:
        if name == DATABASE:
            progress("restoring the database")
            with EmbeddedPostgres.join(home) as address:
                dump.load(address, parts.blocks())
                dump.change(address, ENDING)
        elif name in FILES:
            _write(home / name, parts.blocks())
        elif name == SECRETS:
            # The last part: a home without it cannot be started.
            _write(home / ".env", parts.blocks())


def _write(path: Path, blocks: Iterator[bytes]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for block in blocks:
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
