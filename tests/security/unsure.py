"""A bank whose pending entries book under other names and words, so that people are asked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from dishka import AsyncContainer

from application.ledger.jobs import ApplyFeedJob
from application.ledger.ports import BeginLedgerTx
from application.shared.feeds import FeedKind, FeedPage
from domain.shared.ids import ExternalId, FeedId, UserId
from domain.shared.money import Money
from domain.shared.observations import (
    AccountKind,
    AccountSeen,
    EntryStatus,
    Observations,
    TransactionSeen,
)


async def tell(container: AsyncContainer, user_id: UserId, word: str) -> None:
    """Two updates that wait to be applied: of one pair a person is asked, of another it is sure."""
    begin, feed_id = await container.get(BeginLedgerTx), FeedId(uuid4())
    async with begin(user_id) as tx:
        await tx.updates.create(feed_id, FeedKind.CONNECTION)
        for page in _pages(word):
            update = await tx.updates.open(feed_id)
            await tx.updates.keep(update.id, [FeedPage(b"", page)], None)
            number = await tx.updates.complete(update.id)
            await tx.jobs.enqueue(ApplyFeedJob(user_id=user_id, feed_id=feed_id, number=number))
        await tx.commit()


def _pages(word: str) -> Iterator[Observations]:
    account = AccountSeen(
        id=ExternalId(f"{word}-unsure"),
        name=f"{word}-unsure",
        kind=AccountKind.CHECKING,
        currency="NOK",
        institution=f"{word}-bank",
    )
    held = [
        _seen(word, "p-1", EntryStatus.PENDING, "Zettle"),
        _seen(word, "p-2", EntryStatus.PENDING, "Florist"),
    ]
    told = [
        _seen(word, "b-1", EntryStatus.BOOKED, "Bakery"),
        _seen(word, "b-2", EntryStatus.BOOKED, "Florist", was=f"{word}-p-2"),
    ]
    for seen in (held, told):
        yield Observations((account,), tuple(seen), lists_all_pending=True)


def _seen(
    word: str, name: str, status: EntryStatus, text: str, was: str | None = None
) -> TransactionSeen:
    today = datetime.now(UTC).date()
    return TransactionSeen(
        account=ExternalId(f"{word}-unsure"),
        id=ExternalId(f"{word}-{name}"),
        status=status,
        amount=Money(-2 if text == "Florist" else -1, "NOK"),
        booked_on=today - timedelta(days=3),
        text=text,
        pending_id=None if was is None else ExternalId(was),
    )


async def tell_thrice(container: AsyncContainer, user_id: UserId, word: str) -> None:
    """Three banks' updates that wait to be applied, each of the same account."""
    begin = await container.get(BeginLedgerTx)
    async with begin(user_id) as tx:
        for which in ("first", "second", "third"):
            feed_id = FeedId(uuid4())
            account = AccountSeen(
                id=ExternalId(f"{word}-{which}"),
                name=f"{word}-{which}",
                kind=AccountKind.SAVINGS,
                currency="NOK",
                number=f"NO93{user_id.int % 10**11:011}",
            )
            await tx.updates.create(feed_id, FeedKind.CONNECTION)
            update = await tx.updates.open(feed_id)
            await tx.updates.keep(update.id, [FeedPage(b"", Observations((account,)))], None)
            number = await tx.updates.complete(update.id)
            await tx.jobs.enqueue(ApplyFeedJob(user_id=user_id, feed_id=feed_id, number=number))
        await tx.commit()
