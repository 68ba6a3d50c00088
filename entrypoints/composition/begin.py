"""The first thing a process does: settings, and a database on its way.

It costs little, so that PostgreSQL starts while the rest of the program is being imported.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.embedded.layout import EmbeddedError
from adapters.embedded.server import EmbeddedPostgres
from entrypoints.composition.settings import Settings, load_settings
from entrypoints.composition.settings_source import SettingsError

CANNOT_BEGIN = (SettingsError, EmbeddedError)
"""What is wrong is in the message, and for people."""


@dataclass(frozen=True, slots=True)
class Beginning:
    settings: Settings
    database: EmbeddedPostgres | None
    """The embedded server, asked to start; None with a database of your own."""

    def end(self) -> None:
        if self.database is not None:
            self.database.leave()


def begin(environment: Mapping[str, str]) -> Beginning:
    """Raises one of CANNOT_BEGIN."""
    settings = load_settings(environment)
    database = EmbeddedPostgres.join(settings.home) if settings.embedded else None
    return Beginning(settings, database)
