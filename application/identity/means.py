"""How a person gets in, as their profile shows it."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class SignInMeans:
    password: bool = False
    second_factor: bool = False
    """A password alone gets nobody in."""
    passkeys: int = 0
    bankid: bool = False


class MeansReader(Protocol):
    """The one place that looks at every way in together; a new one is added here."""

    @abstractmethod
    async def of(self, user_id: UserId) -> SignInMeans: ...
