"""Understand a feed again with the present matcher: show what would change, or change it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from application.ledger.jobs import ReplayFeedJob
from application.ledger.one_account.as_told import Word, as_told
from application.ledger.one_account.work import word_of
from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.ledger.proofs.guard import closed_in
from application.ledger.replay_afresh import understood_afresh
from application.ledger.replay_changes import ReplayChanges, changes_of
from application.ledger.replay_scratch import AsOf
from application.ledger.replay_write import ReplayWriting
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.jobs import Lease
from domain.ledger.entry import Entry
from domain.ledger.matching.evidence import MATCHER
from domain.ledger.proofs.closing import ClosedMonth
from domain.shared.ids import EntryId, FeedId, UserId

_ROWS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """One entry that is different: ids, days and figures only."""

    entry_id: EntryId
    booked_on: date
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ReplayReport:
    updates: int
    matcher: int = MATCHER
    added: int = 0
    changed: int = 0
    removed: int = 0
    """Of the changed: not shown any more, because they are part of another, or void."""
    relinked: int = 0
    """Names that are another entry's."""
    suggested: int = 0
    """Pairs that the person is asked about, if they were not asked before."""
    rows: Sequence[ReplayRow] = ()
    """The first of them."""
    closed: Sequence[ClosedMonth] = ()
    """Closed months that would come to something else. While there are any, nothing is written:
    half of what a feed means is no meaning."""

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.relinked)


@dataclass(frozen=True, slots=True)
class PreviewReplay:
    """Say what a replay of the feed would change, and change nothing."""

    begin: BeginLedgerTx
    ids: NewIds

    async def __call__(self, owner: UserId, feed_id: FeedId) -> ReplayReport:
        async with self.begin(owner) as tx:
            last = await tx.feeds.lock(feed_id)
            word = await word_of(tx, feed_id)
            told = as_told(tx, word, await _last_told(tx, feed_id, last))
            changes = await _changes(told, owner, word, last, self.ids)
            return _report(last, changes, await closed_in(tx.proofs, changes.sums))


@dataclass(frozen=True, slots=True)
class ReplayFeed:
    """Understand again everything that a feed was kept saying, and correct its entries.

    In one transaction under the feed's lock: updates that come meanwhile wait for it and go on
    from its end. Killed half-way it has done nothing; done twice, the second time changes nothing.
    Entries keep their ids. What the person said of an entry, of a suggestion or of a link stays.
    Of a joined account, what is corrected is this feed's word; what everybody sees follows.
    Where a closed month would come to something else, nothing is changed until it is open again.
    """

    begin: BeginLedgerTx
    ids: NewIds

    async def __call__(self, job: ReplayFeedJob, lease: Lease) -> ReplayReport:
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            last = await tx.feeds.lock(job.feed_id)
            word = await word_of(tx, job.feed_id)
            told = as_told(tx, word, await _last_told(tx, job.feed_id, last))
            changes = await _changes(told, job.user_id, word, last, self.ids)
            closed = await closed_in(tx.proofs, changes.sums)
            report = _report(last, changes, closed)
            if not (report.is_empty or closed):
                await ReplayWriting(tx, told, word, self.ids).write(job, changes)
            if changes.suggested and not closed:
                await tx.suggestions.add(changes.suggested)
            facts: dict[str, str | int | bool | None] = {
                "feed_id": str(job.feed_id),
                "matcher": report.matcher,
                "added": report.added,
                "changed": report.changed,
                "relinked": report.relinked,
                "closed_months": len(report.closed),
            }
            await tx.audit.record(job.user_id, "ledger.feed_replayed", facts)
            await tx.jobs.finish(lease)
            await tx.commit()
        return report


async def _changes(
    tx: LedgerTx, owner: UserId, word: Word, last: int, ids: NewIds
) -> ReplayChanges:
    afresh = await understood_afresh(tx, owner, word.feed_id, last, ids)
    return changes_of(afresh, await tx.links.shared(word.feed_id), word.joined)


async def _last_told(tx: LedgerTx, feed_id: FeedId, last: int) -> Clock:
    """What a feed says is as old as its last update, however often it is understood."""
    update = await tx.received.find(feed_id, last)
    return AsOf(
        datetime.min.replace(tzinfo=UTC)
        if update is None
        else await tx.received.completed_at(update)
    )


def _report(last: int, changes: ReplayChanges, closed: Sequence[ClosedMonth]) -> ReplayReport:
    return ReplayReport(
        updates=last,
        added=len(changes.added),
        changed=len(changes.changed),
        removed=changes.removed,
        relinked=len(changes.links),
        suggested=len(changes.suggested),
        rows=_rows(changes),
        closed=closed,
    )


def _rows(changes: ReplayChanges) -> tuple[ReplayRow, ...]:
    newest = sorted(changes.after.values(), key=lambda one: (one.booked_on, one.id), reverse=True)
    return tuple(
        ReplayRow(one.id, one.booked_on, _figures(changes.before.get(one.id)), _figures(one))
        for one in newest[:_ROWS_MAX]
    )


def _figures(entry: Entry | None) -> str:
    if entry is None:
        return "not there"
    return f"{entry.amount} {entry.removed or entry.status}"
