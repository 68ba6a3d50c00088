"""What feeds last said under a name, from the observations that were kept."""

from collections.abc import AsyncIterator, Iterable

from application.ledger.links import LinkedSource, LinkId
from application.ledger.ports import LedgerTx
from domain.ledger.matching.facts import FORGOTTEN, told_as
from domain.ledger.matching.names import digest_of
from domain.shared.ids import ExternalId, FeedId
from domain.shared.observations import Observations, TransactionSeen


async def last_words(tx: LedgerTx, links: Iterable[LinkedSource]) -> dict[LinkId, TransactionSeen]:
    """The newest words of each link that there are, the newest of all first.

    Reads backwards, and no further than it must: what is undone is nearly always recent.
    """
    found: dict[LinkId, TransactionSeen] = {}
    by_feed: dict[FeedId, list[LinkedSource]] = {}
    for one in links:
        by_feed.setdefault(one.source.feed_id, []).append(one)
    for feed_id, those in by_feed.items():
        wanted: dict[ExternalId, list[LinkedSource]] = {}
        for one in those:
            wanted.setdefault(told_as(one.source.external_id), []).append(one)
        async for page in _backwards(tx, feed_id):
            for seen in reversed(page.transactions):
                for one in wanted.get(seen.id, ()):
                    if one.id not in found and _says(one, seen):
                        found[one.id] = seen
            if all(one.id in found for one in those):
                break
    return found


def _says(one: LinkedSource, seen: TransactionSeen) -> bool:
    """A name may have been used for several things: the digest tells which."""
    return one.source.digest in {FORGOTTEN, digest_of(seen)}


async def _backwards(tx: LedgerTx, feed_id: FeedId) -> AsyncIterator[Observations]:
    number = await tx.feeds.applied_to(feed_id)
    while number > 0:
        update = await tx.received.find(feed_id, number)
        if update is not None:
            pages = [page async for page in tx.received.pages(update)]
            for page in reversed(pages):
                yield page
        number -= 1
