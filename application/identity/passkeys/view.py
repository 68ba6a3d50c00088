from dataclasses import dataclass
from datetime import datetime
from typing import Self

from domain.identity.passkey import Passkey, PasskeyId


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey as its person sees it."""

    id: PasskeyId
    name: str
    synced: bool
    """Copied, or to be copied, to the person's other devices."""
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, passkey: Passkey) -> Self:
        return cls(
            id=passkey.id,
            name=passkey.name.text,
            synced=passkey.backup_eligible,
            created_at=passkey.created_at,
            last_used_at=passkey.last_used_at,
        )
