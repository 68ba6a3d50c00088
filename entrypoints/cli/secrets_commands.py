"""`daler secrets`, as it is typed; and what it does before a house can be opened."""

import getpass
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from domain.shared.secret import Secret
from entrypoints.cli.process import FAILED, MISUSED, OK, run_command
from entrypoints.cli.say import complain, say
from entrypoints.composition.settings import home_of
from entrypoints.composition.settings_parts import PASSPHRASE

secrets = App(name="secrets", help="Look after keys, and back them up.")

PassphraseFile = Annotated[
    Path | None,
    Parameter(help=f"Holds the passphrase. Without it: {PASSPHRASE}, or you are asked."),
]
NO_PASSPHRASE: Final = (
    f"a passphrase is needed: --passphrase-file FILE, or {PASSPHRASE} in the environment"
)


@secrets.command
def validate() -> int:
    """Check strength, age, use and keeping of every key; exit code 1 if something is wrong."""
    home = home_of(os.environ)
    if home is not None and not (home / ".env").exists() and not (home / "postgres").exists():
        complain(f"there is no Daler in {home} yet, and so there are no keys")
        return FAILED
    return min(run_command("secrets-validate"), FAILED)


@secrets.command(name="rotate-jwt")
def rotate_jwt(
    *,
    compromised: Annotated[
        bool, Parameter(help="Somebody else may have the old keys: drop them at once.")
    ] = False,
) -> int:
    """Sign access tokens, and derive refresh tokens, with new keys; old ones verify for 7 days."""
    return run_command("secrets-rotate-jwt", compromised=compromised)


@secrets.command(name="rotate-encryption")
def rotate_encryption(
    *,
    retire: Annotated[
        bool, Parameter(help="Throw away the old keys, once they lock nothing any more.")
    ] = False,
    further: Annotated[
        bool, Parameter(help="Make another key although older values are still on their way.")
    ] = False,
) -> int:
    """Encrypt with a new key, and take along what older ones have encrypted."""
    if retire and further:
        complain("--retire throws keys away and --further makes one: choose")
        return MISUSED
    return run_command("secrets-rotate-encryption", retire=retire, further=further)


@secrets.command
def backup(file: Path, /, *, passphrase_file: PassphraseFile = None) -> int:
    """Write the secrets, and an embedded installation's data, into one encrypted file."""
    from entrypoints.composition.backups import passphrase_of  # noqa: PLC0415 - only here
    from entrypoints.composition.restores import CANNOT_RESTORE  # noqa: PLC0415

    try:
        passphrase = passphrase_of(_passphrase(os.environ, passphrase_file, twice=True))
    except (*CANNOT_RESTORE, _NoPassphraseError) as error:
        complain(str(error))
        return MISUSED
    return run_command("secrets-backup", file=file, passphrase=passphrase)


@secrets.command
def restore(file: Path, /, *, passphrase_file: PassphraseFile = None) -> int:
    """Restore a backup into an empty home, or show the secrets of a server's."""
    from entrypoints.composition.restores import CANNOT_RESTORE  # noqa: PLC0415 - only here
    from entrypoints.composition.restores import restore as restored_from  # noqa: PLC0415

    try:
        passphrase = Secret(_passphrase(os.environ, passphrase_file, twice=False))
        done = restored_from(os.environ, file, passphrase, complain)
    except _NoPassphraseError as error:
        complain(str(error))
        return MISUSED
    except CANNOT_RESTORE as error:
        complain(str(error))
        return FAILED
    if done.home is None:
        complain("this backup holds a server's secrets: set these for every process of it")
        for name, text in done.to_set.items():
            say(f"{name}={text.reveal()}")
        return OK
    say(f"Restored into {done.home}.")
    return run_command("secrets-restored")


class _NoPassphraseError(Exception):
    """None was given, or it cannot be read; the message is for people."""


def _passphrase(environment: Mapping[str, str], file: Path | None, *, twice: bool) -> str:
    if file is not None:
        try:
            return file.read_text().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise _NoPassphraseError(f"{file} cannot be read: {NO_PASSPHRASE}") from error
    if environment.get(PASSPHRASE):
        return environment[PASSPHRASE]
    if not sys.stdin.isatty():
        raise _NoPassphraseError(NO_PASSPHRASE)
    given = getpass.getpass("Passphrase of the backup: ")
    if twice and getpass.getpass("Once more: ") != given:
        raise _NoPassphraseError("the two were not the same: nothing was done")
    return given
