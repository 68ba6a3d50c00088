from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

SECRET_BYTES_MIN: Final = 32
"""As long as the hash of HS256, as RFC 7518 asks."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key of a ring, and the name by which a token says that it was made with it."""

    kid: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SECRET_BYTES_MIN:
            raise ValueError(f"signing key {self.kid!r} is shorter than {SECRET_BYTES_MIN} bytes")


@dataclass(frozen=True, slots=True)
class SigningRing:
    """The newest key signs; each of them verifies, for as long as it is in the ring."""

    keys: Sequence[SigningKey]

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("a ring needs at least one signing key")
        if len({key.kid for key in self.keys}) != len(self.keys):
            raise ValueError("two signing keys of a ring have one name")

    @property
    def newest(self) -> SigningKey:
        return self.keys[0]
