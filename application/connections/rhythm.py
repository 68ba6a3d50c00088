"""How often a connection is read without anybody asking, and how it cannot be forgotten.

Every connection has its own `KeepInStepJob` waiting for the next time; linking sets the first
one going, and each one writes its successor in the transaction that finishes it. Only a job that
died can break that chain, and then the house's hourly round (`FindOutOfStep`) begins a new one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Rhythm:
    every: timedelta = timedelta(hours=6)
    """PSD2 allows four reads a day without the person present."""

    def due_at(self, synced_at: datetime | None, granted_at: datetime) -> datetime:
        """When a connection is to be read again though nobody asks."""
        return (synced_at or granted_at) + self.every


SIX_HOURLY: Final = Rhythm()
