"""What connections needs of a bank-data provider, whoever that is.

Everything that only one provider's adapter understands travels as opaque text: `Secret` access,
a `position` inside an update, a `cursor` between updates.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from application.shared.feeds import FeedPage
from domain.shared.errors import (
    ConflictError,
    ForbiddenError,
    RuleError,
    UnavailableError,
)
from domain.shared.ids import ExternalId, UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class LinkRequest:
    owner: UserId
    state: Secret
    """Comes back with the person; goes into the address or token unchanged."""
    renew: Secret | None = None
    """The access of the connection whose consent is to be renewed."""


@dataclass(frozen=True, slots=True)
class LinkStart:
    """Where to send the person: an address, or a token for the provider's own widget."""

    url: Secret | None
    link_token: Secret | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkReturn:
    owner: UserId
    parameters: Mapping[str, str]
    """What the person's browser brought back. Attacker-controllable: confirm all of it."""
    renew: Secret | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """What the provider, asked by us and not by the browser, says was really granted."""

    access: Secret
    external_id: ExternalId
    """The provider's name for the link, as its webhooks use it (credentials id, item id)."""
    institution: str | None
    consent_expires_at: datetime | None
    person: ExternalId | None = None
    """Our name for the person there, by which its webhooks call them when they name no link."""
    same_bank: bool | None = None
    """Whether it is the bank of the link that was renewed; None where the provider cannot say."""


@dataclass(frozen=True, slots=True)
class FetchedPage:
    page: FeedPage
    next_position: str | None
    """How to ask for the next page; None when the update is whole."""
    cursor: str | None
    """When whole: where the next update begins."""
    history_pending: bool = False
    """When whole: all that there is was read, and the provider still collects what is older."""
    left_out: tuple[str, ...] = ()
    """What cannot be kept here and was not, said openly: `unknown_currency:<account id>`,
    `impossible_day:<transaction id>`."""


LEFT_THE_BANK: Final = (
    "you left the bank before the link was made: nothing was linked, and what you set out with is"
    " used up; to link it after all, begin anew"
)


class LinkCancelledError(RuleError):
    """The person changed their mind at the bank. Not a fault."""

    code = "link_cancelled"


class LinkRefusedError(RuleError):
    """The bank or provider refused the link; `reason` is its code, fit to be shown."""

    code = "link_refused"

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class LinkAgainError(ConflictError):
    """What came back can be used once and was, or is too old: the person must link again."""

    code = "link_again"


class ProviderUnavailableError(UnavailableError):
    """The provider or the bank behind it does not answer properly; nothing was consumed."""

    code = "provider_unavailable"

    def __init__(
        self,
        provider: str,
        reason: str,
        retry_after_s: float | None = None,
        *,
        asked: bool = True,
    ) -> None:
        super().__init__(f"{provider} is not available right now ({reason}); try again later")
        self.provider, self.reason, self.retry_after_s = provider, reason, retry_after_s
        self.asked = asked
        """False: nothing has left this house, so nobody can have looked at the bank for it."""


class ProviderBusyError(ProviderUnavailableError):
    """We ourselves have asked as often as the provider lets us; nothing is wrong with anybody."""

    code = "provider_busy"

    def __init__(self, provider: str, retry_after_s: float) -> None:
        super().__init__(provider, "it was asked as often as it allows", retry_after_s, asked=False)


class ProviderMisconfiguredError(UnavailableError):
    """The provider refuses our own credentials: an administrator must act."""

    code = "provider_misconfigured"

    def __init__(self, provider: str, reason: str) -> None:
        super().__init__(f"{provider} refuses this installation's credentials ({reason})")
        self.provider, self.reason = provider, reason


class RenewalRequiredError(ForbiddenError):
    """The bank wants the person to sign in again; asking more often will not help.

    `withdrawn`: because somebody took the permission back there.
    """

    code = "bank_wants_sign_in"

    def __init__(self, provider: str, reason: str, *, withdrawn: bool = False) -> None:
        super().__init__(f"the consent at {provider} needs to be renewed ({reason})")
        self.provider, self.reason, self.withdrawn = provider, reason, withdrawn


class LinkBrokenError(RenewalRequiredError):
    """The bank gives nothing through this link, whoever signs in: the person has to know.

    Nothing was withdrawn: the access stays, so that it can be revoked.
    """

    code = "link_broken"

    def __init__(self, provider: str, reason: str) -> None:
        super().__init__(provider, reason)
        self.args = (f"the bank gives nothing through {provider} any more ({reason})",)


class AccessGoneError(ForbiddenError):
    """The link is gone at the provider for good; the person must link anew.

    `withdrawn`: because somebody removed it there; else it can be of no use any more.
    """

    code = "access_gone"

    def __init__(self, provider: str, reason: str, *, withdrawn: bool = True) -> None:
        super().__init__(f"the connection no longer exists at {provider} ({reason})")
        self.provider, self.reason, self.withdrawn = provider, reason, withdrawn


class AccessUnreadableError(AccessGoneError):
    """What is kept here was not written here, or is torn: nobody at the provider was asked."""

    def __init__(self, provider: str) -> None:
        super().__init__(provider, "the access kept here cannot be read", withdrawn=False)


class UpdateChangedError(ConflictError):
    """The provider changed its mind while paging: drop the update and begin at the cursor."""

    code = "update_changed"

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class FeedNotReadyError(UnavailableError):
    """The provider has not got the data from the bank yet. Not the same as "no transactions"."""

    code = "feed_not_ready"

    looked = False
    """Whether it had given something in this run before, so that a look at the bank took place."""


class BankGateway(Protocol):
    """One provider. Every call ends by a total deadline; none is made inside a transaction.

    All may raise ProviderUnavailableError and ProviderMisconfiguredError.
    """

    @property
    @abstractmethod
    def exchange_is_repeatable(self) -> bool:
        """Whether `complete_link` may be called again with the same return after a crash."""

    @abstractmethod
    async def begin_link(self, request: LinkRequest) -> LinkStart: ...

    @abstractmethod
    async def complete_link(self, back: LinkReturn) -> Granted:
        """Exchange and confirm what the person brought back.

        Raises:
            LinkCancelledError, LinkRefusedError, LinkAgainError.
        """

    @abstractmethod
    async def fetch(self, access: Secret, cursor: str | None, position: str | None) -> FetchedPage:
        """One page of the update that begins at `cursor` (None: everything there is).

        `position` is None for the first page, then the previous page's `next_position`; it stays
        good across restarts of this process.

        Raises:
            UpdateChangedError, FeedNotReadyError, RenewalRequiredError, LinkBrokenError,
            AccessGoneError.
        """

    @abstractmethod
    async def consent_expires_at(self, access: Secret) -> datetime | None:
        """The provider's own date, when it has one.

        Raises:
            RenewalRequiredError, LinkBrokenError, AccessGoneError.
        """

    @abstractmethod
    async def revoke(self, access: Secret) -> None:
        """End the consent at the provider. What is gone already counts as revoked.

        Raises:
            AccessGoneError: nothing was asked, for the access is none that can be read.
            RenewalRequiredError, LinkBrokenError: not before the person signs in again.
        """
