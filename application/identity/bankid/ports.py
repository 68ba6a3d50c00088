"""What signing in with BankID needs of the outside world."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.identity.bankid import BankIdClaims, BankIdKey, BankIdLink
from domain.identity.bankid_attempt import BankIdAttempt
from domain.identity.national_number import NumberKind
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class BankIdRules:
    numbers: frozenset[NumberKind] = frozenset({NumberKind.REAL})
    """Whose national numbers are taken here: real people's, or test people's."""
    passwords: bool = True
    """Whether a password is a way in, should somebody give up their BankID."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a person takes along to BankID."""

    state: Secret
    nonce: Secret
    challenge: str
    """Of PKCE, S256."""


@dataclass(frozen=True, slots=True)
class BankIdReturn:
    """What the browser brought back, with a state that is ours. The rest is anybody's."""

    code: Secret | None
    error: str | None = None
    issuer: str | None = None
    verifier: Secret = field(kw_only=True)
    nonce: bytes = field(kw_only=True, repr=False)
    """The digest of what the ID token must hold."""


class BankIdProvider(Protocol):
    """BankID itself, ID-porten or a broker. Every call ends by a total deadline.

    All may raise BankIdUnavailableError, BankIdMisconfiguredError and BankIdNotSetUpError.
    """

    @abstractmethod
    async def address(self, leaving: Leaving) -> Secret:
        """Where the person goes; whoever has it can follow in their place, up to the cookie."""

    @abstractmethod
    async def claims(self, back: BankIdReturn) -> BankIdClaims:
        """What BankID, asked by us and not by the browser, vouches for.

        Raises:
            BankIdCancelledError, BankIdRefusedError, BankIdTokenInvalidError,
            BankIdLevelTooLowError.
        """


class BankIdAttempts(Protocol):
    @abstractmethod
    async def add(self, attempt: BankIdAttempt) -> None: ...

    @abstractmethod
    async def get(self, state: bytes) -> BankIdAttempt | None:
        """By its digest. Nobody else can use it until the transaction ends."""

    @abstractmethod
    async def save(self, attempt: BankIdAttempt) -> None: ...

    @abstractmethod
    async def forget_before(self, instant: datetime) -> None:
        """Let go of those that ran out before."""


@dataclass(frozen=True, slots=True)
class BankIdAttemptsTx:
    """One transaction before anybody is known. Left without `commit()` nothing has happened."""

    attempts: BankIdAttempts
    commit: Callable[[], Awaitable[None]]


class BeginBankIdAttemptsTx(Protocol):
    @abstractmethod
    def __call__(self) -> AbstractAsyncContextManager[BankIdAttemptsTx]: ...


class BankIdDirectory(Protocol):
    """Whose BankID it is, found before anybody is signed in. It gives ids and nothing else."""

    @abstractmethod
    async def owner_of(self, keys: Sequence[BankIdKey]) -> UserId | None:
        """Whom the first of these keys that is known at all belongs to."""


class BankIdLinks(Protocol):
    """The person's BankID: none, or one, and those that were unlinked."""

    @abstractmethod
    async def present(self) -> BankIdLink | None:
        """The one that opens the account; it cannot change until the transaction ends."""

    @abstractmethod
    async def put(self, link: BankIdLink) -> None:
        """Keep it, new or changed."""

    @abstractmethod
    async def claim(self, keys: Collection[BankIdKey]) -> Collection[BankIdKey]:
        """Enter the person under these keys; those that somebody else has, and keeps."""

    @abstractmethod
    async def release(self) -> None:
        """No key leads to the person any more."""
