"""How often banks are read, and how many at once, as whoever runs this has set it."""

from dataclasses import dataclass, field

from application.connections.pace.pressure import DEFAULT_PRESSURE, Pressure


@dataclass(frozen=True, slots=True)
class WhatCounts:
    """What counts as a look at the bank."""

    fetched: bool = False
    """Also reading what the provider says it has fetched already."""


@dataclass(frozen=True, slots=True)
class Pace:
    counts: WhatCounts = field(default_factory=WhatCounts)
    pressure: Pressure = DEFAULT_PRESSURE
