from dataclasses import dataclass
from uuid import UUID

from application.shared.jobs import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class ResealJob(Job):
    """A slice of everybody; its successor goes on behind it, so this is also how far one is."""

    name = "secrets.reseal"

    user_id: None = None
    after: UUID | None = None
    """Everybody up to this person is done."""
    resealed: int = 0
    left: int = 0
    """Values of theirs that could not be sealed anew."""
    round: int = 1
