"""Reading an update's pages: in batches, and once ahead when something is pending."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from application.ledger.ports import LedgerTx
from application.shared.feeds import UpdateId
from domain.ledger.again import Announced
from domain.ledger.entry import Removed
from domain.ledger.matching.facts import OpenPending
from domain.shared.ids import ExternalId, FeedId
from domain.shared.observations import EntryStatus, Observations

BATCH: Final = 2_000
"""Observations planned at once: enough to make one statement of many rows, and flat in memory."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a whole update means for what was pending before it, known before it is applied."""

    open: dict[ExternalId, OpenPending]
    """No longer listed where all there are must be, or taken back: what is booked may be they."""
    unheard: list[OpenPending]
    """Not spoken of by a feed that tells only its news."""
    listed_again: list[OpenPending]
    """They had expired, and are pending still."""
    gone: frozenset[ExternalId]
    """Everything that the update takes back, on whatever page."""
    lists_all: bool


async def look_ahead(tx: LedgerTx, feed_id: FeedId, update: UpdateId, *, deleted: bool) -> Ahead:
    """Read the pages once for this; only where something is pending, or was `deleted`.

    Never at a first sync.
    """
    pendings = {one.external_id: one for one in await tx.entries.pendings(feed_id)}
    if not pendings and not deleted:
        return Ahead({}, [], [], frozenset(), lists_all=False)
    lists_all = False
    spoken: set[ExternalId] = set()
    listed: set[ExternalId] = set()
    gone: set[ExternalId] = set()
    async for page in tx.received.pages(update):
        lists_all |= page.lists_all_pending
        gone.update(one.id for one in page.gone)
        for seen in page.transactions:
            if seen.id in pendings:
                spoken.add(seen.id)
                if seen.status is EntryStatus.PENDING:
                    listed.add(seen.id)
    quiet = {name: one for name, one in pendings.items() if name not in spoken}
    return Ahead(
        open={name: one for name, one in quiet.items() if lists_all or name in gone},
        unheard=[one for name, one in quiet.items() if not lists_all and name not in gone],
        listed_again=[pendings[name] for name in sorted(listed) if _expired(pendings[name])],
        gone=frozenset(gone),
        lists_all=lists_all,
    )


def _expired(one: OpenPending) -> bool:
    return one.entry.removed is Removed.EXPIRED


async def announced(tx: LedgerTx, update: UpdateId) -> Announced:
    """What the whole update says of accounts, read before it is applied."""
    said = Announced.nothing()
    async for page in tx.received.pages(update):
        said = said.and_on(page)
    return said


async def batched(pages: AsyncIterator[Observations]) -> AsyncIterator[Observations]:
    """Join small pages; a page is never cut, and what is gone stays behind what was seen."""
    batch: list[Observations] = []
    size = 0
    async for page in pages:
        batch.append(page)
        size += len(page.transactions) + len(page.gone)
        # A name taken back and given again, or the other way round, needs its order.
        if size >= BATCH or page.gone:
            yield _joined(batch)
            batch, size = [], 0
    if batch:
        yield _joined(batch)


def _joined(pages: list[Observations]) -> Observations:
    if len(pages) == 1:
        return pages[0]
    return Observations(
        accounts=tuple(seen for page in pages for seen in page.accounts),
        transactions=tuple(seen for page in pages for seen in page.transactions),
        gone=tuple(gone for page in pages for gone in page.gone),
        lists_all_pending=any(page.lists_all_pending for page in pages),
    )
