from abc import abstractmethod
from collections.abc import Sequence
from typing import NewType, Protocol


class HealthCheck(Protocol):
    """One thing this process cannot do its work without."""

    @property
    @abstractmethod
    def name(self) -> str:
        """A short word such as `database`; strangers can read it."""

    @abstractmethod
    async def probe(self) -> None:
        """Use the thing in the cheapest honest way; raises, whatever it likes, when it fails.

        It is cancelled after a second.
        """


HealthChecks = NewType("HealthChecks", Sequence[HealthCheck])
"""Everything that must answer before this process takes requests."""
