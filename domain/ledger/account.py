from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from domain.ledger.errors import AccountFedByBankError, BankAccountImportError
from domain.shared.ids import AccountId, ExternalId, FeedId, UserId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, AccountSeen, BalanceSeen


class AccountOrigin(StrEnum):
    """Who says what happened on the account."""

    CONNECTION = "connection"
    STATEMENT = "statement"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The newest figure somebody vouches for, and up to when it holds."""

    booked: Money
    as_of: datetime
    available: Money | None = None

    @classmethod
    def of(cls, seen: BalanceSeen) -> Self:
        return cls(seen.booked, seen.as_of, seen.available)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of one person, whatever feeds it."""

    id: AccountId
    owner: UserId
    name: str
    kind: AccountKind
    currency: str
    origin: AccountOrigin
    number: str | None = None
    institution: str | None = None
    """As people know it."""
    institution_id: str | None = None
    """As its provider knows it, where that is something else."""
    anchor: Anchor | None = None
    anchored_by: AccountOrigin | None = None
    """Who vouches for the anchor, where several tell of the account; None: whom it came from."""
    last_four: str | None = None
    """Of its number, where that is all the bank shows."""
    created_at: datetime

    def seen(self, now: AccountSeen) -> Self:
        """What the feed says of the account now; its currency never changes.

        A bank that answers without a balance leaves the last one standing.
        """
        account = replace(
            self,
            name=now.name or self.name,
            kind=now.kind,
            number=now.number or self.number,
            institution=now.institution or self.institution,
            institution_id=now.institution_id or self.institution_id,
            last_four=now.last_four or self.last_four,
        )
        return account if now.balance is None else account.anchored(Anchor.of(now.balance))

    def anchored(self, at: Anchor) -> Self:
        """Take the newer figure; one in another currency, or an older one, proves nothing."""
        if at.booked.currency != self.currency:
            return self
        if self.anchor is not None and at.as_of < self.anchor.as_of:
            return self
        return replace(self, anchor=at)

    @property
    def bank(self) -> str | None:
        """By what does not change: what is learnt of a bank is kept under it.

        Accounts from before banks had a name for people have the provider's as their institution.
        """
        return self.institution_id or self.institution

    def ensure_manual(self) -> None:
        if self.origin is not AccountOrigin.MANUAL:
            raise AccountFedByBankError(self.id)

    def ensure_takes_statements(self) -> None:
        # Its entries come from the bank already; a file of the same would double them.
        if self.origin is AccountOrigin.CONNECTION:
            raise BankAccountImportError(self.id, self.name)

    @property
    def counts_after(self) -> date | None:
        """Entries booked after this day are not in the anchor yet; None: no entry is.

        A connection's figure is of the moment it was read and includes all that was booked, so
        nothing is added to it (`date.max`).
        """
        if self.anchor is None:
            return None
        if (self.anchored_by or self.origin) is AccountOrigin.CONNECTION:
            return date.max
        return self.anchor.as_of.date()

    def balance(self, booked_after: int) -> Money:
        """The anchor, and what was booked after `counts_after` (in minor units)."""
        anchored = self.anchor.booked.minor if self.anchor else 0
        return Money(anchored + booked_after, self.currency)


@dataclass(frozen=True, slots=True)
class AccountSource:
    """An account has a name in each feed that speaks of it."""

    feed_id: FeedId
    external_id: ExternalId
    account_id: AccountId
    recognise: bool = False
    """The account was there before it had this name: so may be what is told under it."""
