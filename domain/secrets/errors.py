from collections.abc import Sequence
from datetime import datetime

from domain.shared.errors import ConflictError


class KeyStillNeededError(ConflictError):
    """Without this key somebody's data could never be read again."""

    code = "key_still_needed"

    def __init__(self, why: str) -> None:
        super().__init__(why)

    @classmethod
    def by(cls, uses: Sequence[tuple[str, int]]) -> "KeyStillNeededError":
        told = ", ".join(f"{count} values under key {name}" for name, count in uses)
        return cls(
            f"nothing was retired: there are still {told}; let the job of 'daler secrets"
            " rotate-encryption' finish, and see 'daler secrets validate'"
        )

    @classmethod
    def until(cls, settled: datetime) -> "KeyStillNeededError":
        return cls(
            "nothing was retired: the newest key is so young that something may still be on its"
            f" way under the old one; try again after {settled:%H:%M:%S} UTC"
        )


class NothingToRetireError(ConflictError):
    code = "nothing_to_retire"

    def __init__(self) -> None:
        super().__init__(
            "there is no old encryption key to retire; 'daler secrets rotate-encryption' makes a"
            " new one"
        )


class RingChangedError(ConflictError):
    code = "ring_changed"

    def __init__(self) -> None:
        super().__init__("somebody else changed the keys at the same time: look, then try again")
