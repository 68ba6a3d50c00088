from collections.abc import Callable
from dataclasses import dataclass

from adapters.outbound.call import Circuit

FAILURES_MAX = 5
OPEN_S = 30.0


@dataclass(slots=True)
class Breaker:
    """Spares a provider that is down: after five failures in a row nobody calls for 30 seconds.

    Then one call goes through as a probe; its outcome closes the circuit or opens it again.
    """

    monotonic: Callable[[], float]
    _failures: int = 0
    _open_until: float | None = None
    _probing: bool = False
    _why: str = ""

    @property
    def why(self) -> str:
        return self._why

    @property
    def circuit(self) -> Circuit:
        if self._open_until is None:
            return Circuit.CLOSED
        return Circuit.OPEN if self.monotonic() < self._open_until else Circuit.HALF_OPEN

    def wait_s(self) -> float | None:
        """How long to stay away; None gives leave to call, and must be answered for."""
        if self._open_until is None:
            return None
        left = self._open_until - self.monotonic()
        if left > 0:
            return left
        if self._probing:
            return 1.0
        self._probing = True
        return None

    def succeeded(self) -> None:
        self._failures, self._open_until, self._probing = 0, None, False

    def failed(self, why: str) -> None:
        self._failures += 1
        if self._probing or self._failures >= FAILURES_MAX:
            self.trip(why)

    def undecided(self) -> None:
        """The call says nothing about the provider's health: cancelled, or told to slow down."""
        self._probing = False

    def trip(self, why: str) -> None:
        self._open_until, self._probing, self._why = self.monotonic() + OPEN_S, False, why
