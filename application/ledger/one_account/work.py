"""An update of a feed, some of whose accounts other feeds tell of, too."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Self

from typing_extensions import override

from application.ledger.feed_work import FeedWork
from application.ledger.jobs import ApplyFeedJob
from application.ledger.one_account.as_told import Word, as_told
from application.ledger.one_account.reconcile import AGAIN, Reconciling
from application.ledger.ports import LedgerTx
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.feeds import UpdateId
from domain.ledger.account import Account
from domain.ledger.one_account.precedence import composed_account
from domain.ledger.one_account.told import Teller
from domain.shared.ids import AccountId, FeedId
from domain.shared.observations import AccountSeen


@dataclass(slots=True)
class SharedWork(FeedWork):
    """Where nothing is joined, this is its base, and asks nothing more than who is joined."""

    whole: LedgerTx = field(kw_only=True)
    """The transaction as everybody sees it."""
    word: Word = field(kw_only=True)

    @classmethod
    async def of(
        cls, tx: LedgerTx, job: ApplyFeedJob, update: UpdateId, clock: Clock, ids: NewIds
    ) -> Self:
        word = await word_of(tx, job.feed_id)
        return cls(as_told(tx, word, clock), job, update, clock, ids, whole=tx, word=word)

    @override
    async def _account(self, seen: AccountSeen) -> None:
        account_id = self.names.get(seen.id)
        if account_id is None or account_id not in self.word.joined:
            await FeedWork._account(self, seen)  # noqa: SLF001 - a dataclass with slots has no zero-argument super()
            return
        tellers = dict(self.word.joined[account_id])
        known = tellers.get(self.job.feed_id)
        tellers[self.job.feed_id] = (known or await self._teller(account_id)).says(seen)
        self.word.hear(account_id, tellers)
        self.accounts[account_id] = composed_account(self.accounts[account_id], tellers.values())

    async def _teller(self, account_id: AccountId) -> Teller:
        """The feed itself, which has not told of the joined account before."""
        feeds = {one.feed_id: one.kind for one in await self.whole.joined.feeds_of(account_id)}
        feed_id = self.job.feed_id
        bare = replace(self.accounts[account_id], anchor=None)
        teller = Teller.of(bare, feed_id, feeds[feed_id], ended=False)
        return replace(teller, was=None)

    @override
    async def _adopt(self, account: Account, seen: AccountSeen) -> None:
        # Whoever waited for the account may have waited for somebody who joined it.
        await self._catch_up()
        joined = await self.whole.joined.joined()
        if account.id in joined and account.id not in self.word.joined:
            self.word.joined = {**self.word.joined, account.id: joined[account.id]}
        await FeedWork._adopt(self, account, seen)  # noqa: SLF001 - a dataclass with slots has no zero-argument super()
        if account.id in self.word.joined:
            self.accounts[account.id] = account
            await self._account(seen)

    @override
    async def _save(self) -> None:
        mine = {*self.names.values(), *self.met} & self.word.joined.keys()
        for account_id in sorted(mine):
            await self._reconcile(account_id)
        await FeedWork._save(self)  # noqa: SLF001 - a dataclass with slots has no zero-argument super()

    async def _reconcile(self, account_id: AccountId) -> None:
        now = self.clock.now()
        tellers = dict(self.word.joined[account_id])
        mine = tellers.get(self.job.feed_id) or await self._teller(account_id)
        tellers[self.job.feed_id] = replace(mine, heard_at=now)
        self.word.hear(account_id, tellers)
        await self.whole.joined.put_teller(tellers[self.job.feed_id])
        work = Reconciling(
            tx=self.whole,
            ids=self.ids,
            account_id=account_id,
            tellers=tellers,
            side=frozenset({self.job.feed_id}),
            revision=self._revision,
            closed=self.word.closed,
            fresh=self.word.fresh,
        )
        await work.on(self.word.days.get(account_id, set()) | _lately(now.date()))
        await self.whole.sums.apply(work.mending.sums)
        mended = work.mending
        if mended.changed or mended.dissolved:
            self.touched.add(account_id)
        self.added -= mended.dissolved
        self.changed += mended.changed - mended.merged
        self.removed += mended.merged


def _lately(today: date) -> set[date]:
    return {today - timedelta(days=days) for days in range(AGAIN.days)}


async def word_of(tx: LedgerTx, feed_id: FeedId) -> Word:
    """What the feed may say here; its accounts must not be joined meanwhile (lock the feed)."""
    joined = await tx.joined.joined()
    closed = await tx.proofs.closed_on(joined.keys()) if joined else ()
    return Word(feed_id, joined, frozenset(one.which for one in closed))
