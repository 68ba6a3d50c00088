from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from adapters.outbound.call import OutboundObserver, Seen


@dataclass(frozen=True, slots=True)
class Observers(OutboundObserver):
    """Several, told one after the other."""

    all: Sequence[OutboundObserver]

    @override
    def saw(self, seen: Seen) -> None:
        for one in self.all:
            one.saw(seen)
