"""Two entries that are one, and one that is two: written with everything that hangs on them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from application.ledger.one_account.ports import Merge, Parting
from application.ledger.ports import LedgerTx
from application.shared.chance import NewIds
from domain.ledger.entry import Entry, Removed
from domain.ledger.matching.evidence import Link
from domain.ledger.matching.plan import Plan
from domain.ledger.one_account.merged import (
    changed_by_hand,
    deleted_before,
    left_with,
    one_of,
    part_of_another,
    put_together,
)
from domain.ledger.one_account.parted import Half
from domain.ledger.one_account.precedence import composed
from domain.ledger.one_account.told import Tellers, Told, by_entry
from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId, EntryId, FeedId

_AT_ONCE: Final = 2_000
"""Pairs."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries that are one."""

    one: EntryId
    other: EntryId
    link: Link
    provisional: bool = False
    """To be looked at again: one of them is still pending."""


@dataclass(slots=True)
class Mending:
    """Puts entries of one joined account together and takes them apart.

    `sums` gathers what that does to kept figures; whoever is done writes them.
    """

    tx: LedgerTx
    account_id: AccountId
    tellers: Tellers
    fresh: set[EntryId] = field(default_factory=set)
    """They came into being in this transaction, so nobody knows their ids."""
    home: Collection[FeedId] = ()
    """Feeds whose entries keep their ids before others."""
    first: EntryId | None = None
    """This one keeps its id, whatever else."""
    edited: Mapping[EntryId, int] = field(default_factory=dict)
    """When the person's words came to entries that this transaction has moved: their revisions."""
    sums: SumChanges = field(default_factory=SumChanges)
    merged: int = 0
    """Of entries that somebody may have seen."""
    dissolved: int = 0
    """Of fresh ones."""
    changed: int = 0

    async def join(
        self,
        pairs: Sequence[Pair],
        revision: int,
        told: Mapping[EntryId, Sequence[Told]] | None = None,
    ) -> None:
        """Each entry is in one of the pairs.

        `told`: all that is said of these entries, where somebody has just read it.
        """
        # Others want the event loop, too: a few at a time.
        for start in range(0, len(pairs), _AT_ONCE):
            await self._join(pairs[start : start + _AT_ONCE], revision, told)

    async def _join(
        self,
        pairs: Sequence[Pair],
        revision: int,
        told: Mapping[EntryId, Sequence[Told]] | None,
    ) -> None:
        ids = {one for pair in pairs for one in (pair.one, pair.other)}
        entries = await self.tx.entries.load(ids)
        if told is None:
            told = by_entry(await self.tx.tellings.told(ids))
        edited = [one for one in entries.values() if one.edited]
        at = await self._edited_at({one.id for one in edited}) if edited else {}
        merges: list[Merge] = []
        words: list[Told] = []
        after: dict[EntryId, Entry] = {}
        for pair in pairs:
            kept, gone = self._order(entries[pair.one], entries[pair.other], told)
            fresh = gone.id in self.fresh
            mine = one_of(
                kept.id,
                told.get(kept.id, ()),
                told.get(gone.id, ()),
                provisional=pair.provisional,
                was=None if fresh else gone.id,
            )
            later = at.get(gone.id, 0) > at.get(kept.id, 0)
            itself = deleted_before(kept, told.get(kept.id, ()))
            other = deleted_before(gone, told.get(gone.id, ()))
            whole = composed(put_together(itself, other, later=later), mine, self.tellers)
            words += [one for one in mine if one not in told.get(kept.id, ())]
            merges.append(Merge(gone.id, kept.id, pair.link, fresh))
            self.sums.replace(kept, whole)
            self.sums.replace(gone, None)
            if whole != kept:
                after[kept.id] = whole
            if not fresh:
                # What may be taken apart as a mistake keeps its own words.
                swap = later and not pair.provisional
                left = left_with(other, itself) if swap else other
                after[gone.id] = part_of_another(left)
            self.merged += not fresh
            self.dissolved += fresh
        await self._write(entries, after, revision)
        await self.tx.tellings.merge(merges)
        await self.tx.tellings.put(words)

    async def _edited_at(self, ids: set[EntryId]) -> Mapping[EntryId, int]:
        return {**await self.tx.tellings.edited_at(ids), **self.edited}

    def _order(
        self, one: Entry, other: Entry, told: Mapping[EntryId, Sequence[Told]]
    ) -> tuple[Entry, Entry]:
        """Which one keeps its id: what was there before, what is at home here, the older one."""

        def place(entry: Entry) -> tuple[bool, bool, bool, bool, EntryId]:
            feeds = {each.feed_id for each in told.get(entry.id, ())}
            at_home = not feeds.isdisjoint(self.home)
            fresh, bare = entry.id in self.fresh, entry.transfer is None
            return entry.id != self.first, fresh, not at_home, bare, entry.id

        kept, gone = sorted((one, other), key=place)
        return kept, gone

    async def part(
        self,
        ids: NewIds,
        feed_id: FeedId,
        entry_ids: Sequence[EntryId],
        revision: int,
        own_account: AccountId | None = None,
        *,
        mistaken: bool = False,
    ) -> dict[EntryId, EntryId]:
        """What the feed tells of these entries is an entry of its own each; returns which.

        The other feeds tell of the entry still, and it keeps what the person said. One that they
        deleted stays deleted on both sides, unless it was put together by mistake (`mistaken`):
        then only the one that they had deleted, or saw when they did, and other words go where
        everybody saw what they were said of: a booking that was taken for a hold of the others'.
        On an account of its own (`own_account`), a new one has the words that yielded to others
        while the two were one: none stays hidden.
        """
        account_id = own_account or self.account_id
        told = by_entry(await self.tx.tellings.told(entry_ids))
        mine = {
            entry_id: one
            for entry_id in entry_ids
            for one in told.get(entry_id, ())
            if one.feed_id == feed_id
        }
        former = {one.was for those in told.values() for one in those if one.was is not None}
        entries = await self.tx.entries.load({*mine, *former})
        unsure = [
            entry_id
            for entry_id in mine
            if mistaken or any(one.provisional for one in told[entry_id])
        ]
        spoken = await self.tx.tellings.changed_by_hand(unsure) if unsure else ()
        own: dict[EntryId, EntryId] = {}
        added: dict[EntryId, Entry] = {}
        after: dict[EntryId, Entry] = {}
        words: list[Told] = []
        for entry_id, one in mine.items():
            shared, before = entries[entry_id], _former(one, entries)
            new_id = EntryId(ids.one()) if before is None else before.id
            word = replace(one, entry_id=new_id, account_id=account_id, provisional=False, was=None)
            rest = [each for each in told[entry_id] if each.feed_id != feed_id]
            half = Half(
                word=word,
                shared=shared,
                before=before,
                rest=rest,
                others_before=[it for each in rest if (it := _former(each, entries)) is not None],
                provisional=one.provisional,
                mistaken=mistaken,
                said_last=entry_id in spoken,
                moves=own_account is not None,
            )
            again, left = half.taken_out(self.tellers)
            (added if before is None else after)[new_id] = again
            own[entry_id] = new_id
            words.append(word)
            now = composed(left, rest, self.tellers)
            self.sums.replace(None, again)
            self.sums.replace(shared, now)
            if now != shared:
                after[entry_id] = now
        self.fresh |= added.keys()
        await self.tx.tellings.drop(feed_id, list(mine))
        await self._add(added, revision)
        await self._write(entries, after, revision)
        self.changed += len(added)
        await self.tx.tellings.put(words)
        partings = [Parting(entry_id, new_id) for entry_id, new_id in own.items()]
        await self.tx.tellings.part(feed_id, account_id, partings)
        return own

    async def _add(self, added: Mapping[EntryId, Entry], revision: int) -> None:
        # What the person said is written one by one.
        for one in added.values():
            if one.edited:
                await self.tx.entries.put(one, revision, new=True)
        bare = {one.id: one for one in added.values() if not one.edited}
        if bare:
            await self.tx.entries.write(Plan(added=bare), revision)

    async def _write(
        self, before: Mapping[EntryId, Entry], after: Mapping[EntryId, Entry], revision: int
    ) -> None:
        # What the person said of one goes with it to the other: written one by one.
        by_hand = [one for one in after.values() if changed_by_hand(before[one.id], one)]
        for one in by_hand:
            await self.tx.entries.put(one, revision)
        done = {one.id for one in by_hand}
        rest = {one.id: one for one in after.values() if one.id not in done}
        if rest:
            await self.tx.entries.write(Plan(changed=rest), revision)
        self.changed += len(after)


def _former(told: Told, entries: Mapping[EntryId, Entry]) -> Entry | None:
    """The entry that it was of before, if that is still part of another one."""
    before = None if told.was is None else entries.get(told.was)
    return before if before is not None and before.removed is Removed.MERGED else None
