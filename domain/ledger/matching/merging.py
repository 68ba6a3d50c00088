"""Two entries that are one, one that is two, and one that is understood afresh."""

from dataclasses import replace

from domain.ledger.categories import UNCATEGORISED
from domain.ledger.entry import Edited, Entry, Removed, fitted
from domain.ledger.matching.evidence import AmountFit, Evidence
from domain.ledger.matching.likeness import growth
from domain.ledger.matching.manners import Lesson
from domain.shared.ids import AccountId, EntryId
from domain.shared.money import Money
from domain.shared.observations import TransactionSeen


def first_told(entry_id: EntryId, account_id: AccountId, seen: TransactionSeen) -> Entry:
    """An entry that comes into being with what a feed says."""
    return Entry(
        id=entry_id,
        account_id=account_id,
        status=seen.status,
        amount=seen.amount,
        booked_on=seen.booked_on,
        text=seen.text,
        value_on=seen.value_on,
        counterparty=seen.counterparty,
        category=seen.category or UNCATEGORISED,
        note=seen.note,
    )


def merged(pending: Entry, booked: Entry) -> Entry:
    """`pending`, booked as `booked`: its id, the other's facts, and what the person said of either.

    Where they spoke of both, the booked one is what they saw last.
    """
    facts = booked.unpaired()
    whole = replace(facts, id=pending.id, version=pending.version)
    return with_edits_of(pending, whole)


def with_edits_of(other: Entry, entry: Entry) -> Entry:
    """`entry`, with what the person said of `other` where they did not speak of it."""
    only = other.edited - entry.edited - {Edited.DELETED}
    said_how = {Edited.CATEGORY, Edited.PARTS}
    # A split says of what kind the parts are: it is never mixed with another category.
    kind = only & said_how if not entry.edited & said_how else frozenset()
    return replace(
        entry,
        text=other.text if Edited.TEXT in only else entry.text,
        note=other.note if Edited.NOTE in only else entry.note,
        category=other.category if Edited.CATEGORY in kind else entry.category,
        split=fitted(other.split, entry.amount) if kind else entry.split,
        edited=entry.edited | (only - said_how) | kind,
    )


def told_afresh(entry: Entry, seen: TransactionSeen) -> Entry:
    """As if `seen` were the last that was said, even if it has booked meanwhile."""
    told = entry.unpaired() if seen.status is not entry.status else entry
    taken_back = replace(told, removed=entry.removed or Removed.BY_FEED)
    return taken_back.told(seen)


def understood(before: Entry, fresh: Entry) -> Entry:
    """`before`, as it is when its feed is understood afresh: what the person said stays."""
    facts = replace(
        before,
        status=fresh.status,
        amount=fresh.amount,
        booked_on=fresh.booked_on,
        value_on=fresh.value_on,
        counterparty=fresh.counterparty,
        text=before.text if Edited.TEXT in before.edited else fresh.text,
        split=fitted(before.split, fresh.amount),
        removed=_removed(before, fresh),
    )
    if facts.transfer is not None:
        return replace(facts, transfer=replace(facts.transfer, beneath=fresh.category))
    keeps = Edited.CATEGORY in before.edited
    return replace(facts, category=before.category if keeps else fresh.category)


def _removed(before: Entry, fresh: Entry) -> Removed | None:
    if before.removed is Removed.BY_PERSON:
        return Removed.BY_PERSON
    if before.removed is Removed.EXPIRED and fresh.removed is None:
        # Time makes it void, not what was said.
        return Removed.EXPIRED if fresh.status is before.status else None
    return fresh.removed


def lesson_of(evidence: Evidence, booked: Money, held: Money) -> Lesson:
    """What a pair teaches that the person has confirmed."""
    grew = evidence.amount in {AmountFit.SAME, AmountFit.MORE, AmountFit.LESS}
    return Lesson(evidence.days, growth(booked, held) if grew and held.minor else None)
