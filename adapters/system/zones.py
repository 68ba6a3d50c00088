from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from typing_extensions import override

from application.identity.profile.settings_ports import TimeZones


@dataclass(frozen=True, slots=True)
class IanaTimeZones(TimeZones):
    """Of the operating system, or of the tzdata package where there is none."""

    @override
    def names(self) -> Collection[str]:
        return _names()


@cache
def _names() -> frozenset[str]:
    # Places and UTC: what a machine calls its own ("localtime") and old abbreviations are no zones
    # that a person could mean.
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")
