"""How often banks are read, and how many at once."""

from application.connections.pace.pace import Pace, WhatCounts
from application.connections.pace.pressure import DEFAULT_PRESSURE, Pressure
from entrypoints.composition import settings_values as values
from entrypoints.composition.settings_source import SettingsSource


def pace(source: SettingsSource) -> Pace:
    in_all = source.read("DALER_SYNC_QUEUE", values.whole(1, 100_000), DEFAULT_PRESSURE.in_all)
    of_provider = source.read(
        "DALER_SYNC_QUEUE_PER_PROVIDER",
        values.whole(1, 100_000),
        min(DEFAULT_PRESSURE.of_provider, in_all),
    )
    if of_provider > in_all:
        source.refuse(
            f"DALER_SYNC_QUEUE_PER_PROVIDER is {of_provider}: write at most DALER_SYNC_QUEUE"
            f" ({in_all}), or it bounds nothing"
        )
    counts = source.read("DALER_UNATTENDED_COUNTS", values.one_of("asked", "all"), "asked")
    return Pace(WhatCounts(fetched=counts == "all"), Pressure(in_all, of_provider))
