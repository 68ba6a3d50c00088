"""The rings as they are now: a process that runs takes over what a rotation wrote, by itself.

Whoever uses a ring looks whether the secrets file is still the one that was read (one `stat`, two
microseconds). So a key that was thrown out verifies nothing from that moment on, and nothing is
sealed with a key that is about to go. What comes from the environment cannot change before the
process is started again.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import structlog

from adapters.crypto.keys import KeyRing, RingNow
from domain.secrets.ring import RingName
from entrypoints.composition import secrets_file
from entrypoints.composition import settings_values as values
from entrypoints.composition.settings import RING_SETTINGS, Settings
from entrypoints.composition.settings_source import SettingsError

log: structlog.typing.FilteringBoundLogger = structlog.get_logger("secrets")


@dataclass(slots=True)
class RingInFile:
    path: Path
    name: str
    ring: KeyRing = field(repr=False)
    seen: tuple[int, ...] | None = None
    """Which file it was that the ring was read from."""

    def __call__(self) -> KeyRing:
        found = self._look()
        if found != self.seen:
            self.seen = found
            self._read()
        return self.ring

    def _look(self) -> tuple[int, ...]:
        try:
            there = os.stat(self.path)  # noqa: PTH116 - on every request; a Path's costs double
        except OSError:
            return ()
        return there.st_ino, there.st_mtime_ns, there.st_size

    def _read(self) -> None:
        """A file that makes no sense changes nothing: it may be in the middle of an edit."""
        try:
            ring = values.ring(secrets_file.read(self.path)[self.name])
        except (SettingsError, ValueError, KeyError) as error:
            log.warning("secrets_file_unusable", error=type(error).__name__)
            return
        if ring != self.ring:
            self.ring = ring
            log.info("keys_changed", ring=self.name, newest=ring.newest.id)


@dataclass(frozen=True, slots=True)
class LiveKeys:
    rings: Mapping[RingName, RingNow] = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls({name: _ring(settings, name) for name in RingName})

    @property
    def encryption(self) -> RingNow:
        return self.rings[RingName.ENCRYPTION]

    @property
    def jwt(self) -> RingNow:
        return self.rings[RingName.JWT]

    @property
    def refresh(self) -> RingNow:
        return self.rings[RingName.REFRESH]


def _ring(settings: Settings, name: RingName) -> RingNow:
    ring, kept = settings.ring(name), settings.secrets_file
    if kept is None or RING_SETTINGS[name] not in kept.rings:
        return lambda: ring
    return RingInFile(kept.path, RING_SETTINGS[name], ring)
