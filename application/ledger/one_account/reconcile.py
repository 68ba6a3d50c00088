"""Finding the twins among the entries of one joined account, and making each pair one entry."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from application.ledger.one_account.asking import ask
from application.ledger.one_account.merging import Mending, Pair
from application.ledger.ports import LedgerTx
from application.shared.chance import NewIds
from domain.ledger.matching.facts import Apart, told_as
from domain.ledger.one_account.loose import Apart as KeptApart
from domain.ledger.one_account.loose import Loose, Twin, Twins, Window, Windows
from domain.ledger.one_account.told import Tellers, Told, by_entry
from domain.ledger.one_account.twins import twins
from domain.ledger.proofs.months import AccountMonth, month_of
from domain.shared.ids import AccountId, EntryId, FeedId
from domain.shared.observations import EntryStatus

REACH: Final = timedelta(days=21)
"""As far apart as two dates of one purchase may be: a hold, and its booking."""
STRETCH: Final = timedelta(days=120)
"""Days that are looked at together: memory stays flat, whatever the history."""
AGAIN: Final = timedelta(days=21)
"""Days up to now that are looked at each time: what one feed has not told of yet waits there."""

Place = tuple[EntryId, bool]
"""An entry, or what was put to it while one of the two was pending (True)."""


@dataclass(slots=True)
class Reconciling:
    """One joined account in a transaction: one side's feeds against the others.

    The account must be locked, and what its feeds say must be written.
    """

    tx: LedgerTx
    ids: NewIds
    account_id: AccountId
    tellers: Tellers
    side: frozenset[FeedId]
    revision: Callable[[], Awaitable[int]]
    closed: Collection[AccountMonth] = ()
    """Months that nothing may be changed in."""
    mending: Mending = field(init=False)
    fresh: set[EntryId] = field(default_factory=set)
    home: Collection[FeedId] = ()

    def __post_init__(self) -> None:
        self.mending = Mending(self.tx, self.account_id, self.tellers, self.fresh, self.home)

    async def on(self, days: Collection[date]) -> None:
        """Look for twins on these days, and around them."""
        windows = await self._windows()
        if len(windows) < 2:  # noqa: PLR2004 - it takes two
            windows = {}
        apart = {feed_id: await self.tx.words.apart(feed_id) for feed_id in self.tellers}
        for first, last in stretches(days):
            await self._between(first, last, windows, apart)

    async def _windows(self) -> Windows:
        spans = await self.tx.tellings.span(self.account_id)
        return {
            feed_id: Window.of(first, last, _heard(self.tellers, feed_id))
            for feed_id, (first, last) in spans.items()
            if feed_id in self.tellers
        }

    async def _between(
        self,
        first: date,
        last: date,
        windows: Windows,
        apart: Mapping[FeedId, Collection[Apart]],
    ) -> None:
        told = by_entry(
            await self.tx.tellings.told_between(self.account_id, first - REACH, last + REACH)
        )
        halves = [half for those in told.values() for half in self._halves(those)]
        ones = [one for one in halves if not one.feeds.isdisjoint(self.side)]
        others = [one for one in halves if one.feeds.isdisjoint(self.side)]
        kept_apart = await self._apart(told, apart)
        found = twins(ones, others, windows, kept_apart)
        own = await self._own(found, halves, (windows, kept_apart))
        await self._put_right(found, own, told, (first, last))

    def _halves(self, those: Sequence[Told]) -> Iterator[Loose]:
        """An entry, or its two halves, where what put them together was still pending."""
        standing = tuple(one for one in those if one.stands)
        torn = tuple(one for one in standing if one.provisional)
        rest = tuple(one for one in standing if not one.provisional)
        sides = {one.feed_id in self.side for one in standing}
        if torn and rest and len(sides) > 1:
            yield Loose(rest[0].entry_id, rest)
            yield Loose(torn[0].entry_id, torn, torn=True)
        elif standing:
            yield Loose(standing[0].entry_id, standing)

    async def _apart(
        self,
        told: Mapping[EntryId, Sequence[Told]],
        words: Mapping[FeedId, Collection[Apart]],
    ) -> set[tuple[EntryId, EntryId]]:
        """What the person said are two; of what a feed says no more, it was about that alone."""
        if not any(words.values()):
            return set()
        names = await self.tx.tellings.names_of(told.keys())
        return {
            (entry_id, other)
            for entry_id, those in names.items()
            for feed_id, name in those
            for said, other in words.get(feed_id, ())
            if said == told_as(name) and not _is_past(feed_id, told.get(other, ()))
        }

    async def _own(
        self, found: Twins, halves: Sequence[Loose], compared: tuple[Windows, KeptApart]
    ) -> dict[Place, EntryId]:
        """Which entry each half is, once those that do not belong together are apart."""
        again = {twin.one.entry_id: twin for twin in found.sure if _is_whole(twin)}
        await self._settle(list(again.values()))
        own = {(one.entry_id, False): one.entry_id for one in halves}
        for one in halves:
            if one.torn and one.entry_id not in again and self._may_change(one):
                own[one.entry_id, True] = await self._part(one, *compared)
        return own

    async def _put_right(
        self,
        found: Twins,
        own: Mapping[Place, EntryId],
        told: Mapping[EntryId, Sequence[Told]],
        days: tuple[date, date],
    ) -> None:
        first, last = days
        pairs = []
        for twin in found.sure:
            within = any(first <= day <= last for day in _days(twin))
            sides = [own.get((one.entry_id, one.torn)) for one in (twin.one, twin.other)]
            open_still = self._may_change(twin.one) and self._may_change(twin.other)
            if _is_whole(twin) or not within or None in sides or not open_still:
                continue
            first_id, other_id = (side for side in sides if side is not None)
            pairs.append(Pair(first_id, other_id, twin.link, _pending(twin)))
        if pairs:
            changed = any(torn for _, torn in own) or any(_is_whole(twin) for twin in found.sure)
            as_read = None if changed else told
            if await self._past_parted(pairs, as_read):
                as_read = None
            await self.mending.join(pairs, await self.revision(), as_read)
        await ask(self.tx, [one for one in found.asked if not (one.one.torn or one.other.torn)])

    def _may_change(self, one: Loose) -> bool:
        months = {AccountMonth(self.account_id, month_of(told.booked_on)) for told in one.tellings}
        return months.isdisjoint(self.closed)

    async def _settle(self, again: Sequence[Twin]) -> None:
        """Both are booked now, and still one: nothing is provisional about them any more."""
        sure = [
            replace(told, provisional=False)
            for twin in again
            for one in (twin.one, twin.other)
            for told in one.tellings
            if told.provisional and _both_booked(twin)
        ]
        if sure:
            await self.tx.tellings.put(sure)

    async def _part(self, one: Loose, windows: Windows, apart: KeptApart) -> EntryId:
        """The half that was put to it by mistake is an entry of its own.

        What several feeds tell of it is one still, where they tell of the same.
        """
        # What is booked is what the person saw: it takes along what they said.
        seen_first = sorted(one.tellings, key=lambda told: told.status is not EntryStatus.BOOKED)
        parts = [await self._parted(one.entry_id, told) for told in seen_first]
        first = parts[0]
        for other in parts[1:]:
            for twin in twins([first], [other], windows, apart).sure:
                pair = Pair(first.entry_id, other.entry_id, twin.link, _pending(twin))
                await self.mending.join([pair], await self.revision())
                both = await self.tx.tellings.told([first.entry_id, other.entry_id])
                first = Loose(both[0].entry_id, tuple(both))
        return first.entry_id

    async def _parted(self, entry_id: EntryId, told: Told) -> Loose:
        parted = await self.mending.part(
            self.ids, told.feed_id, [entry_id], await self.revision(), mistaken=True
        )
        return Loose(parted[entry_id], (replace(told, entry_id=parted[entry_id]),))

    async def _past_parted(
        self, pairs: Sequence[Pair], told: Mapping[EntryId, Sequence[Told]] | None
    ) -> bool:
        """Of two entries that a feed told of, it says one no more: its word on that goes its way.

        Among equal holds, one feed's first may have been taken for the other's second. Kept with
        the entry, the old name would speak for it: not told any more, the entry would be gone.
        """
        if told is None:
            ids = {one for pair in pairs for one in (pair.one, pair.other)}
            told = by_entry(await self.tx.tellings.told(ids))
        past = [
            (entry_id, word)
            for pair in pairs
            for entry_id, other in ((pair.one, pair.other), (pair.other, pair.one))
            for word in told.get(entry_id, ())
            if not word.stands and _says(word.feed_id, told.get(other, ()))
        ]
        for entry_id, word in past:
            await self.mending.part(
                self.ids,
                word.feed_id,
                [entry_id],
                await self.revision(),
                mistaken=word.provisional,
            )
        return bool(past)


def _says(feed_id: FeedId, those: Sequence[Told]) -> bool:
    return any(one.feed_id == feed_id and one.stands for one in those)


def _is_past(feed_id: FeedId, those: Sequence[Told]) -> bool:
    """The feed's word was put to what others tell of, and the feed has taken it back since."""
    mine = (one for one in those if one.feed_id == feed_id)
    return any(one.provisional and not one.stands for one in mine)


def _is_whole(twin: Twin) -> bool:
    """Two halves of one entry that belong together, as was thought."""
    return twin.one.entry_id == twin.other.entry_id


def _pending(twin: Twin) -> bool:
    return EntryStatus.PENDING in {twin.one.first.status, twin.other.first.status}


def _both_booked(twin: Twin) -> bool:
    return twin.one.first.status is twin.other.first.status is EntryStatus.BOOKED


def _days(twin: Twin) -> Iterator[date]:
    for one in (twin.one, twin.other):
        for told in one.tellings:
            yield told.booked_on


def _heard(tellers: Tellers, feed_id: FeedId) -> date | None:
    at = tellers[feed_id].heard_at
    return None if at is None else at.date()


def stretches(days: Collection[date]) -> Iterator[tuple[date, date]]:
    """Days that are near each other together, and never too many."""
    first = last = None
    for day in sorted(days):
        if first is None or last is None:
            first = last = day
        elif day - first < STRETCH:
            last = day
        else:
            yield first, last
            first = last = day
    if first is not None and last is not None:
        yield first, last
