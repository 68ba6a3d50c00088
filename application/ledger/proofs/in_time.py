"""What an update says of closed months: set aside before it is written, and kept."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from typing_extensions import override

from application.ledger.feed_accounts import ended_feeds
from application.ledger.jobs import ApplyFeedJob
from application.ledger.ports import LedgerTx
from application.ledger.proofs.waiting import Waiting
from domain.ledger.entry import Entry
from domain.ledger.matching.facts import Known, OpenPending
from domain.ledger.matching.names import is_another_thing
from domain.ledger.matching.plan import Plan
from domain.ledger.proofs.late import (
    LateChange,
    LateEntry,
    Word,
    change_again,
    change_of,
    late_in,
    said_behind,
    says_plainly,
    without,
    word_of,
)
from domain.ledger.proofs.months import AccountMonth
from domain.shared.ids import AccountId, EntryId, ExternalId
from domain.shared.observations import Observations, TransactionSeen


@dataclass(slots=True)
class InTime:
    """Closed months as one update meets them. Accounts are locked, so none is closed meanwhile.

    An update that changes nothing asks for what waits, and no more; others ask once for each
    account.
    """

    tx: LedgerTx
    job: ApplyFeedJob
    aside: int = 0
    """Transactions whose news waits."""
    waiting: Waiting | None = None
    """None: not asked for yet."""
    _anew: set[ExternalId] = field(default_factory=set)
    """Names that wait, of which this page says all there is to say."""
    _words: dict[int, dict[ExternalId, Word]] = field(default_factory=dict)
    """By update: what it said last under names that wait."""
    _is_file: bool | None = None
    """Whether the feed is of statement files. None: not asked for yet."""
    _asked: set[AccountId] = field(default_factory=set)
    _closed: set[AccountMonth] = field(default_factory=set)

    def goes_on(self, tx: LedgerTx, job: ApplyFeedJob) -> None:
        """With the feed's next update: what waits, waits still."""
        self.tx, self.job = tx, job

    async def hear(self, page: Observations) -> Observations:
        """What is to be looked at of the page: all but what has to wait behind what waits.

        Where there are only plain words of one name, the newest takes the place of all of them.
        What is told again as it was told last waits already: banks repeat what they said. Plain
        words of a file wait where they were told first, so that the figures of its import hold.
        """
        if self.waiting is None:
            self.waiting = Waiting()
            self.waiting.add(await self.tx.proofs.late_of(self.job.feed_id))
        waiting, behind = self.waiting, set[ExternalId]()
        for name, lead in waiting.spoken_of(page).items():
            plainly = name == lead and lead not in waiting.mixed and says_plainly(page, name)
            if plainly and not await self._of_a_file_before(page, name):
                if not await self._is_another(page, name):
                    self._anew.add(name)
                continue
            behind.add(name)
            if await self._said_before(page, name):
                continue
            change = said_behind(waiting.first[lead], page, name, self.job.number)
            await self.tx.proofs.set_aside([change])
            waiting.add([change])
        return without(page, behind) if behind else page

    async def _is_another(self, page: Observations, name: ExternalId) -> bool:
        """Whether the name is used again for something else, which says nothing of what waits."""
        waiting = self.waiting or Waiting()
        after = waiting.first[name].after
        told = next((one for one in reversed(page.transactions) if one.id == name), None)
        if after is None or told is None or told.amount == after.amount:
            return False
        number = waiting.newest[name]
        seen, _ = (await self._said_in(number, [name])).get(name, ((), False))
        return bool(seen) and is_another_thing(told, seen[-1])

    async def _of_a_file_before(self, page: Observations, name: ExternalId) -> bool:
        """Whether an earlier file has told just this."""
        if self._is_file is None:
            waits = (self.waiting or Waiting()).first[name]
            source = await self.tx.accounts.statements_of(waits.account_id)
            self._is_file = source is not None and source.feed_id == self.job.feed_id
        return self._is_file and await self._said_before(page, name)

    async def _said_before(self, page: Observations, name: ExternalId) -> bool:
        """Whether the last word that waits under the name, of an earlier update, is the same."""
        waiting = self.waiting or Waiting()
        number = waiting.newest.get(name, self.job.number)
        if number == self.job.number:
            return False
        if number not in self._words:
            self._words[number] = await self._said_in(number, waiting.leads.keys())
        return self._words[number].get(name) == word_of(page, name)

    async def _said_in(self, number: int, names: Collection[ExternalId]) -> dict[ExternalId, Word]:
        """What the update said last under each of the names, read page by page."""
        update = await self.tx.received.find(self.job.feed_id, number)
        said: dict[ExternalId, Word] = {}
        if update is not None:
            async for page in self.tx.received.pages(update):
                spoken = {one.id for one in page.transactions} | {one.id for one in page.gone}
                said |= {name: word_of(page, name) for name in spoken.intersection(names)}
        return said

    async def again(
        self,
        page: Observations,
        strangers: Collection[TransactionSeen],
        accounts: Mapping[ExternalId, AccountId],
    ) -> Observations:
        """The page without strangers that may be what waits under a name of the past.

        They are of accounts that were found again. What waits may end in a month that is open:
        followed here at once, it would be there twice when the other one is followed.
        """
        late = await self.tx.proofs.late_on({accounts[one.account] for one in strangers})
        if not late:
            return page
        feeds = {self.job.feed_id, *await ended_feeds(self.tx)}
        waits = {
            (one.account_id, one.after.amount, one.after.booked_on)
            for one in late
            if one.feed_id in feeds and one.after is not None
        }
        self.waiting = self.waiting or Waiting()
        behind = {
            one.id: change_again(one, accounts[one.account], self.job.feed_id, self.job.number)
            for one in strangers
            if one.id not in self.waiting.leads
            and (accounts[one.account], one.amount, one.booked_on) in waits
        }
        await self.tx.proofs.set_aside(list(behind.values()))
        self.waiting.add(behind.values())
        return without(page, behind) if behind else page

    async def late(
        self,
        plan: Plan,
        page: Observations,
        known: Known,
        pendings: Mapping[ExternalId, OpenPending],
    ) -> list[LateEntry]:
        """What of the plan comes too late: nearly always nothing."""
        accounts = {key.account_id for key, net in plan.sums.days.items() if net} - self._asked
        if accounts:
            self._asked |= accounts
            self._closed |= {one.which for one in await self.tx.proofs.closed_on(accounts)}
        if not self._closed:
            return []
        befores = _befores(known, pendings)
        found = late_in(plan, page, known.sources, befores, self._closed)
        return [one for one in found if one.names]

    async def set_aside(
        self,
        page: Observations,
        late: Iterable[LateEntry],
        pendings: dict[ExternalId, OpenPending],
    ) -> Observations:
        """The page without them; what they would have done is kept.

        What is pending and has its booking waiting is not free for another one any more.
        """
        self.waiting = self.waiting or Waiting()
        names: set[ExternalId] = set()
        for one in late:
            changes = change_of(one, page, self.job.feed_id, self.job.number)
            # A newer plain word takes the place of the older ones, though it has to wait, too.
            older = self._anew & {change.name for change in changes}
            if older:
                changes = [self.waiting.as_waited(change) for change in changes]
                await self.tx.proofs.settled(self.job.feed_id, older)
                self.waiting.forget(older)
            await self.tx.proofs.set_aside(changes)
            self.waiting.add(changes)
            self.let_wait(changes, pendings)
            names.update(one.names)
            self._anew -= older
            self.aside += 1
        return without(page, names)

    async def judged(self) -> None:
        """What was said anew and is followed: the words that waited are of the past."""
        if self._anew and self.waiting is not None:
            await self.tx.proofs.settled(self.job.feed_id, self._anew)
            self.waiting.forget(self._anew)
            self._anew = set()

    def let_wait(
        self, changes: Iterable[LateChange], pendings: dict[ExternalId, OpenPending]
    ) -> None:
        """Take out of `pendings` what these would book."""
        booked = {one.entry_id for one in changes}
        for name in [name for name, held in pendings.items() if held.entry.id in booked]:
            del pendings[name]


@dataclass(slots=True)
class AnyTime(InTime):
    """In a replay nothing comes too late: what waits is left out of the pages beforehand."""

    @override
    async def hear(self, page: Observations) -> Observations:
        return page

    @override
    async def again(
        self,
        page: Observations,
        strangers: Collection[TransactionSeen],
        accounts: Mapping[ExternalId, AccountId],
    ) -> Observations:
        return page

    @override
    async def late(
        self,
        plan: Plan,
        page: Observations,
        known: Known,
        pendings: Mapping[ExternalId, OpenPending],
    ) -> list[LateEntry]:
        return []


def _befores(known: Known, pendings: Mapping[ExternalId, OpenPending]) -> dict[EntryId, Entry]:
    befores = {one.entry.id: one.entry for one in pendings.values()}
    befores |= {one.id: one for one in known.nameless}
    return befores | dict(known.entries)
