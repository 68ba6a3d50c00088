from dataclasses import dataclass
from datetime import UTC, datetime

from typing_extensions import override

from application.shared.clock import Clock


@dataclass(frozen=True, slots=True)
class SystemClock(Clock):
    @override
    def now(self) -> datetime:
        return datetime.now(UTC)
