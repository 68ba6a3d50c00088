"""Understand a feed afresh, from the first thing it was kept saying, with the present matcher."""

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from typing_extensions import override

from application.ledger.feed_pages import batched
from application.ledger.feed_work import FeedWork
from application.ledger.jobs import ApplyFeedJob
from application.ledger.ports import LedgerTx
from application.ledger.proofs.in_time import AnyTime
from application.ledger.replay_scratch import (
    AsOf,
    KnownManners,
    NoRevisions,
    NoSums,
    ScratchEntries,
    ScratchSuggestions,
)
from application.ledger.replay_then import Kept, Then
from application.shared.chance import NewIds
from domain.ledger.entry import Entry, Removed
from domain.ledger.matching.evidence import CERTAIN, Method
from domain.ledger.matching.facts import Apart, SourceState, Suggested, named_before
from domain.ledger.one_account.told import Told, by_entry
from domain.ledger.proofs.late import Word, without, word_of
from domain.shared.ids import EntryId, ExternalId, FeedId, UserId
from domain.shared.observations import AccountSeen, Observations


@dataclass(frozen=True, slots=True)
class Afresh:
    """What a feed means, and what it was taken to mean."""

    kept: Kept
    existing: Mapping[EntryId, Entry]
    scratch: ScratchEntries
    suggested: Mapping[tuple[EntryId, EntryId], Suggested]


async def understood_afresh(
    tx: LedgerTx, owner: UserId, feed_id: FeedId, last: int, ids: NewIds
) -> Afresh:
    """The feed's updates up to `last`, applied to a ledger beside the ledger."""
    accounts = await tx.accounts.of_feed(feed_id)
    kept = await tx.links.of_feed(feed_id)
    mine = {account.id for account in accounts.values()}
    existing = {one.id: one for one in await tx.entries.of_accounts(mine)}
    again = await tx.accounts.recognising(feed_id)
    joined = await tx.joined.joined()
    confirmed = await _confirmed(tx, {feed for one in mine for feed in joined.get(one, ())})
    scratch = ScratchEntries(Then(kept, existing, again, joined), confirmed)
    suggestions = ScratchSuggestions()
    beside = replace(
        tx,
        entries=scratch,
        sums=NoSums(),
        suggestions=suggestions,
        manners=KnownManners(tx.manners),
        revisions=NoRevisions(),
    )
    apart = _Apart(kept, existing, await tx.words.apart(feed_id))
    begun = _Begun(existing, ids, _beginnings(kept), scratch.entries)
    late = await tx.proofs.late_of(feed_id)
    waiting: dict[ExternalId, Word] = {}
    for number in range(1, last + 1):
        update = await tx.received.find(feed_id, number)
        if update is None:
            continue
        clock = AsOf(await tx.received.completed_at(update))
        scratch.today = clock.now().date()
        job = ApplyFeedJob(user_id=owner, feed_id=feed_id, number=number)
        work = _Rehearsal(
            beside, job, update, clock, ids, new_id=begun.by, apart=apart, scratch=scratch
        )
        work.in_time = AnyTime(beside, job)
        waits = [one for one in late if one.number == number]
        names = {one.name for one in waits}
        work.meet(accounts)
        await work.begin()
        work.in_time.let_wait(waits, work.pendings)
        said: dict[ExternalId, Word] = {}
        async for page in batched(tx.received.pages(update)):
            said |= {name: word_of(page, name) for name in _spoken_of(page) & names}
            silent = names | _told_again(page, waiting)
            await work.page(_of_known_accounts(without(page, silent), accounts))
        waiting |= said
        await work.end()
    return Afresh(kept, existing, scratch, suggestions.made)


async def _confirmed(tx: LedgerTx, feeds: Collection[FeedId]) -> Mapping[EntryId, Sequence[Told]]:
    """Of joined accounts: all that is told of what the person said is one."""
    links = [link for one in sorted(feeds) for link in (await tx.links.of_feed(one)).values()]
    certain = {
        one.source.entry_id
        for one in links
        if one.source.link.method is Method.TWIN and one.source.link.confidence == CERTAIN
    }
    return by_entry(await tx.tellings.told(certain)) if certain else {}


def _told_again(page: Observations, waiting: Mapping[ExternalId, Word]) -> set[ExternalId]:
    """What waits already, since an earlier update told it just so: `InTime.hear` passes it by."""
    spoken_of = _spoken_of(page) & waiting.keys()
    return {name for name in spoken_of if waiting[name] == word_of(page, name)}


def _spoken_of(page: Observations) -> set[ExternalId]:
    return {one.id for one in page.transactions} | {one.id for one in page.gone}


def _beginnings(kept: Kept) -> dict[ExternalId, list[EntryId]]:
    """Which entries began with each name, the oldest first: a name may be used again."""
    begun: dict[ExternalId, list[EntryId]] = {}
    for name, link in kept.items():
        # What another feed had told of before is where this one's own story of it begins.
        if link.source.link.founding or link.source.link.method is Method.TWIN:
            former = link.state is SourceState.FORMER
            told = named_before(name) if former else name
            begun.setdefault(told, []).append(link.source.entry_id)
    return {name: sorted(those) for name, those in begun.items()}


@dataclass(frozen=True, slots=True)
class _Begun:
    """Entries keep their ids: whatever begins with a name is what began with it before."""

    existing: Mapping[EntryId, Entry]
    ids: NewIds
    beginnings: Mapping[ExternalId, list[EntryId]]
    written: Mapping[EntryId, Entry]
    given: dict[EntryId, ExternalId] = field(default_factory=dict)

    def by(self, name: ExternalId) -> EntryId:
        for entry_id in self.beginnings.get(name, ()):
            # One that was given and taken back on a page never was, and may be given again.
            free = self.given.get(entry_id, name) == name and entry_id not in self.written
            if free and entry_id in self.existing:
                self.given[entry_id] = name
                return entry_id
        return EntryId(self.ids.one())


@dataclass(frozen=True, slots=True)
class _Apart(Container[Apart]):
    """Two that the person keeps apart: in so many words, or by deleting only one of them."""

    kept: Kept
    existing: Mapping[EntryId, Entry]
    words: Container[Apart]

    @override
    def __contains__(self, one: object) -> bool:
        if one in self.words:
            return True
        if not isinstance(one, tuple):
            return False
        name, entry_id = one
        link = self.kept.get(name)
        if link is None or link.source.entry_id == entry_id:
            return False
        sides = (self.existing.get(link.source.entry_id), self.existing.get(entry_id))
        deleted = {side.removed is Removed.BY_PERSON for side in sides if side is not None}
        return len(deleted) > 1


@dataclass(slots=True)
class _Rehearsal(FeedWork):
    """Accounts are what the newest update said: an older one is no news of them."""

    scratch: ScratchEntries = field(kw_only=True)

    @override
    async def begin(self) -> None:
        """Miss nothing that the update tells under a newer name.

        It has one since its account was found again.
        """
        await FeedWork.begin(self)  # a dataclass with slots has no zero-argument super()
        if not self.pendings:
            return
        told: set[EntryId] = set()
        async for page in self.tx.received.pages(self.update):
            told |= self.scratch.given_to(seen.id for seen in page.transactions)
        for name in [name for name, one in self.pendings.items() if one.entry.id in told]:
            del self.pendings[name]

    @override
    async def _account(self, seen: AccountSeen) -> None:
        """Known, as all of them are."""

    @override
    async def _save(self) -> None:
        """Nothing is kept."""


def _of_known_accounts(page: Observations, known: Container[ExternalId]) -> Observations:
    """The page without accounts that were erased since."""
    transactions = tuple(seen for seen in page.transactions if seen.account in known)
    return replace(page, accounts=(), transactions=transactions)
