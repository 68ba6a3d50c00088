"""A bank in the hand: it says what a test tells it to, and remembers what it was asked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from typing_extensions import override

from application.connections.gateway import (
    BankGateway,
    FetchedPage,
    Granted,
    LinkCancelledError,
    LinkRequest,
    LinkReturn,
    LinkStart,
)
from application.shared.feeds import FeedPage
from domain.shared.ids import ExternalId
from domain.shared.observations import Observations
from domain.shared.secret import Secret

FAR_AWAY: Final = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class MemoryBank(BankGateway):
    """Tell it what it grants and what it has to say; give it an error, and it raises that.

    Its statement only grows. A cursor is the number of pages that were read before, a position
    the number of the next page: both are good across restarts, as a real provider's are.
    """

    exchange_repeatable: bool = True
    external_id: str = "login-1"
    institution: str | None = "Fjordbank"
    same_bank: bool | None = None
    """What it says of a link that is renewed."""
    person: ExternalId | None = None
    """What it calls the person who links."""
    consent_until: datetime | None = None
    history_pending: bool = False
    """Whether it still collects what is older than what it has said."""
    statement: list[Observations] = field(default_factory=list)
    """What it has said and will say, page by page."""
    left_out: tuple[str, ...] = ()
    """What it says on each page and cannot be kept here."""
    start_troubles: list[BaseException | None] = field(default_factory=list)
    exchange_troubles: list[BaseException | None] = field(default_factory=list)
    fetch_troubles: list[BaseException | None] = field(default_factory=list)
    """One per page asked for, None for one that is answered; then all goes well."""
    revoke_troubles: list[BaseException | None] = field(default_factory=list)
    lapsed: BaseException | None = None
    """Raised for whatever it is asked about the consent, until the person signs in again."""
    renewals_asked: list[Secret | None] = field(default_factory=list)
    pages_asked: list[tuple[str | None, str | None]] = field(default_factory=list)
    before_fetch: Callable[[], Awaitable[None]] | None = None
    """Happens once, while the next page is being asked for."""
    exchanges: int = 0
    revoked: list[Secret] = field(default_factory=list)
    consents_asked: int = 0

    def says(self, *pages: Observations) -> None:
        self.statement += pages

    @property
    @override
    def exchange_is_repeatable(self) -> bool:
        return self.exchange_repeatable

    @override
    async def begin_link(self, request: LinkRequest) -> LinkStart:
        self.renewals_asked.append(request.renew)
        _raise_next(self.start_troubles)
        url = f"https://bank.example/link?state={request.state.reveal()}"
        return LinkStart(Secret(url), None, FAR_AWAY)

    @override
    async def complete_link(self, back: LinkReturn) -> Granted:
        self.exchanges += 1
        _raise_next(self.exchange_troubles)
        if "error" in back.parameters:
            raise LinkCancelledError("linking was cancelled at the bank")
        self.lapsed = None
        return Granted(
            access=Secret(f"access-{self.external_id}-{self.exchanges}"),
            external_id=ExternalId(self.external_id),
            institution=self.institution,
            consent_expires_at=self.consent_until,
            person=self.person,
            same_bank=self.same_bank,
        )

    @override
    async def fetch(self, access: Secret, cursor: str | None, position: str | None) -> FetchedPage:
        self.pages_asked.append((cursor, position))
        meanwhile, self.before_fetch = self.before_fetch, None
        if meanwhile is not None:
            await meanwhile()
        if self.lapsed is not None:
            raise self.lapsed
        _raise_next(self.fetch_troubles)
        number = int(position or cursor or 0)
        said = self.statement[number] if number < len(self.statement) else Observations()
        page = FeedPage(raw=repr(said).encode(), observations=said)
        if number + 1 < len(self.statement):
            following = str(number + 1)
            return FetchedPage(page, following, cursor=None, left_out=self.left_out)
        return FetchedPage(
            page,
            next_position=None,
            cursor=str(len(self.statement)),
            history_pending=self.history_pending,
            left_out=self.left_out,
        )

    @override
    async def consent_expires_at(self, access: Secret) -> datetime | None:
        self.consents_asked += 1
        if self.lapsed is not None:
            raise self.lapsed
        return self.consent_until

    @property
    def requests(self) -> int:
        """How often it was asked for anything but a sign-in."""
        return len(self.pages_asked) + self.consents_asked

    @override
    async def revoke(self, access: Secret) -> None:
        _raise_next(self.revoke_troubles)
        self.revoked.append(access)


def _raise_next(troubles: list[BaseException | None]) -> None:
    trouble = troubles.pop(0) if troubles else None
    if trouble is not None:
        raise trouble
