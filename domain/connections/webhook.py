"""What a provider tells on its own account, in words that belong to no provider.

A webhook is a hint, never the truth: providers send it late, twice, in any order, or not at all.
So whatever it says, we ask the provider ourselves; and what we do about it comes out the same in
whatever order webhooks arrive, and however often.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.shared.ids import ExternalId


class Happening(StrEnum):
    """What has happened, as far as the provider says."""

    TRANSACTIONS_CHANGED = "transactions_changed"
    """There is something new, changed or gone to be read."""
    HISTORY_COMPLETE = "history_complete"
    """The provider has all of a new link's past now; until then it has the latest weeks only."""
    ACCOUNTS_CHANGED = "accounts_changed"
    NEW_ACCOUNTS = "new_accounts"
    """The bank has accounts that the person has not shared yet."""
    SIGN_IN_REQUIRED = "sign_in_required"
    SIGN_IN_REPAIRED = "sign_in_repaired"
    """The person has signed in again, perhaps through another application."""
    CONSENT_ENDS_SOON = "consent_ends_soon"
    CONSENT_REVOKED = "consent_revoked"
    """Withdrawn at the bank or the provider."""
    LINK_BROKEN = "link_broken"
    """An error of one link that is no sign-in's fault."""
    BANK_TROUBLE = "bank_trouble"
    """The bank could not be read; the provider goes on trying."""
    NOTHING = "nothing"
    """Known, and no affair of ours."""


READ_AGAIN: Final = timedelta(days=30)
"""How far before the last sync each sync looks at least, whoever the provider is."""


def reaches_behind(since: date, synced_at: datetime | None) -> bool:
    """Whether a change that early would be missed by a sync that goes on from the last one."""
    return synced_at is not None and since < (synced_at - READ_AGAIN).date()


_TO_BE_READ = frozenset(
    {
        Happening.TRANSACTIONS_CHANGED,
        Happening.HISTORY_COMPLETE,
        Happening.ACCOUNTS_CHANGED,
    }
)
_ABOUT_CONSENT = frozenset(
    {
        Happening.NEW_ACCOUNTS,
        Happening.SIGN_IN_REQUIRED,
        Happening.SIGN_IN_REPAIRED,
        Happening.CONSENT_ENDS_SOON,
        Happening.CONSENT_REVOKED,
        Happening.LINK_BROKEN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One webhook, understood. It names a link, or a person and perhaps one of their accounts."""

    happening: Happening
    link: ExternalId | None = None
    """The provider's name for the link (credentials id, item id)."""
    person: ExternalId | None = None
    """Our name for the person there, where the webhook does not say which link it is about."""
    account: ExternalId | None = None
    at: datetime | None = None
    """When it happened, where the provider says so."""
    expires_at: datetime | None = None
    """When the consent ends, by the provider's own date."""
    reason: str | None = None
    """The provider's code for it, fit to be shown and kept."""
    changed_since: date | None = None
    """The earliest booking date of what has changed."""
    gone: tuple[ExternalId, ...] = ()
    """Transactions that the provider has taken back."""

    @property
    def asks_for_sync(self) -> bool:
        return self.happening in _TO_BE_READ

    @property
    def is_about_consent(self) -> bool:
        return self.happening in _ABOUT_CONSENT

    def shows_it_works_since(self, lapsed_at: datetime | None) -> bool:
        """Whether the link itself was read by its provider after the bank had refused to.

        Tink tells of a repaired sign-in in no other way. News that is older, or that does not say
        when it was, shows nothing.
        """
        return (
            self.happening is Happening.TRANSACTIONS_CHANGED
            and self.link is not None
            and self.at is not None
            and lapsed_at is not None
            and self.at > lapsed_at
        )

    @property
    def means_nothing(self) -> bool:
        return self.happening is Happening.NOTHING
