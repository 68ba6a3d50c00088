"""What API keys need of the outside world."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from application.shared.caller import Claims
from domain.identity.api_key import ApiKey, KeyHash


class ApiKeys(Protocol):
    """The keys of this person, as one transaction sees them."""

    @abstractmethod
    async def add(self, key: ApiKey) -> None: ...

    @abstractmethod
    async def all(self) -> Sequence[ApiKey]:
        """Every key there was, the newest first; its session says whether it still works."""


class ApiKeyDirectory(Protocol):
    """Whose a key is, found before anybody is signed in."""

    @abstractmethod
    async def claims_of(self, key: KeyHash) -> Claims | None:
        """Its session has not been looked at."""


class KeyUses(Protocol):
    @abstractmethod
    def note(self, claims: Claims) -> None:
        """Remember by and by that a key was used; the caller does not wait for it.

        Known to a minute. What cannot be written is not tried again: the next use will be.
        """
