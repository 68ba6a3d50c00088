"""Accounts as a feed speaks of them."""

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import replace

from application.ledger.ports import LedgerTx
from domain.ledger.account import Account
from domain.shared.ids import ExternalId, FeedId
from domain.shared.observations import AccountKind, AccountSeen, Observations


def unannounced_on(page: Observations, known: Container[ExternalId]) -> Iterator[AccountSeen]:
    """Accounts that the feed speaks of and has never announced: their money is real."""
    currencies: dict[ExternalId, Counter[str]] = {}
    for seen in page.transactions:
        if seen.account not in known:
            currencies.setdefault(seen.account, Counter())[seen.amount.currency] += 1
    for name, counted in currencies.items():
        ((currency, _),) = counted.most_common(1)
        yield AccountSeen(name, str(name), AccountKind.OTHER, currency)


def differs(before: Account, now: Account) -> bool:
    """Whether more is different than the time of its figure, and what nobody is shown."""
    now = replace(now, institution_id=before.institution_id)
    if before.anchor is None or now.anchor is None:
        return now != before
    return replace(now, anchor=replace(now.anchor, as_of=before.anchor.as_of)) != before


async def ended_feeds(tx: LedgerTx) -> set[FeedId]:
    """Feeds of the person's that have ended, and of which data is kept."""
    accounts = await tx.accounts.with_names()
    return {name.feed_id for one in accounts for name in one.names if name.feed_ended}
