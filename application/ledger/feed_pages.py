"""Reading an update's pages: in batches, and once ahead when something is pending."""

from collections.abc import AsyncIterator
from typing import Final

from application.ledger.ports import LedgerTx
from application.shared.feeds import UpdateId
from domain.ledger.again import Announced
from domain.ledger.matching import OpenPending
from domain.shared.ids import ExternalId, FeedId
from domain.shared.observations import EntryStatus, Observations

BATCH: Final = 2_000
"""Observations planned at once: enough to make one statement of many rows, and flat in memory."""


async def unlisted_pendings(
    tx: LedgerTx, feed_id: FeedId, update: UpdateId
) -> dict[ExternalId, OpenPending]:
    """Pending entries that the update, which lists all there are, does not list any more.

    The pages are read once for this, and only when something is pending: never at a first sync.
    """
    pendings = {one.external_id: one for one in await tx.entries.pendings(feed_id)}
    if not pendings:
        return {}
    lists_all = False
    async for page in tx.received.pages(update):
        lists_all |= page.lists_all_pending
        for seen in page.transactions:
            if seen.status is EntryStatus.PENDING or seen.id in pendings:
                pendings.pop(seen.id, None)
    return pendings if lists_all else {}


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
