"""UUIDs of version 7 (RFC 9562): milliseconds first, so that what is new lies together.

Within one process every id is greater than the one before, also within one millisecond and when
the clock is set back: the 74 bits after the time count on, in random steps (method 2 of section
6.2), and start at random in each new millisecond.
"""

import os
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from threading import Lock
from uuid import UUID, SafeUUID

from typing_extensions import override

from application.shared.chance import NewIds

COUNTER_BITS = 74
# The first bit of a fresh counter is 0: there is room for 2^41 ids in every millisecond.
FRESH_MASK = (1 << (COUNTER_BITS - 1)) - 1
LOW_BITS = 62
LOW_MASK = (1 << LOW_BITS) - 1
VERSION_AND_VARIANT = 7 << 76 | 2 << 62


@dataclass(slots=True)
class Uuid7Ids(NewIds):
    last: int = 0
    """The newest id, as milliseconds and counter: `ms << 74 | counter`."""
    lock: Lock = field(default_factory=Lock)
    now_ns: Callable[[], int] = time.time_ns

    @override
    def one(self) -> UUID:
        return self.many(1)[0]

    @override
    def many(self, count: int) -> Sequence[UUID]:
        steps = array("I", os.urandom(4 * count))
        with self.lock:
            start = self._start()
            # A step of 0 would repeat an id.
            positions = list(accumulate((step + 1 for step in steps), initial=start))
            self.last = positions[-1]
        return list(_uuids(positions[1:]))

    def _start(self) -> int:
        now_ms = self.now_ns() // 1_000_000
        if now_ms <= self.last >> COUNTER_BITS:
            return self.last
        fresh = int.from_bytes(os.urandom(10), "big") & FRESH_MASK
        return now_ms << COUNTER_BITS | fresh


def _uuids(positions: Sequence[int]) -> Iterator[UUID]:
    """The same as `UUID(int=...)` for each, without its checks: a feed brings 100,000 at once."""
    new, put = object.__new__, object.__setattr__
    before, head = -1, 0
    for position in positions:
        upper = position >> LOW_BITS
        if upper != before:
            before = upper
            head = (upper >> 12) << 80 | (upper & 0xFFF) << 64 | VERSION_AND_VARIANT
        made = new(UUID)
        put(made, "int", head | position & LOW_MASK)
        put(made, "is_safe", SafeUUID.unknown)
        yield made
