"""`$DALER_HOME/.env`: the secrets of an embedded installation, made at its first start.

The file is written whole under another name and then renamed, while its folder is locked: two that
start at once end up with the same secrets, and nobody ever reads half a file.
"""

import os
import secrets
import stat
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.crypto.keys import KEY_BYTES
from adapters.embedded import locks
from entrypoints.composition.settings_source import PREFIX, SettingsError

RINGS: Final = ("DALER_ENCRYPTION_KEYS", "DALER_JWT_KEYS", "DALER_REFRESH_KEYS")
KEYS: Final = ("DALER_LOOKUP_KEY", "DALER_CURSOR_KEY")
# These decide which file is read, or whether one is; a passphrase lies not beside what it locks.
NOT_HERE: Final = (
    "DALER_HOME",
    "DALER_DATABASE_URL",
    "DALER_DATABASE_OWNER_URL",
    "DALER_BACKUP_PASSPHRASE",
)
RESTORING: Final = "restore-unfinished"
"""A file that is in a home from the first to the last step of a restore."""
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
HEADER: Final = """\
# The secrets of this installation of Daler, made at its first start, and any other setting you
# like to put here. What is set in the environment wins. Keep a copy in a safe place: without
# DALER_ENCRYPTION_KEYS and DALER_LOOKUP_KEY nobody can read what the database holds.
"""


def fresh_secrets() -> Mapping[str, str]:
    made = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    return {name: f"1@{made}:{_random()}" for name in RINGS} | {name: _random() for name in KEYS}


def refuse_half_restored(home: Path) -> None:
    """Raises SettingsError: a backup was being restored here, and not all of it is there."""
    if (home / RESTORING).exists():
        raise SettingsError(
            f"a restore into {home} is under way or was cut off: let it end, or run 'daler secrets"
            " restore' again, which begins anew"
        )


def read(path: Path) -> Mapping[str, str]:
    """The settings in the file; none when there is no file.

    Raises:
        SettingsError: it cannot be read or understood, or others can read it.
    """
    try:
        mode, text = path.stat().st_mode, path.read_text()
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not a text file: write {PREFIX}NAME=value") from error
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read ({error.strerror}): set DALER_HOME to a folder of yours"
        ) from error
    if mode & OTHERS:
        raise SettingsError(f"{path} can be read by others: run 'chmod 600 {path}'")
    return dict(_settings(path, text))


def complete(path: Path, wanted: Mapping[str, str]) -> Mapping[str, str]:
    """Add those of `wanted` that the file has not got; returns all that it has then.

    Raises:
        SettingsError: as `read`, or the file is gone while the database made with it is there.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(path.parent):
            found = read(path)
            added = {name: wanted[name] for name in wanted if not found.get(name)}
            if added:
                _refuse_if_lost(path)
                _append(path, added)
            return {**found, **added}
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be written ({error.strerror}): set DALER_HOME to a folder of yours"
        ) from error


def replace(path: Path, change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> None:
    """Give settings in the file other values, all of them at once, and leave its other lines alone.

    `change` is told what the file says while nobody else can change it.

    Raises:
        SettingsError: as `read`, or the file cannot be written.
    """
    try:
        with _locked(path.parent):
            values = dict(change(read(path)))
            lines = path.read_text().splitlines()
            for place, line in enumerate(lines):
                name = line.partition("=")[0].strip()
                if name in values:
                    lines[place] = f"{name}={values[name]}"
            _write(path, "".join(f"{line}\n" for line in lines))
    except OSError as error:
        raise SettingsError(f"{path} cannot be written ({error.strerror})") from error


def _refuse_if_lost(path: Path) -> None:
    """Fresh keys would not open what the lost ones have locked: say so before anything is done."""
    database = path.parent / "postgres"
    if not path.exists() and any((database / name).exists() for name in ("data", "place")):
        raise SettingsError(
            f"{path} is gone, and the database beside it cannot be read without its keys: put the"
            f" file back from a copy, or delete {path.parent} to start afresh"
        )


def _append(path: Path, added: Mapping[str, str]) -> None:
    before = path.read_text() if path.exists() else HEADER
    if not before.endswith("\n"):
        before += "\n"
    _write(path, before + "".join(f"{name}={value}\n" for name, value in added.items()))


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # a key that locked something must not be gone after a power cut
    finally:
        os.close(folder)


def _settings(path: Path, text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, separator, value = (part.strip() for part in line.partition("="))
        if not separator or not name.startswith(PREFIX):
            raise SettingsError(f"{path}, line {number}: write {PREFIX}NAME=value")
        if name in NOT_HERE:
            raise SettingsError(f"{path}, line {number}: {name} belongs into the environment")
        yield name, _unquoted(value)


def _unquoted(value: str) -> str:
    for quote in ("'", '"'):
        if len(value) > 1 and value[0] == value[-1] == quote:
            return value[1:-1]
    return value


def missing(names: Iterable[str], *sources: Mapping[str, str]) -> list[str]:
    return [name for name in names if not any(source.get(name, "").strip() for source in sources)]


def _random() -> str:
    return b64encode(secrets.token_bytes(KEY_BYTES)).decode()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        locks.wait_for(descriptor)
        yield
    finally:
        os.close(descriptor)
