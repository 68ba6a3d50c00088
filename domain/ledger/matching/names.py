"""What a page speaks of by names, and what of it is news."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from typing import Final

from domain.ledger.entry import Entry
from domain.ledger.matching.evidence import PayeeFit
from domain.ledger.matching.facts import KnownSource, second_name
from domain.ledger.matching.likeness import payee_fit
from domain.shared.ids import EntryId, ExternalId
from domain.shared.observations import Observations, TransactionSeen

_NEVER_MOVED_BY: Final = timedelta(days=10)
"""A bank corrects a day, an amount, a text; all three at once, by that much, is another thing."""


def names_on(page: Observations) -> set[ExternalId]:
    """Every name whose source must be looked up before the page can be planned."""
    names = {seen.id for seen in page.transactions}
    names.update(seen.pending_id for seen in page.transactions if seen.pending_id is not None)
    names.update(gone.id for gone in page.gone)
    return names


def news_on(page: Observations, sources: Mapping[ExternalId, KnownSource]) -> Observations:
    """The page without what the feed has said before in the same words.

    Planning it gives the same plan: this only spares a feed that repeats itself the work.
    """
    if not sources:
        return page
    latest = {seen.id: seen for seen in page.transactions}  # the feed's last word wins
    news = tuple(
        seen
        for seen in latest.values()
        if (source := sources.get(seen.id)) is None or source.digest != digest_of(seen)
    )
    return replace(page, transactions=news)


def entries_needed(page: Observations, sources: Mapping[ExternalId, KnownSource]) -> set[EntryId]:
    """The entries that the page may change: unchanged ones are not worth loading."""
    needed = set()
    if sources:
        for seen in page.transactions:
            source = sources.get(seen.id)
            if source is not None and source.digest != digest_of(seen):
                needed.add(source.entry_id)
            elif source is None and seen.pending_id is not None and seen.pending_id in sources:
                needed.add(sources[seen.pending_id].entry_id)
        needed.update(sources[gone.id].entry_id for gone in page.gone if gone.id in sources)
    return needed


def reused_on(
    page: Observations,
    sources: Mapping[ExternalId, KnownSource],
    entries: Mapping[EntryId, Entry],
) -> set[ExternalId]:
    """Names that the feed uses again for something else altogether: none, nearly always."""
    return {
        seen.id
        for seen in page.transactions
        if (source := sources.get(seen.id)) is not None
        and source.digest != digest_of(seen)
        and source.entry_id in entries
        and is_another_thing(seen, entries[source.entry_id])
    }


def is_another_thing(seen: TransactionSeen, entry: Entry | TransactionSeen) -> bool:
    """Whether it cannot be a correction: another amount, another payee, and weeks away."""
    return (
        seen.amount != entry.amount
        and abs(seen.booked_on - entry.booked_on) > _NEVER_MOVED_BY
        and payee_fit(seen, entry) is PayeeFit.OTHER
    )


def told_apart(page: Observations, reused: Collection[ExternalId]) -> Observations:
    """The page with a second name for each thing that the feed gave a name it had used before.

    The name says which thing it is, so the same words find the same entry next time.
    """
    if not reused:
        return page
    transactions = tuple(
        replace(seen, id=second_name(seen.id, seen.booked_on)) if seen.id in reused else seen
        for seen in page.transactions
    )
    return replace(page, transactions=transactions)


def digest_of(seen: TransactionSeen) -> int:
    """64 bits over everything the feed said; equal digests mean nothing is new."""
    said = (
        f"{seen.account}\x1f{seen.status!s}\x1f{seen.amount.minor}{seen.amount.currency}"
        f"\x1f{seen.booked_on.toordinal()}\x1f{seen.value_on.toordinal() if seen.value_on else ''}"
        f"\x1f{seen.text}\x1f{seen.counterparty or ''}\x1f{seen.category or ''}"
        f"\x1f{seen.pending_id or ''}"
    )
    digest = blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) or 1
