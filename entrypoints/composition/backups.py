"""Backups: the secrets in one encrypted file, and the whole home where the database is our own.

A server's database is not in it: forced row level security stands before the role that owns the
tables, too, and whoever runs that server has tools of their own for it. What a home's backup holds
is listed in FILES; logs and mails are not.
"""

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from adapters.backup.encrypted import USUAL_COST, Cost, Writer
from adapters.backup.errors import BackupError
from adapters.backup.parts import PartsWriter
from adapters.embedded import binaries, dump
from adapters.embedded.server import Address as EmbeddedAddress
from adapters.postgres.address import Address
from adapters.postgres.revision import newest_revision
from domain.secrets.ring import RingName
from domain.shared.secret import Secret
from entrypoints.composition import secrets_file
from entrypoints.composition import settings_values as values
from entrypoints.composition.live_keys import LiveKeys
from entrypoints.composition.settings import RING_SETTINGS, Settings

FILES: Final = ("demo.json", "sandbox/state.json")
"""What of a home belongs into its backup, beside the secrets and the database."""
PASSPHRASE_MIN: Final = 15
HOME_KIND: Final = "home"
SECRETS_KIND: Final = "secrets"
MANIFEST, SECRETS, DATABASE = "manifest", "secrets", "database"


@dataclass(frozen=True, slots=True)
class BackupMade:
    kind: str
    size: int


def passphrase_of(text: str) -> Secret:
    """For a backup that is to be made: whoever gets the file may try as often as they like."""
    if len(text) < PASSPHRASE_MIN:
        raise BackupError(
            f"the passphrase has {len(text)} characters and needs at least {PASSPHRASE_MIN}: a few"
            " words that nobody would guess together are best"
        )
    return Secret(text)


def kind_of(settings: Settings) -> str:
    return SECRETS_KIND if settings.secrets_file is None else HOME_KIND


async def back_up(
    settings: Settings,
    made: Mapping[str, str],
    target: Path,
    passphrase: Secret,
    cost: Cost = USUAL_COST,
) -> BackupMade:
    """Write everything to `target`, which must not be there yet. `made` says by whom and when.

    Raises:
        BackupError, EmbeddedError: there is no backup then.
    """
    return await asyncio.to_thread(_back_up, settings, made, target, passphrase, cost)


def _back_up(
    settings: Settings, made: Mapping[str, str], target: Path, passphrase: Secret, cost: Cost
) -> BackupMade:
    kept, kind = settings.secrets_file, kind_of(settings)
    manifest = {**made, "kind": kind, "revision": newest_revision()}
    if kept is not None:
        manifest["postgres"] = binaries.VERSION
    with _written(target) as file:
        sealed = Writer.begin(file, passphrase, cost)
        parts = PartsWriter(sealed)
        parts.whole(MANIFEST, json.dumps(manifest).encode())
        before = _secrets(settings)
        if kept is not None:
            parts.name(DATABASE)
            dump.dump(_embedded(settings), parts.block)
            parts.end_part()
            for name in FILES:
                if (settings.home / name).exists():
                    parts.whole(name, (settings.home / name).read_bytes())
        if _secrets(settings) != before:
            raise BackupError("the keys were turned while the backup was made: make it again")
        parts.whole(SECRETS, before.encode())
        parts.end()
        sealed.close()
        size = file.tell()
    return BackupMade(kind, size)


def _embedded(settings: Settings) -> EmbeddedAddress:
    if settings.database_owner_url is None:
        raise ValueError("the embedded database must be started before it is backed up")
    folder = Address.of(settings.database_owner_url.reveal()).host
    return EmbeddedAddress(Path(folder or ""))


def _secrets(settings: Settings) -> str:
    """As a secrets file would say it; what the environment decides is in it as it was decided."""
    rings = LiveKeys.of(settings).rings
    decided: dict[str, Any] = {
        RING_SETTINGS[name]: values.ring_text(rings[name]()) for name in RingName
    }
    decided["DALER_LOOKUP_KEY"] = values.key_text(settings.lookup_key)
    decided["DALER_CURSOR_KEY"] = values.key_text(settings.cursor_key)
    kept = settings.secrets_file
    others = secrets_file.read(kept.path) if kept is not None else {}
    lines = [f"{name}={text}" for name, text in {**others, **decided}.items()]
    return "\n".join((*secrets_file.HEADER.splitlines(), *lines, ""))


@contextmanager
def _written(target: Path) -> Iterator[IO[bytes]]:
    """A file for us alone, under its name only once it is whole."""
    if target.exists():
        raise BackupError(f"{target} is there already: choose another name, or move it away")
    draft = target.with_name(f"{target.name}.new")
    try:
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BackupError(f"{target} cannot be written ({error.strerror})") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # Not `rename`, which would take the place of a file that came meanwhile.
        os.link(draft, target)
    except OSError as error:
        raise BackupError(f"{target} cannot be written ({error.strerror})") from error
    finally:
        draft.unlink(missing_ok=True)
