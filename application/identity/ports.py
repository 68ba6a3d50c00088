"""What identity needs of the outside world."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.identity.api_keys.ports import ApiKeys
from application.identity.bankid.ports import BankIdLinks
from application.identity.mail.ports import Confirmations
from application.identity.passkeys.ports import Passkeys
from application.identity.profile.means import MeansReader
from application.identity.second_factor.ports import Challenges, RecoveryCodes, Totps
from application.identity.signing_in.ports import Devices
from application.shared.audit import AuditTrail
from application.shared.jobs import JobQueue
from application.shared.outbox import Inbox, Outbox
from application.shared.parts import TxPart
from domain.identity.email import EmailAddress
from domain.identity.password import PasswordCredential, PasswordHash
from domain.identity.person import Person
from domain.identity.refresh import RefreshToken, TokenHash
from domain.identity.session import Ended, Session, SessionKind
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret


class People(Protocol):
    @abstractmethod
    async def add(self, person: Person) -> None:
        """Keep a new person, and enter their e-mail address in the directory.

        Raises:
            EmailTakenError: somebody has this address, or is just getting it.
        """

    @abstractmethod
    async def get(self, user_id: UserId) -> Person:
        """Raises PersonNotFoundError."""

    @abstractmethod
    async def hold(self, user_id: UserId) -> Person:
        """The person, whose row nobody else can change or hold until the transaction ends.

        Opening a session and banning both hold it, so that neither slips past the other.

        Raises:
            PersonNotFoundError
        """

    @abstractmethod
    async def save(self, person: Person) -> None:
        """Write a person who is held; another e-mail address is entered in the directory, too.

        Raises:
            PersonNotFoundError
            EmailTakenError: somebody has this address, or is just getting it.
        """


class Credentials(Protocol):
    @abstractmethod
    async def password_of(self, user_id: UserId) -> PasswordCredential | None:
        """The person's password, if they have one; it cannot change until the transaction ends."""

    @abstractmethod
    async def put(self, credential: PasswordCredential) -> None:
        """Keep it, new or changed."""


class Sessions(Protocol):
    @abstractmethod
    async def add(self, session: Session) -> None: ...

    @abstractmethod
    async def get(self, session_id: SessionId) -> Session:
        """The session, which nobody else can change until the transaction ends.

        Raises:
            SessionNotFoundError: there is none, or it is somebody else's.
        """

    @abstractmethod
    async def save(self, session: Session) -> None: ...

    @abstractmethod
    async def living(self, now: datetime) -> Sequence[Session]:
        """The person's sessions that are alive, API keys among them, the newest first."""

    @abstractmethod
    async def end_all(
        self,
        why: Ended,
        now: datetime,
        but: SessionId | None = None,
        kinds: Collection[SessionKind] = tuple(SessionKind),
    ) -> int:
        """End every living session of these kinds except `but`; how many those were."""


class RefreshTokens(Protocol):
    @abstractmethod
    async def get(self, token: TokenHash) -> RefreshToken | None:
        """The token, which nobody else can use until the transaction ends."""

    @abstractmethod
    async def add(self, token: RefreshToken) -> None: ...

    @abstractmethod
    async def save(self, token: RefreshToken) -> None: ...


@dataclass(frozen=True, slots=True)
class IdentityTx:
    """One database transaction. Leaving it without `commit()` rolls everything back."""

    people: People
    credentials: Credentials
    sessions: Sessions
    refresh_tokens: RefreshTokens
    api_keys: ApiKeys
    devices: Devices
    confirmations: Confirmations
    totps: Totps
    recovery_codes: RecoveryCodes
    challenges: Challenges
    passkeys: Passkeys
    bankids: BankIdLinks
    means: MeansReader
    jobs: JobQueue
    outbox: Outbox
    inbox: Inbox
    audit: AuditTrail
    part: TxPart
    commit: Callable[[], Awaitable[None]]


class BeginIdentityTx(Protocol):
    @abstractmethod
    def __call__(self, acting_for: UserId) -> AbstractAsyncContextManager[IdentityTx]:
        """Every row that this transaction can see or write belongs to `acting_for`."""


class Directory(Protocol):
    """Who somebody is, found before anybody is signed in. It gives ids and nothing else."""

    @abstractmethod
    async def owner_of_email(self, email: EmailAddress) -> UserId | None: ...

    @abstractmethod
    async def owner_of_token(self, token: TokenHash) -> UserId | None: ...


class PasswordHasher(Protocol):
    """Slow on purpose, and never on the event loop."""

    @abstractmethod
    async def hash(self, password: Secret) -> PasswordHash:
        """Raises UnavailableError when too many are waiting already."""

    @abstractmethod
    async def verify(self, password: Secret, against: PasswordHash | None) -> bool:
        """Whether it is the password; without a hash it takes as long and is false.

        Raises:
            UnavailableError: too many are waiting already.
        """

    @abstractmethod
    def outdated(self, hashed: PasswordHash) -> bool:
        """Whether it was made with weaker parameters than are used now."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    token: Secret
    expires_at: datetime


class AccessTokenIssuer(Protocol):
    @abstractmethod
    def issue(self, session: Session, now: datetime) -> AccessToken:
        """A short-lived token, which never outlives its session."""


class Successors(Protocol):
    """The refresh token that follows another one: a keyed function, the same for ever."""

    @abstractmethod
    def of(self, token: Secret) -> Sequence[Secret]:
        """The successor under each key of the ring, the newest key first."""
