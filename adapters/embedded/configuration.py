"""What the embedded server is told at every start, so that a newer program's wishes apply."""

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

from adapters.embedded.layout import EmbeddedError, Place

# The folder of the socket lets only our account (and root) in, so `trust` would be as strong
# today. `peer` makes the kernel vouch for the caller as well: still closed should somebody open
# that folder by hand. A password would lie beside the data it protects. Whoever runs as our
# account may take any role: they could read the data folder anyway.
HBA = "local all all peer map=daler\n"

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    # One person's rows are few: a second process costs more than it brings.
    "max_parallel_workers_per_gather": "0",
    # Files of ours, where the default would be emptied when its user signs out (systemd).
    "dynamic_shared_memory_type": "mmap",
    # The operating system's own reading ahead is enough here, and saves three processes.
    "io_method": "sync",
    "max_logical_replication_workers": "0",
    # No replicas follow an embedded server, so its log need not carry them.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    # A file per weekday, each overwritten a week later.
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u ",
    # Statements, parameters and the values in an error's details are somebody's private life.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}
DURABLE: Mapping[str, str] = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
FORGETFUL: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "1h",
}


def configure(place: Place, sockets: Path, *, durable: bool) -> Path:
    """Write the three files; returns the one that names the others."""
    hba, ident = place.folder / "pg_hba.conf", place.folder / "pg_ident.conf"
    settings = {
        **SETTINGS,
        **(DURABLE if durable else FORGETFUL),
        "hba_file": str(hba),
        "ident_file": str(ident),
        "unix_socket_directories": _in_a_list(str(sockets)),
        "log_directory": str(place.logs),
    }
    _write(hba, HBA)
    _write(ident, f'daler "{_our_account()}" all\n')
    lines = (f"{name} = '{_escaped(value)}'\n" for name, value in settings.items())
    return _write(place.folder / "postgresql.conf", "".join(lines))


def _our_account() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise EmbeddedError(
            f"this process runs as user id {os.geteuid()}, which has no account, and PostgreSQL"
            " refuses that: add the account, or set DALER_DATABASE_URL to a server of your own"
        ) from None


def _write(path: Path, text: str) -> Path:
    draft = path.with_suffix(".new")
    draft.write_text(text)
    draft.chmod(0o644)  # the server's account reads it; nothing in it is secret
    return draft.rename(path)


def _in_a_list(path: str) -> str:
    return '"' + path.replace('"', '""') + '"'


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
