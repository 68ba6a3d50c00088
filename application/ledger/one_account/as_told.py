"""The ledger as one feed tells it.

Of a joined account every feed has a view of its own: the entries that it told of, as it told them.
It is matched and replayed in that view exactly as if it were alone, and what it changes there is
its own word. What everybody sees follows from all words together (`domain.ledger.one_account`).
Accounts that one feed tells of are passed through as they are.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from typing_extensions import override

from application.ledger.lost_entries import LostEntry
from application.ledger.one_account.ports import JoinedAccounts, Parting, Tellings
from application.ledger.ports import Entries, LedgerTx, Sums
from application.shared.clock import Clock
from domain.ledger.entry import Entry, Removed
from domain.ledger.errors import EntryNotFoundError
from domain.ledger.matching.facts import CLAIMABLE_FOR, FORGOTTEN, KnownSource, OpenPending
from domain.ledger.matching.plan import Plan
from domain.ledger.one_account.precedence import composed
from domain.ledger.one_account.told import Tellers, Told, by_entry, said_to_be, unsaid
from domain.ledger.proofs.months import AccountMonth, months_changed
from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.observations import EntryStatus


@dataclass(slots=True)
class Word:
    """What one feed says in this transaction."""

    feed_id: FeedId
    joined: JoinedAccounts
    closed: frozenset[AccountMonth] = frozenset()
    """Months of joined accounts that nothing may be changed in."""
    due: SumChanges = field(default_factory=SumChanges)
    """What its word has done to sums, and is not written yet."""
    days: dict[AccountId, set[date]] = field(default_factory=dict)
    """Days of joined accounts that it spoke of."""
    fresh: set[EntryId] = field(default_factory=set)
    """Entries of joined accounts that came into being with its word."""

    def hear(self, account_id: AccountId, tellers: Tellers) -> None:
        """The feeds of a joined account, as they are now."""
        self.joined = {**self.joined, account_id: tellers}

    def closes(self, before: Entry, after: Entry) -> bool:
        """Whether the change would alter a closed month."""
        sums = SumChanges()
        sums.replace(before, after)
        return not self.closed.isdisjoint(months_changed(sums))

    def ours(self, account_ids: Iterable[AccountId]) -> set[AccountId]:
        return {one for one in account_ids if one in self.joined}


def as_told(tx: LedgerTx, word: Word, clock: Clock) -> LedgerTx:
    """The same transaction, in which the feed sees and changes only what it said itself."""
    entries = AsTold(tx.entries, tx.tellings, word, clock)
    return replace(tx, entries=entries, sums=AsToldSums(tx.sums, word))


@dataclass(frozen=True, slots=True)
class AsToldSums(Sums):
    sums: Sums
    word: Word

    @override
    async def apply(self, changes: SumChanges) -> None:
        """Of joined accounts, what became of the entries that everybody sees."""
        joined, due = self.word.joined, self.word.due
        if joined:
            months = {
                key: row for key, row in changes.months.items() if key.account_id not in joined
            }
            days = {key: net for key, net in changes.days.items() if key.account_id not in joined}
            changes = SumChanges(months | due.months, days | due.days)
            self.word.due = SumChanges()
        await self.sums.apply(changes)


@dataclass(frozen=True, slots=True)
class AsTold(Entries):
    entries: Entries
    tellings: Tellings
    word: Word
    clock: Clock

    @override
    async def sources(
        self, feed_id: FeedId, names: Collection[ExternalId]
    ) -> Mapping[ExternalId, KnownSource]:
        return await self.entries.sources(feed_id, names)

    @override
    async def load(self, entry_ids: Collection[EntryId]) -> Mapping[EntryId, Entry]:
        shared = await self.entries.load(entry_ids)
        return {one.id: one for one in await self._views(shared.values())}

    async def _views(self, shared: Collection[Entry]) -> list[Entry]:
        joined = [one.id for one in shared if one.account_id in self.word.joined]
        told = await self.tellings.told_by(self.word.feed_id, joined) if joined else {}
        return [self._view(one, told.get(one.id)) for one in shared]

    def _view(self, shared: Entry, told: Told | None) -> Entry:
        if shared.account_id not in self.word.joined:
            return shared
        return unsaid(shared) if told is None else told.view(shared)

    @override
    async def get(self, entry_id: EntryId) -> Entry:
        found = (await self._views([await self.entries.get(entry_id)]))[0]
        if found.removed is not None:
            raise EntryNotFoundError(entry_id)
        return found

    @override
    async def pendings(self, feed_id: FeedId) -> Sequence[OpenPending]:
        elsewhere = [
            one
            for one in await self.entries.pendings(feed_id)
            if one.entry.account_id not in self.word.joined
        ]
        if not self.word.joined:
            return elsewhere
        oldest = self.clock.now().date() - CLAIMABLE_FOR
        told = await self.tellings.pendings(feed_id, oldest)
        ids = {one.entry_id for _, one in told}
        shared = await self.entries.load(ids)
        those = by_entry(await self.tellings.told(ids)) if ids else {}
        for name, one in told:
            view = one.view(shared[one.entry_id])
            said = said_to_be(view, feed_id, those[view.id])
            elsewhere.append(OpenPending(name, view, said_to_be=said))
        return elsewhere

    @override
    async def nameless(
        self,
        account_ids: Collection[AccountId],
        status: EntryStatus,
        days: Collection[date] | None = None,
    ) -> Sequence[Entry]:
        ours = self.word.ours(account_ids)
        others = set(account_ids) - ours
        found = [*await self.entries.nameless(others, status, days)] if others else []
        if ours:
            told = await self.tellings.nameless(self.word.feed_id, ours, status, days)
            shared = await self.entries.load({one.entry_id for one in told})
            found += [one.view(shared[one.entry_id]) for one in told]
        return found

    @override
    async def any_lost(self, account_ids: Collection[AccountId]) -> bool:
        ours = self.word.ours(account_ids)
        others = set(account_ids) - ours
        if others and await self.entries.any_lost(others):
            return True
        return bool(ours) and await self.tellings.any_lost(self.word.feed_id, ours)

    @override
    async def lost(
        self, feed_id: FeedId, account_ids: Collection[AccountId], days: Collection[date]
    ) -> Sequence[LostEntry]:
        ours = self.word.ours(account_ids)
        others = set(account_ids) - ours
        found = [*await self.entries.lost(feed_id, others, days)] if others else []
        if ours:
            back = await self.tellings.lost(feed_id, ours, days)
            views = await self.load({one.entry_id for one in back})
            found += [LostEntry(views[one.entry_id], one.names, one.living) for one in back]
        return found

    @override
    async def of_accounts(self, account_ids: Collection[AccountId]) -> Sequence[Entry]:
        """Of joined accounts, those that this feed told of."""
        shared = await self.entries.of_accounts(account_ids)
        ids = [one.id for one in shared if one.account_id in self.word.joined]
        told = await self.tellings.told_by(self.word.feed_id, ids) if ids else {}
        return [
            self._view(one, told.get(one.id))
            for one in shared
            if one.account_id not in self.word.joined or one.id in told
        ]

    @override
    async def known_only_to(
        self, feed_id: FeedId, account_ids: Collection[AccountId]
    ) -> Sequence[Entry]:
        return await self.entries.known_only_to(feed_id, account_ids)

    @override
    async def forget(self, entry_ids: Collection[EntryId]) -> None:
        await self.entries.forget(entry_ids)

    @override
    async def retire(
        self,
        feed_id: FeedId,
        account_id: AccountId,
        names: Collection[ExternalId] | None = None,
    ) -> None:
        await self.entries.retire(feed_id, account_id, names)

    @override
    async def write(self, plan: Plan, revision: int) -> None:
        if any(one.account_id in self.word.joined for one in plan.entries()):
            plan = await self._understood(plan)
        await self.entries.write(plan, revision)

    @override
    async def put(self, entry: Entry, revision: int, *, new: bool = False) -> None:
        if entry.account_id not in self.word.joined:
            await self.entries.put(entry, revision, new=new)
            return
        one = {entry.id: entry}
        await self.write(Plan(added=one) if new else Plan(changed=one), revision)

    async def _understood(self, plan: Plan) -> Plan:
        """Keep the feed's word, and write what everybody's words together make of it."""
        changed = {
            one.id: one for one in plan.changed.values() if one.account_id in self.word.joined
        }
        shared = dict(await self.entries.load(changed.keys()))
        before: dict[EntryId, list[Told]] = {}
        for told in await self.tellings.told(changed.keys()) if changed else ():
            before.setdefault(told.entry_id, []).append(told)
        forgotten = {one.entry_id for one in plan.heard_again if one.digest == FORGOTTEN}
        words = [self._heard(one, before.get(one.id, ()), forgotten) for one in changed.values()]
        whole = dict(plan.changed)
        for word in words:
            was = shared[word.entry_id]
            others = [one for one in before.get(word.entry_id, ()) if one.feed_id != word.feed_id]
            tellers = self.word.joined[was.account_id]
            now = composed(await self._alive(was), [*others, word], tellers)
            if self.word.closes(was, now):
                now = was  # until the month is open again
            self.word.due.replace(was, now)
            del whole[was.id]
            if now != was:
                whole[was.id] = now
        for entry in plan.added.values():
            if entry.account_id in self.word.joined:
                words.append(Told.by(self.word.feed_id, entry, self.clock.now()))
                self.word.fresh.add(entry.id)
                self.word.due.replace(None, entry)
        for word in words:
            self.word.days.setdefault(word.account_id, set()).add(word.booked_on)
        await self.tellings.put(words)
        return replace(plan, changed=whole)

    def _heard(self, view: Entry, before: Iterable[Told], forgotten: Collection[EntryId]) -> Told:
        told = Told.by(self.word.feed_id, view, self.clock.now())
        if view.removed is Removed.BY_PERSON and view.id in forgotten:
            told = replace(told, removed=Removed.BY_FEED)
        mine = next((one for one in before if one.feed_id == told.feed_id), None)
        return told if mine is None else replace(told, provisional=mine.provisional, was=mine.was)

    async def _alive(self, entry: Entry) -> Entry:
        """An entry that was part of another one, and is told of again for itself."""
        if entry.removed is not Removed.MERGED:
            return entry
        parting = Parting(entry.id, entry.id)
        await self.tellings.part(self.word.feed_id, entry.account_id, [parting])
        return replace(entry, removed=None)
