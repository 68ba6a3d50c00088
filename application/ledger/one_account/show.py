"""What a person sees of a joined account: its feeds, and where they disagree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.ledger.whereabouts import ensure_there
from domain.ledger.one_account.disagreements import (
    Disagreement,
    DisagreementKind,
    Place,
    Said,
    disagreements,
)
from domain.ledger.one_account.told import TellerKind, Tellers
from domain.shared.ids import AccountId, FeedId, UserId
from domain.shared.money import Money


@dataclass(frozen=True, slots=True)
class AccountQuery:
    owner: UserId
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class DisagreementsQuery:
    owner: UserId
    account_id: AccountId
    after: Place | None
    """Where the page before ended; None for the first one."""
    limit: int


@dataclass(frozen=True, slots=True)
class FeedOfAccountView:
    """Somebody who tells of the account."""

    feed_id: UUID
    kind: TellerKind
    institution: str | None
    ended: bool
    """It says no more; what it said stays."""
    balance: Money | None
    """As it last said; null where it says none, or where it is the only one (see the account)."""
    as_of: datetime | None
    heard_at: datetime | None
    """When it was last heard since the account is one; null until then, whatever it told before,
    and where it is the only one."""
    can_be_separated: bool
    """Whether others tell of the account, too."""


@dataclass(frozen=True, slots=True)
class SaidView:
    feed_id: UUID
    kind: TellerKind
    institution: str | None
    value: str | None
    """Null: it says nothing of it, or not any more."""


@dataclass(frozen=True, slots=True)
class DisagreementView:
    """Two feeds that say different things. It goes when they agree, or one of them leaves."""

    kind: DisagreementKind
    transaction_id: UUID | None
    """Null: it is about the account's balance."""
    on: date
    one: SaidView
    other: SaidView

    @property
    def place(self) -> Place:
        return Place(
            self.on,
            str(self.transaction_id),
            self.kind.value,
            str(self.one.feed_id),
            str(self.other.feed_id),
        )


@dataclass(frozen=True, slots=True)
class ListFeedsOfAccount:
    """Raises AccountNotFoundError, AccountJoinedError."""

    begin: BeginLedgerTx

    async def __call__(self, query: AccountQuery) -> Sequence[FeedOfAccountView]:
        async with self.begin(query.owner) as tx:
            await ensure_there(tx, query.account_id)
            tellers = await _tellers(tx, query.account_id)
            return [
                _feed_view(one.feed_id, one.kind, tellers, ended=one.ended)
                for one in await tx.joined.feeds_of(query.account_id)
            ]


@dataclass(frozen=True, slots=True)
class ListDisagreements:
    """One page of them, the newest first. Raises AccountNotFoundError, AccountJoinedError."""

    begin: BeginLedgerTx

    async def __call__(self, query: DisagreementsQuery) -> Sequence[DisagreementView]:
        async with self.begin(query.owner) as tx:
            await ensure_there(tx, query.account_id)
            tellers = await _tellers(tx, query.account_id)
            if not tellers:
                return []
            days = await tx.tellings.told_days(query.account_id)
            told = await tx.tellings.disputed(query.account_id)
        found = disagreements(told, days, tellers)
        if query.after is not None:
            found = [one for one in found if one.place < query.after]
        return [_view(one, tellers) for one in found[: query.limit]]


async def _tellers(tx: LedgerTx, account_id: AccountId) -> Tellers:
    return (await tx.joined.joined()).get(account_id, {})


def _feed_view(
    feed_id: FeedId, kind: TellerKind, tellers: Tellers, *, ended: bool
) -> FeedOfAccountView:
    teller = tellers.get(feed_id)
    anchor = None if teller is None else teller.anchor
    return FeedOfAccountView(
        feed_id=feed_id,
        kind=kind,
        institution=None if teller is None else teller.institution,
        ended=ended,
        balance=None if anchor is None else anchor.booked,
        as_of=None if anchor is None else anchor.as_of,
        heard_at=None if teller is None else teller.heard_at,
        can_be_separated=teller is not None,
    )


def _view(one: Disagreement, tellers: Tellers) -> DisagreementView:
    return DisagreementView(
        kind=one.kind,
        transaction_id=one.entry_id,
        on=one.on,
        one=_said(one.one, tellers),
        other=_said(one.other, tellers),
    )


def _said(said: Said, tellers: Tellers) -> SaidView:
    teller = tellers[said.feed_id]
    return SaidView(said.feed_id, teller.kind, teller.institution, said.value)
