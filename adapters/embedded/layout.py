"""Where the embedded PostgreSQL keeps what it has, and who may touch it.

Everything lies in `<home>/postgres`, except as root: PostgreSQL refuses to run as root, and the
account it runs as must be able to reach its files although `<home>` may lie under a folder (such as
root's own) that it cannot enter. Instead of opening such folders, root's data gets a place of its
own under `/var/lib/daler`, and `<home>/postgres/place` says which.
"""

import hashlib
import os
import pwd
import secrets
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOTS_STORE = Path("/var/lib/daler")
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_MAX = 100
"""The kernel's limit is 107 bytes (103 on some systems); PostgreSQL adds its file's name."""


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot run; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Locks:
    """Who is there: the kernel lets go of these locks however a process ends."""

    folder: Path

    @property
    def users(self) -> Path:
        """Shared by every process that uses the server; the keeper waits to have it alone."""
        return self.folder / "users.lock"

    @property
    def keeper(self) -> Path:
        """Held by the one keeper, from before it is started until it has ended."""
        return self.folder / "keeper.lock"

    @property
    def state(self) -> Path:
        return self.folder / "state.json"

    @property
    def keeper_log(self) -> Path:
        return self.folder / "keeper.log"


@dataclass(frozen=True, slots=True)
class Account:
    """Whom PostgreSQL runs as, when we are root."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one server. Only the keeper, holding its lock, changes anything here."""

    folder: Path
    account: Account | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    @property
    def lock(self) -> Path:
        """Held by the processes of PostgreSQL themselves, down to the last orphan."""
        return self.folder / "data.lock"

    def own(self, path: Path) -> Path:
        """Make a folder that only the server's account can enter; one that is there is kept."""
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
            if self.account is not None:
                os.chown(path, self.account.uid, self.account.gid)
        return path


def locks_of(home: Path) -> Locks:
    """The folder `<home>/postgres`, made when missing. Nothing that exists changes its mode."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = home / "postgres"
    folder.mkdir(mode=0o700, exist_ok=True)
    return Locks(folder)


def place_of(locks: Locks, store: Path = ROOTS_STORE) -> Place:
    """Where this home's server lives. Called by the keeper only.

    Raises:
        EmbeddedError: the data belongs to another account.
    """
    owner = locks.folder.stat().st_uid
    if os.geteuid() != 0:
        if owner != os.geteuid():
            raise EmbeddedError(_other_account(locks.folder, owner))
        return Place(locks.folder, None)
    if owner != 0 or (locks.folder / "data").exists():
        raise EmbeddedError(_other_account(locks.folder, owner))
    return Place(_roots_place(locks, store), unprivileged_account())


def passable(folder: Path) -> None:
    """Make a folder that other accounts can pass through; one that is there is left as it is."""
    with suppress(FileExistsError):
        folder.mkdir(parents=True)
        folder.chmod(0o711)  # whatever the umask says


def unprivileged_account() -> Account:
    """`daler` where an administrator made it, to keep the data apart from what else is nobody's."""
    for name in ("daler", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid != 0:
                return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        "PostgreSQL cannot run as root, and there is neither an account 'daler' nor 'nobody' to"
        " run it as: make one with 'useradd --system daler', or start daler as an ordinary user"
    )


def socket_folder(place: Place) -> Path:
    """Where the server listens: a folder of ours that nobody else may enter.

    A home with a long name gets a short folder elsewhere: the kernel cuts socket paths short.
    """
    folder = place.folder / "run"
    if len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_MAX:
        return place.own(folder)
    digest = hashlib.sha256(os.fsencode(place.folder.resolve())).hexdigest()[:16]
    parent = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    short = place.own(parent / f"daler-{digest}")
    found = short.lstat()
    # Others may write to the parent: a folder that was there before us may be a trap.
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == stat.S_IRWXU
    if not private or found.st_uid != os.geteuid():
        raise EmbeddedError(
            f"{short} is not a private folder of this account: remove it, or choose a DALER_HOME"
            " with a shorter path"
        )
    return short


def _roots_place(locks: Locks, store: Path) -> Path:
    note = locks.folder / "place"
    if note.exists():
        return Path(note.read_text().strip())
    # A random name, not one made from the path: a home that is deleted and made again starts
    # afresh, and a home that is moved takes its data with it.
    folder = store / secrets.token_hex(8)
    passable(store)
    passable(folder)
    (folder / "home").write_text(f"{locks.folder.resolve()}\n")
    draft = note.with_suffix(".new")
    draft.write_text(f"{folder}\n")
    draft.rename(note)
    return folder


def _other_account(folder: Path, uid: int) -> str:
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return f"the data in {folder} belongs to the account '{name}': start daler as that account"
