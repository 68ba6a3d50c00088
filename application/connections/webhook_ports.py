"""What receiving webhooks and working them off needs: proof, understanding, and a place to keep."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NewType, Protocol
from uuid import UUID

from domain.connections.provider import Provider
from domain.connections.webhook import Happening, Told
from domain.shared.errors import MalformedError
from domain.shared.ids import ConnectionId, ExternalId, UserId
from domain.shared.network import UNKNOWN

DeliveryId = NewType("DeliveryId", UUID)

KEPT: Final = timedelta(days=30)
KEPT_UNKNOWN: Final = timedelta(days=7)
"""Those about nobody that we know: a link that was removed, or another installation's."""


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    """Rightly signed, and no affair of ours."""
    UNKNOWN = "unknown"
    """About a link or a person that is not here."""
    UNREADABLE = "unreadable"
    """Rightly signed, and not what the provider promises: for an administrator to look at."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook as it came. Two with the same body are two."""

    id: DeliveryId
    provider: Provider
    body: bytes = field(repr=False)
    received_at: datetime
    state: DeliveryState = DeliveryState.WAITING


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a delivery."""

    state: DeliveryState
    at: datetime
    happening: Happening | None = None
    owner: UserId | None = None
    connection_id: ConnectionId | None = None
    """The link it was about; None: about several, or about none."""


class Deliveries(Protocol):
    """Kept sealed, and read on nobody's behalf: whose they are is found out only then."""

    @abstractmethod
    async def add(self, delivery: Delivery) -> None: ...

    @abstractmethod
    async def find(self, delivery_id: DeliveryId) -> Delivery | None:
        """None when it is no longer kept."""

    @abstractmethod
    async def settle(self, delivery_id: DeliveryId, settled: Settled) -> None: ...

    @abstractmethod
    async def about(self, connection_id: ConnectionId) -> int:
        """How many are kept that were about this link and no other."""

    @abstractmethod
    async def forget_about(self, connection_id: ConnectionId) -> None: ...


class ProviderPeople(Protocol):
    """Who stands behind a provider's name for a person, which is one that we gave them."""

    @abstractmethod
    async def find(self, provider: Provider, name: ExternalId) -> UserId | None: ...


class LinksOfPerson(Protocol):
    """One person's links at a provider, as a transaction on their behalf sees them."""

    @abstractmethod
    async def behind(
        self, provider: Provider, account: ExternalId | None
    ) -> Sequence[ConnectionId]:
        """Those that brought this account, in order of their ids; all when none is known to."""

    @abstractmethod
    async def introduce(self, provider: Provider, name: ExternalId) -> None:
        """Remember by what name the provider's webhooks call this person."""


@dataclass(frozen=True, slots=True)
class SyncNote:
    """What the next sync has to know, because asking the provider would not tell it."""

    wanted: int
    """The wish that came with it: the sync that serves that one takes it into account."""
    account: ExternalId | None = None
    gone: ExternalId | None = None
    """A transaction that was taken back, where the provider lists only what is still there."""
    since: date | None = None
    """Something changed as early as this."""


class SyncNotes(Protocol):
    @abstractmethod
    async def add(self, connection_id: ConnectionId, notes: Sequence[SyncNote]) -> None: ...

    @abstractmethod
    async def until(self, connection_id: ConnectionId, wanted: int) -> Sequence[SyncNote]:
        """Those that came with this wish or an earlier one."""

    @abstractmethod
    async def forget(self, connection_id: ConnectionId, wanted: int | None = None) -> None:
        """The same ones; all when no wish is given."""


class WebhookUnreadableError(MalformedError):
    """Rightly signed, and still not to be understood."""

    code = "webhook_unreadable"


class Webhooks(Protocol):
    """One provider's webhooks."""

    @abstractmethod
    async def verify(self, signature: str | None, body: bytes, network: str = UNKNOWN) -> None:
        """Make sure that the provider sent exactly this, and lately. Keeps nothing.

        `network` is where it came from: what proving costs is shared out by it.

        Raises:
            WebhookUnsignedError, WebhookForgedError, WebhookOutOfTimeError,
            WebhookNotSetUpError, WebhookKeysAwayError, WebhookKeysBusyError.
        """

    @abstractmethod
    def understand(self, body: bytes) -> Told:
        """Raises WebhookUnreadableError."""


@dataclass(frozen=True, slots=True)
class AllWebhooks:
    """The webhooks of each provider."""

    providers: Mapping[Provider, Webhooks]

    def of(self, provider: Provider) -> Webhooks:
        return self.providers[provider]


class WebhookMeter(Protocol):
    """Counts in memory what came and what became of it: all that a forged webhook may cost."""

    @abstractmethod
    def count(self, provider: Provider, verdict: str) -> None: ...


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """A delivery as administrators see it: never what it says."""

    id: DeliveryId
    provider: Provider
    state: DeliveryState
    happening: Happening | None
    received_at: datetime
    settled_at: datetime | None
    bytes: int


class DeliveriesReader(Protocol):
    @abstractmethod
    async def newest(
        self,
        provider: Provider | None,
        state: DeliveryState | None,
        before: DeliveryId | None,
        limit: int,
    ) -> Sequence[DeliveryLine]:
        """The latest first, by id."""
