from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off with full jitter: any wait between nothing and the doubled ceiling."""

    attempts_max: int = 12
    base_s: float = 1.0
    ceiling_s: float = 900.0

    def wait(self, attempts: int, chance: float) -> timedelta | None:
        """How long to wait after the `attempts`th try failed; None when it was the last.

        `chance` is drawn by the caller, evenly from 0 up to 1.
        """
        if attempts >= self.attempts_max:
            return None
        return timedelta(seconds=chance * min(self.ceiling_s, self.base_s * 2 ** (attempts - 1)))
