"""A feed of a joined account was understood otherwise: its word goes where its names have gone."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from application.ledger.one_account.as_told import Word
from application.ledger.one_account.merging import Mending, Pair
from application.ledger.one_account.reconcile import Reconciling
from application.ledger.ports import LedgerTx
from application.shared.chance import NewIds
from domain.ledger.entry import Entry, Removed
from domain.ledger.matching.evidence import Link, Method
from domain.ledger.matching.plan import Plan
from domain.ledger.one_account.precedence import composed
from domain.ledger.one_account.told import by_entry
from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId, EntryId


@dataclass(frozen=True, slots=True)
class Replayed:
    """The joined accounts of a feed, once its words and names are what they are afresh.

    They must be locked, and no closed month may come to something else.
    """

    tx: LedgerTx
    """As everybody sees it."""
    ids: NewIds
    word: Word
    revision: Callable[[], Awaitable[int]]

    async def mend(
        self, vacated: Mapping[EntryId, EntryId], loosened: Sequence[EntryId] = ()
    ) -> int:
        """Take the feed's word back from entries of which all its names are another's (`vacated`).

        What others tell of stays as they tell it. What nobody else tells of is part of the entry
        that has the names now, with what the person said of it. Where the
        feed means something else by an entry than before (`loosened`), its word is parted from
        the others'. Then twins are looked for, as after any update. Returns how many entries of
        this very replay were found to be others'.
        """
        await self._leave(vacated)
        await self._part(loosened)
        return sum([await self._reconcile(one) for one in sorted(self.word.days)])

    async def _leave(self, vacated: Mapping[EntryId, EntryId]) -> None:
        if not vacated:
            return
        told = by_entry(await self.tx.tellings.told(vacated))
        entries = await self.tx.entries.load(vacated)
        await self.tx.tellings.drop(self.word.feed_id, list(vacated))
        after: dict[EntryId, Entry] = {}
        sums = SumChanges()
        for gone, heir in vacated.items():
            was = entries[gone]
            self._look_at(was.account_id, {one.booked_on for one in told.get(gone, ())})
            rest = [one for one in told.get(gone, ()) if one.feed_id != self.word.feed_id]
            if rest:
                now = composed(was, rest, self.word.joined[was.account_id])
                if now != was:
                    after[gone] = now
                    sums.replace(was, now)
            elif was.removed not in {Removed.MERGED, Removed.BY_PERSON}:
                await self._become(was, heir)
        if after:
            await self.tx.entries.write(Plan(changed=after), await self.revision())
        await self.tx.sums.apply(sums)

    async def _part(self, loosened: Sequence[EntryId]) -> None:
        told = by_entry(await self.tx.tellings.told(loosened)) if loosened else {}
        for entry_id, those in told.items():
            mine = [one for one in those if one.feed_id == self.word.feed_id]
            if not mine or len(those) == len(mine):
                continue
            account_id = mine[0].account_id
            self._look_at(account_id, {one.booked_on for one in those})
            tellers = self.word.joined[account_id]
            mending = Mending(self.tx, account_id, tellers, self.word.fresh)
            await mending.part(self.ids, self.word.feed_id, [entry_id], await self.revision())
            await self.tx.sums.apply(mending.sums)

    def _look_at(self, account_id: AccountId, days: set[date]) -> None:
        self.word.days.setdefault(account_id, set()).update(days)

    async def _become(self, gone: Entry, heir: EntryId) -> None:
        """Only this feed told of it, and it tells of the heir instead."""
        tellers = self.word.joined[gone.account_id]
        mending = Mending(self.tx, gone.account_id, tellers, self.word.fresh, first=heir)
        link = Link(Method.ASSIGNED, founding=True)
        await mending.join([Pair(heir, gone.id, link)], await self.revision())
        await self.tx.sums.apply(mending.sums)

    async def _reconcile(self, account_id: AccountId) -> int:
        work = Reconciling(
            tx=self.tx,
            ids=self.ids,
            account_id=account_id,
            tellers=self.word.joined[account_id],
            side=frozenset({self.word.feed_id}),
            revision=self.revision,
            closed=self.word.closed,
            fresh=self.word.fresh,
        )
        await work.on(self.word.days[account_id])
        await self.tx.sums.apply(work.mending.sums)
        return work.mending.dissolved
