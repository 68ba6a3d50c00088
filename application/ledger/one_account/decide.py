"""The person says of two entries of a joined account that they are one, or two after all."""

from collections.abc import Sequence
from dataclasses import replace

from application.ledger.links import LinkedSource
from application.ledger.one_account.merging import Mending, Pair
from application.ledger.ports import LedgerChange, LedgerTx
from application.ledger.suggestions import Suggestion, SuggestionState
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.errors_matching import FoundingLinkError, SuggestionClosedError
from domain.ledger.matching.evidence import PERSONS, Link, Method
from domain.ledger.matching.facts import SourceState, told_as
from domain.ledger.one_account.told import Tellers, Told, by_entry
from domain.shared.events import LedgerChanged
from domain.shared.ids import EntryId, FeedId
from domain.shared.observations import EntryStatus


async def join_suggested(
    tx: LedgerTx, account: Account, tellers: Tellers, asked: Suggestion
) -> None:
    """Make them one: the first of the two keeps its id, and what either feed says is kept.

    Raises SuggestionClosedError.
    """
    what = asked.what
    entries = await tx.entries.load([what.pending, what.booked])
    kept, gone = entries.get(what.pending), entries.get(what.booked)
    if kept is None or gone is None or not _stands(kept, gone, asked):
        raise SuggestionClosedError(asked.id)
    told = by_entry(await tx.tellings.told([kept.id, gone.id]))
    mine, theirs = told.get(kept.id, []), told.get(gone.id, [])
    both = _feeds(mine) & _feeds(theirs)
    if what.between_feeds and any(one.stands for one in mine if one.feed_id in both):
        raise SuggestionClosedError(asked.id)
    await _past(tx, both, await tx.links.of_entry(kept.id), await tx.links.of_entry(gone.id), kept)
    mending = Mending(tx, account.id, tellers, first=kept.id)
    revision = await tx.revisions.next()
    link = Link(Method.TWIN, evidence=what.evidence)
    await mending.join([Pair(kept.id, gone.id, link)], revision)
    await tell(tx, account, revision, mending)


def _stands(kept: Entry, gone: Entry, asked: Suggestion) -> bool:
    there = kept.removed is None and gone.removed is None and kept.account_id == gone.account_id
    booking = kept.status is EntryStatus.PENDING and gone.status is EntryStatus.BOOKED
    return there and (booking or asked.what.between_feeds)


def _feeds(those: Sequence[Told]) -> set[FeedId]:
    return {one.feed_id for one in those}


async def _past(
    tx: LedgerTx,
    feeds: set[FeedId],
    held: Sequence[LinkedSource],
    told: Sequence[LinkedSource],
    kept: Entry,
) -> None:
    """Of a feed that told of both: what was pending has booked under its other name."""
    past = [
        replace(one, state=SourceState.SUPERSEDED)
        for one in held
        if one.source.feed_id in feeds and one.state is SourceState.LIVE
    ]
    moved = [
        replace(one, source=replace(one.source, entry_id=kept.id, link=PERSONS))
        for one in told
        if one.source.feed_id in feeds
    ]
    await tx.links.put([*past, *moved])


async def part_twin(  # noqa: PLR0917 - what is parted, from what, and by which means
    tx: LedgerTx, ids: NewIds, clock: Clock, account: Account, entry: Entry, link: LinkedSource
) -> EntryId:
    """What one feed tells of the entry is an entry of its own; returns which.

    Raises:
        FoundingLinkError: no other feed tells of it.
    """
    tellers = (await tx.joined.joined())[account.id]
    feed_id = link.source.feed_id
    told = by_entry(await tx.tellings.told([entry.id])).get(entry.id, [])
    if _feeds(told) <= {feed_id} or feed_id not in _feeds(told):
        raise FoundingLinkError(link.id)
    names = await tx.tellings.names_of([entry.id])
    confirmed = await tx.suggestions.of_merged(entry.id)
    mending = Mending(tx, account.id, tellers)
    revision = await tx.revisions.next()
    own = (await mending.part(ids, feed_id, [entry.id], revision))[entry.id]
    for teller, name in names.get(entry.id, ()):
        other = entry.id if teller == feed_id else own
        await tx.words.keep_apart(teller, {(told_as(name), other)})
    for one in confirmed:
        if one.what.booked == own:
            await tx.suggestions.save(one.decided(SuggestionState.DISMISSED, clock.now()))
    await tell(tx, account, revision, mending)
    return own


async def tell(tx: LedgerTx, account: Account, revision: int, mending: Mending) -> None:
    """Sums, balance and the revision of what was put right by hand."""
    await tx.sums.apply(mending.sums)
    await tx.accounts.save(account)
    await tx.revisions.record(
        LedgerChange(
            revision=revision,
            cause="match",
            feed_id=None,
            update=None,
            accounts=(account.id,),
            added=len(mending.fresh),
            changed=mending.changed - mending.merged - len(mending.fresh),
            removed=mending.merged,
        )
    )
    await tx.outbox.append(LedgerChanged(account.owner, revision - 1, revision, (account.id,)))
