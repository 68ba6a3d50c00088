from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """What a sandbox bank is made from. Equal options make equal people and histories.

    The secrets are those of a stand-in that listens on loopback: their defaults guard nothing.
    """

    seed: int = 1
    state_file: Path | None = None
    tink_client_id: str = "sandbox-tink-client"
    tink_client_secret: str = field(default="sandbox-tink-secret", repr=False)
    plaid_client_id: str = "sandbox-plaid-client"
    plaid_secret: str = field(default="sandbox-plaid-secret", repr=False)
    public_url: str = ""
    """Own base address, for links; empty means: as the caller addressed us."""
    clock: Callable[[], datetime] = utc_now
