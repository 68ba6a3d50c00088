"""Two entries of two feeds that may be one: the person is asked."""

from collections.abc import Collection

from application.ledger.ports import LedgerTx
from domain.ledger.matching.evidence import CERTAIN
from domain.ledger.matching.facts import Suggested
from domain.ledger.one_account.loose import Loose, Twin
from domain.shared.ids import EntryId
from domain.shared.observations import EntryStatus


async def ask(tx: LedgerTx, asked: Collection[Twin]) -> None:
    """Suggest that each of these two are one; nothing happens until the person says so."""
    ids = {one.entry_id for twin in asked for one in (twin.one, twin.other)}
    if not ids:
        return
    entries = await tx.entries.load(ids)
    names = await tx.tellings.names_of(ids)
    suggested = []
    for twin in asked:
        held, told = _slots(twin)
        both = entries.get(held.entry_id), entries.get(told.entry_id)
        named = names.get(held.entry_id, ()), names.get(told.entry_id, ())
        if not all(named) or any(one is None or one.removed is not None for one in both):
            continue
        feed_id, booked_name = named[1][0]
        evidence = twin.link.evidence
        if evidence is None or twin.link.confidence >= CERTAIN:
            continue
        suggested.append(
            Suggested(
                feed_id=feed_id,
                pending_name=named[0][0][1],
                pending=held.entry_id,
                booked_name=booked_name,
                booked=told.entry_id,
                confidence=twin.link.confidence,
                evidence=evidence,
                between_feeds=True,
            )
        )
    if suggested:
        await tx.suggestions.add(suggested)


def _slots(twin: Twin) -> tuple[Loose, Loose]:
    """What is pending, or older, and what may be the same."""

    def place(one: Loose) -> tuple[bool, EntryId]:
        return one.first.status is EntryStatus.BOOKED, one.entry_id

    held, told = sorted((twin.one, twin.other), key=place)
    return held, told
