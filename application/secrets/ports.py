from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from application.shared.audit import AuditTrail
from application.shared.jobs import JobQueue
from domain.secrets.health import Use
from domain.secrets.ring import Facts, RingName
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class Turn:
    """A ring as it was, and as it is to be; a key that was not there before is made."""

    before: Facts
    after: Facts


class KeyKeeper(Protocol):
    """The rings where they are kept: a secrets file of ours, or an environment that is not."""

    @abstractmethod
    def ring(self, name: RingName) -> Facts: ...

    @abstractmethod
    def at_once(self, name: RingName) -> bool:
        """Whether we can change this ring ourselves, and all who use it see that at once."""

    @abstractmethod
    def put(self, turns: Mapping[RingName, Turn]) -> Mapping[str, Secret]:
        """Make the rings so, all or none of those that we keep.

        Returns what somebody else has to set, by the setting's name.

        Raises:
            RingChangedError: a ring is no longer what it was.
        """


@dataclass(frozen=True, slots=True)
class Batch:
    resealed: int
    after: object | None
    """Where to go on; None: that was the last of this place."""


class SealedValues(Protocol):
    """Everything sealed that one transaction can see: one person's values, or the house's own."""

    @abstractmethod
    async def uses(self) -> Sequence[Use]:
        """Which keys have locked how much."""

    @abstractmethod
    async def reseal(self, column: str, after: object | None) -> Batch:
        """Seal the next values of this place anew that are not under the newest key.

        A value that somebody is changing right now is left to them, and one that does not open is
        left as it is.
        """


@dataclass(frozen=True, slots=True)
class SecretsTx:
    """One transaction. Leaving it without `commit()` rolls everything back."""

    sealed: SealedValues
    jobs: JobQueue
    audit: AuditTrail
    commit: Callable[[], Awaitable[None]]


class BeginSecretsTx(Protocol):
    @abstractmethod
    def __call__(self, acting_for: UserId) -> AbstractAsyncContextManager[SecretsTx]:
        """On behalf of one person; of HOUSE for what belongs to nobody."""


class Owners(Protocol):
    @abstractmethod
    async def page(self, after: UserId | None, limit: int) -> Sequence[UserId]:
        """Everybody who may have something sealed, in ascending order of id."""
