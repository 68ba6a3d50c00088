"""The person says that one of an account's feeds tells of another account, after all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from application.ledger.one_account.join import feeds_of
from application.ledger.one_account.merging import Mending
from application.ledger.ports import BeginLedgerTx, LedgerChange, LedgerTx
from application.ledger.proofs.follow_soon import follow_soon
from application.ledger.whereabouts import account_of
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.ledger.account import Account, AccountOrigin
from domain.ledger.errors_one_account import AccountsChangedError, NotAFeedOfAccountError
from domain.ledger.one_account.precedence import composed_account
from domain.ledger.one_account.same import proposal_id
from domain.ledger.one_account.told import Teller, TellerKind, Tellers, by_entry
from domain.ledger.sums import SumChanges
from domain.shared.events import LedgerChanged
from domain.shared.ids import AccountId, EntryId, FeedId, UserId

_AT_ONCE = 2_000
"""Entries."""


@dataclass(frozen=True, slots=True)
class SeparateFeedCommand:
    owner: UserId
    account_id: AccountId
    feed_id: FeedId


@dataclass(frozen=True, slots=True)
class SeparatedAccount:
    account_id: UUID
    """The one that goes on, with what the person said since the two were joined."""
    own_account_id: UUID
    """The feed's own: the one it was before, where that is known."""
    separated: int
    """Transactions that both had told of, and that are two each again."""


@dataclass(frozen=True, slots=True)
class SeparateFeed:
    """Give a feed of a joined account an account of its own, with what it tells of.

    An entry that only it tells of goes with it as it is. One that others tell of too stays, with
    what the person said of it; the feed gets one of its own (the one it was before, where there
    was one). Nobody proposes again that the two are one.

    Raises:
        AccountNotFoundError, AccountJoinedError
        NotAFeedOfAccountError: it is no feed of that account, or the only one.
        AccountsChangedError: a feed came or went in that moment.
        MonthClosedError: it would change a month that is closed.
    """

    begin: BeginLedgerTx
    clock: Clock
    ids: NewIds

    async def __call__(self, command: SeparateFeedCommand) -> SeparatedAccount:
        async with self.begin(command.owner) as tx:
            report = await self.within(tx, command)
            await tx.commit()
        return report

    async def within(self, tx: LedgerTx, command: SeparateFeedCommand) -> SeparatedAccount:
        """As part of a transaction that somebody else commits."""
        account, tellers = await _locked(tx, command)
        teller = tellers[command.feed_id]
        own = await self._own(tx, account, teller)
        mending = Mending(tx, account.id, tellers)
        revision = await tx.revisions.next()
        separated = await self._part(tx, mending, command.feed_id, own.id, revision)
        await tx.joined.hand_over(account.id, own.id, command.feed_id, revision)
        await tx.proofs.move(account.id, own.id, command.feed_id)
        # Closed months stay behind: nobody could open them for what waits of this feed.
        await follow_soon(tx, command.owner, [own.id])
        await tx.sums.apply(mending.sums)
        await _alone(tx, own.id, [command.feed_id])
        rest = await leave(tx, account, {command.feed_id}, tellers)
        for one in sorted((rest, own), key=lambda one: one.id):
            await tx.accounts.save(one)
        await tx.joined.dismiss(proposal_id(account.id, own.id))
        await _tell(tx, command, revision, own.id, mending)
        return SeparatedAccount(account.id, own.id, separated)

    async def _part(
        self, tx: LedgerTx, mending: Mending, feed_id: FeedId, own: AccountId, revision: int
    ) -> int:
        """What others tell of, too, is taken apart; the rest only moves."""
        ids = await tx.tellings.entries_of(mending.account_id, feed_id)
        parted = 0
        for start in range(0, len(ids), _AT_ONCE):
            those = ids[start : start + _AT_ONCE]
            told = by_entry(await tx.tellings.told(those))
            shared = [one for one in those if len(told[one]) > 1]
            await _count_moved(tx, mending.sums, set(those).difference(shared), own)
            if shared:
                parted += len(await mending.part(self.ids, feed_id, shared, revision, own))
        return parted

    async def _own(self, tx: LedgerTx, account: Account, teller: Teller) -> Account:
        own_id = teller.was
        if own_id is None or own_id == account.id or await tx.accounts.is_there(own_id):
            own_id = AccountId(self.ids.one())
        statement = teller.kind is TellerKind.STATEMENT
        own = Account(
            id=own_id,
            owner=account.owner,
            name=teller.name,
            kind=teller.account_kind,
            currency=account.currency,
            origin=AccountOrigin.STATEMENT if statement else AccountOrigin.CONNECTION,
            number=teller.number,
            institution=teller.institution,
            institution_id=teller.institution_id,
            last_four=teller.last_four,
            anchor=teller.anchor,
            created_at=self.clock.now(),
        )
        await tx.accounts.add(own)
        return own


async def _locked(tx: LedgerTx, command: SeparateFeedCommand) -> tuple[Account, Tellers]:
    feeds = await feeds_of(tx, command.account_id)
    for feed_id in feeds:
        await tx.feeds.lock(feed_id)
    # All of them: transfers have their other side on any.
    await tx.accounts.lock_all()
    account = await account_of(tx, command.account_id)
    if await feeds_of(tx, account.id) != feeds:
        raise AccountsChangedError(account.id)
    tellers = (await tx.joined.joined()).get(account.id, {})
    if command.feed_id not in tellers:
        raise NotAFeedOfAccountError(account.id, command.feed_id)
    return account, tellers


async def _count_moved(tx: LedgerTx, sums: SumChanges, ids: set[EntryId], own: AccountId) -> None:
    for entry in (await tx.entries.load(ids)).values() if ids else ():
        sums.replace(entry, replace(entry, account_id=own))


async def leave(tx: LedgerTx, account: Account, feeds: set[FeedId], tellers: Tellers) -> Account:
    """The account without these feeds: as the others tell it. One that is left alone is as any."""
    await tx.joined.drop_tellers(account.id, feeds)
    rest = {feed_id: one for feed_id, one in tellers.items() if feed_id not in feeds}
    left = composed_account(account, rest.values())
    if len(rest) == 1:
        await _alone(tx, account.id, list(rest))
        left = replace(left, anchored_by=None)
    return left


async def _alone(tx: LedgerTx, account_id: AccountId, feeds: Sequence[FeedId]) -> None:
    await tx.joined.drop_tellers(account_id, feeds)
    await tx.tellings.untell(account_id)


async def _tell(
    tx: LedgerTx,
    command: SeparateFeedCommand,
    revision: int,
    own: AccountId,
    mending: Mending,
) -> None:
    accounts = (command.account_id, own)
    await tx.revisions.record(
        LedgerChange(
            revision=revision,
            cause="separate",
            feed_id=None,
            update=None,
            accounts=accounts,
            added=len(mending.fresh),
            changed=mending.changed - len(mending.fresh),
            removed=0,
        )
    )
    await tx.outbox.append(LedgerChanged(command.owner, revision - 1, revision, accounts))
    facts: dict[str, str | int | bool | None] = {
        "account_id": str(command.account_id),
        "own_account_id": str(own),
        "feed_id": str(command.feed_id),
    }
    await tx.audit.record(command.owner, "ledger.accounts_separated", facts)
