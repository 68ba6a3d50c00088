"""The person says that two accounts are one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from application.ledger.one_account.reconcile import REACH, Reconciling
from application.ledger.ports import BeginLedgerTx, LedgerChange, LedgerTx
from application.ledger.whereabouts import account_of
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.ledger.account import Account
from domain.ledger.errors_one_account import AccountsChangedError
from domain.ledger.errors_proofs import MonthClosedError
from domain.ledger.one_account.precedence import composed_account
from domain.ledger.one_account.same import FedAccount, ensure_may_be_one, in_order, proposal_id
from domain.ledger.one_account.told import Teller
from domain.ledger.proofs.months import month_of
from domain.shared.events import LedgerChanged
from domain.shared.ids import AccountId, EntryId, FeedId, UserId


@dataclass(frozen=True, slots=True)
class JoinAccountsCommand:
    owner: UserId
    account_id: AccountId
    other_id: AccountId


@dataclass(frozen=True, slots=True)
class JoinedAccount:
    account_id: UUID
    """The one that goes on: the older of the two."""
    former_account_id: UUID
    """The one that is part of it now; asked for, it answers 410 and names the other."""
    joined: int
    """Transactions that both told of, and that are one each now."""
    asked: int
    """Pairs that may be one and were not asked about before: `/banking/duplicates`."""


@dataclass(frozen=True, slots=True)
class JoinAccounts:
    """Make two accounts one, with one set of entries, in one transaction.

    The older account keeps its id and its entries theirs. What the person said of an entry of
    either stays. Every feed goes on telling of the one account.

    Raises:
        AccountNotFoundError
        AccountJoinedError: one of them was joined before.
        AccountsAreTwoError: they cannot be one.
        AccountsChangedError: a feed came or went in that moment.
        MonthClosedError: it would change a month that is closed.
    """

    begin: BeginLedgerTx
    clock: Clock
    ids: NewIds

    async def __call__(self, command: JoinAccountsCommand) -> JoinedAccount:
        async with self.begin(command.owner) as tx:
            report = await self.within(tx, command)
            await tx.commit()
        return report

    async def within(self, tx: LedgerTx, command: JoinAccountsCommand) -> JoinedAccount:
        """As part of a transaction that somebody else commits."""
        kept, other, accounts = await _locked(tx, command)
        joined = await tx.joined.joined()
        for one in (kept, other):
            if one.account.id not in joined:
                await _keep_words(tx, accounts[one.account.id])
        joined = await tx.joined.joined()
        await ensure_open(tx, kept.account.id, other.account.id, await _days(tx, other))
        sides = {one.account.id: frozenset(joined[one.account.id]) for one in (kept, other)}
        days = await overlap(tx, kept.account.id, other.account.id)
        asked_before = await tx.suggestions.standing(accounts.keys())
        for feed_id in sorted(sides[other.account.id]):
            await tx.proofs.move(other.account.id, kept.account.id, feed_id)
        edited = await tx.tellings.edited_on(other.account.id)  # before they move
        # As late as can be: every other change of the person's waits for it from here on.
        revision = await tx.revisions.next()
        await tx.joined.absorb(kept.account.id, other.account.id, revision)
        work = await self._reconciled(tx, kept.account.id, sides, revision, days, edited)
        tellers = (await tx.joined.joined())[kept.account.id]
        account = composed_account(accounts[kept.account.id], tellers.values())
        await tx.sums.apply(work.mending.sums)
        await tx.accounts.save(account)
        await tx.joined.admit(proposal_id(kept.account.id, other.account.id))
        await _tell(tx, command.owner, revision, kept.account.id, other.account.id, work)
        asked = await tx.suggestions.standing([kept.account.id]) - asked_before
        return JoinedAccount(kept.account.id, other.account.id, work.mending.merged, len(asked))

    async def _reconciled(  # noqa: PLR0917 - what one transaction has read so far
        self,
        tx: LedgerTx,
        account_id: AccountId,
        sides: dict[AccountId, frozenset[FeedId]],
        revision: int,
        days: tuple[date, date] | None,
        edited: Mapping[EntryId, int],
    ) -> Reconciling:
        async def the_revision() -> int:
            return revision

        others = frozenset[FeedId]().union(
            *(feeds for one, feeds in sides.items() if one != account_id)
        )
        work = Reconciling(
            tx=tx,
            ids=self.ids,
            account_id=account_id,
            tellers=(await tx.joined.joined())[account_id],
            side=others,
            revision=the_revision,
            home=sides[account_id],
        )
        work.mending.edited = edited
        if days is not None:
            await work.on(list(_every(*days)))
        return work


async def _days(tx: LedgerTx, account: FedAccount) -> tuple[date, date] | None:
    return await tx.tellings.days_of(account.account.id)


async def ensure_open(
    tx: LedgerTx, kept: AccountId, other: AccountId, days: tuple[date, date] | None
) -> None:
    """No closed month of either may come to something else; `days` are the other's.

    Raises:
        MonthClosedError: the other account has a closed month, or tells of days in one of the
            kept account's; open it again first.
    """
    for closed in await tx.proofs.closed_on([kept, other]):
        own = closed.account_id == other
        if own or (days and month_of(days[0]) <= closed.month <= days[1]):
            raise MonthClosedError(closed)


async def overlap(
    tx: LedgerTx, account_id: AccountId, other: AccountId
) -> tuple[date, date] | None:
    """The days on which both sides may tell of the same; None: one of them tells of nothing."""
    spans = [(await tx.tellings.days_of(one)) for one in (account_id, other)]
    if any(one is None for one in spans):
        return None
    (first, last), (first_too, last_too) = (one for one in spans if one is not None)
    since, until = max(first, first_too) - REACH, min(last, last_too) + REACH
    return (since, until) if since <= until else None


def _every(first: date, last: date) -> Iterator[date]:
    for day in range((last - first).days + 1):
        yield first + timedelta(days=day)


async def _locked(
    tx: LedgerTx, command: JoinAccountsCommand
) -> tuple[FedAccount, FedAccount, dict[AccountId, Account]]:
    """Feeds before accounts, and each in the order of their ids, as whoever applies them does.

    All accounts, since transfers have their other side on any of them.
    """
    ids = sorted({command.account_id, command.other_id})
    feeds = await feeds_of(tx, *ids)
    for feed_id in feeds:
        await tx.feeds.lock(feed_id)
    await tx.accounts.lock_all()
    accounts = {one: await account_of(tx, one) for one in ids}
    if await feeds_of(tx, *ids) != feeds:
        raise AccountsChangedError(command.account_id)
    known = {one.account.id: one for one in await tx.joined.fed()}
    bare = {one: FedAccount(account, frozenset()) for one, account in accounts.items()}
    one, other = ((bare | known)[each] for each in (command.account_id, command.other_id))
    ensure_may_be_one(one, other)
    return *in_order(one, other), accounts


async def feeds_of(tx: LedgerTx, *account_ids: AccountId) -> list[FeedId]:
    found = [one for each in account_ids for one in await tx.joined.feeds_of(each)]
    return sorted({one.feed_id for one in found})


async def _keep_words(tx: LedgerTx, account: Account) -> None:
    """From now on, what each feed says is kept beside what everybody sees."""
    feeds = sorted(await tx.joined.feeds_of(account.id), key=lambda one: (one.ended, one.feed_id))
    for one in feeds:
        teller = Teller.of(account, one.feed_id, one.kind, ended=one.ended)
        await tx.joined.put_teller(teller)
    await tx.tellings.tell(account.id, [one.feed_id for one in feeds])


async def _tell(  # noqa: PLR0917 - who, when, which two, and what became of them
    tx: LedgerTx,
    owner: UserId,
    revision: int,
    kept: AccountId,
    other: AccountId,
    work: Reconciling,
) -> None:
    mended = work.mending
    await tx.revisions.record(
        LedgerChange(
            revision=revision,
            cause="join",
            feed_id=None,
            update=None,
            accounts=(kept, other),
            added=0,
            changed=mended.changed - mended.merged,
            removed=mended.merged,
        )
    )
    await tx.outbox.append(LedgerChanged(owner, revision - 1, revision, (kept, other)))
    facts: dict[str, str | int | bool | None] = {
        "account_id": str(kept),
        "former_account_id": str(other),
        "joined": mended.merged,
    }
    await tx.audit.record(owner, "ledger.accounts_joined", facts)
