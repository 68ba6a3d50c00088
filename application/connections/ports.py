"""What the use cases of connections need kept, and how they begin a transaction."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.connections.consent.ports import ConsentNotices, ConsentTerms, DueConsents
from application.connections.health.ports import SyncLags, SyncRuns
from application.connections.pace.ports import SyncLine, SyncWishes, UnattendedReads
from application.connections.webhook_ports import (
    Deliveries,
    LinksOfPerson,
    ProviderPeople,
    SyncNotes,
)
from application.shared.audit import AuditTrail
from application.shared.feeds import FeedUpdates, RawPages
from application.shared.idempotency import Idempotency
from application.shared.jobs import JobQueue
from application.shared.outbox import Outbox
from application.shared.receipts import Receipts
from domain.connections.attempt import Attempt
from domain.connections.connection import Connection
from domain.connections.ids import AttemptId
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, ExternalId, UserId
from domain.shared.secret import Secret


class Connections(Protocol):
    @abstractmethod
    async def get(self, connection_id: ConnectionId) -> Connection:
        """Lock the connection until the transaction ends. Raises ConnectionNotFoundError."""

    @abstractmethod
    async def add(self, connection: Connection) -> None: ...

    @abstractmethod
    async def save(self, connection: Connection) -> None:
        """Write the next version. Raises StaleConnectionError if someone else did first."""


class Attempts(Protocol):
    @abstractmethod
    async def get(self, attempt_id: AttemptId) -> Attempt:
        """Lock the attempt until the transaction ends. Raises StateInvalidError."""

    @abstractmethod
    async def by_state(self, state_digest: bytes) -> Attempt:
        """Lock the attempt that was issued with this state. Raises StateInvalidError."""

    @abstractmethod
    async def add(self, attempt: Attempt) -> None: ...

    @abstractmethod
    async def save(self, attempt: Attempt) -> None:
        """Write the next version. Raises StaleAttemptError if someone else did first."""

    @abstractmethod
    async def forget_before(self, issued_before: datetime) -> None:
        """Drop the person's attempts from before that moment, whatever became of them."""


class Accesses(Protocol):
    """What opens a bank at its provider; kept encrypted, each bound to its own connection."""

    @abstractmethod
    async def find(self, connection_id: ConnectionId) -> Secret | None: ...

    @abstractmethod
    async def put(self, connection_id: ConnectionId, access: Secret) -> None:
        """Keep it, in place of an earlier one."""

    @abstractmethod
    async def held(self, ids: Collection[ConnectionId]) -> Sequence[ConnectionId]:
        """Under which of these there is one, sorted."""

    @abstractmethod
    async def delete(self, connection_id: ConnectionId) -> bool:
        """Whether there was one."""


class ProviderObjects(Protocol):
    """Who stands behind a provider's name for a link; one name never stands for two people."""

    @abstractmethod
    async def claim(
        self, provider: Provider, external_id: ExternalId, connection_id: ConnectionId
    ) -> ConnectionId:
        """Take the name for this connection, unless another one of the same person has it.

        Returns the connection that has it now. Waits for a transaction that claims it, too.

        Raises:
            BankLinkTakenError: it belongs to another person.
        """

    @abstractmethod
    async def release(self, connection_id: ConnectionId) -> None:
        """Give up every name of the connection."""


@dataclass(frozen=True, slots=True)
class ConnectionsTx:
    """One transaction. Leaving it without `commit()` rolls everything back."""

    connections: Connections
    attempts: Attempts
    accesses: Accesses
    objects: ProviderObjects
    links: LinksOfPerson
    deliveries: Deliveries
    notes: SyncNotes
    wishes: SyncWishes
    reads: UnattendedReads
    line: SyncLine
    runs: SyncRuns
    notices: ConsentNotices
    terms: ConsentTerms
    receipts: Receipts
    feeds: FeedUpdates
    raw_pages: RawPages
    jobs: JobQueue
    outbox: Outbox
    idempotency: Idempotency
    audit: AuditTrail
    commit: Callable[[], Awaitable[None]]


class BeginConnectionsTx(Protocol):
    @abstractmethod
    def __call__(self, acting_for: UserId) -> AbstractAsyncContextManager[ConnectionsTx]:
        """Every row that this transaction can see or write belongs to `acting_for`."""


@dataclass(frozen=True, slots=True)
class LinkedName:
    provider: Provider
    external_id: ExternalId
    user_id: UserId
    connection_id: ConnectionId


class LinkedNames(Protocol):
    """The same names, as the house's own chores and webhooks see them: nothing but ids."""

    @abstractmethod
    async def after(self, last: LinkedName | None, limit: int) -> Sequence[LinkedName]:
        """The next ones, in a fixed order, from the beginning when `last` is None."""

    @abstractmethod
    async def find(self, provider: Provider, external_id: ExternalId) -> LinkedName | None: ...

    @abstractmethod
    async def of(self, connection_id: ConnectionId) -> LinkedName | None:
        """One of the connection's names; None once it is disconnected, or was never there.

        Looks at every name there is: for what an administrator asks now and then.
        """


class LinkedUp(Protocol):
    """The connections behind many people's names; each is read on its own person's behalf."""

    @abstractmethod
    async def read(self, names: Sequence[LinkedName]) -> Sequence[Connection]:
        """Those that are there, each once; nothing is locked."""


@dataclass(frozen=True, slots=True)
class HouseTx:
    """A transaction that acts for nobody: no person's rows exist in it."""

    names: LinkedNames
    people: ProviderPeople
    deliveries: Deliveries
    consents: DueConsents
    lags: SyncLags
    jobs: JobQueue
    commit: Callable[[], Awaitable[None]]


class BeginHouseTx(Protocol):
    @abstractmethod
    def __call__(self) -> AbstractAsyncContextManager[HouseTx]: ...
