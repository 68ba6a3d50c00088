"""Two entries of two feeds that are one: what the feeds say, and what the person said of either."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from domain.ledger.categories import UNCATEGORISED
from domain.ledger.entry import NOTHING_EDITED, Edited, Entry, Removed, fitted
from domain.ledger.matching.merging import with_edits_of
from domain.ledger.one_account.told import Told
from domain.shared.ids import EntryId
from domain.shared.observations import EntryStatus

_KIND: Final = frozenset({Edited.CATEGORY, Edited.PARTS})
"""Said together: a split says of what kind the parts are."""


def put_together(kept: Entry, gone: Entry, *, later: bool) -> Entry:
    """`kept`, with what the person said of `gone`.

    Where they spoke of both, the later word wins (`later`: that of `gone`). The other one stays
    with the entry that went (`left_with`), and comes back with it. A deletion of either deletes
    the whole.
    """
    wins, yields = (gone, kept) if later and gone.edited else (kept, gone)
    said = wins.edited - {Edited.DELETED}
    start = replace(
        kept,
        edited=said,
        text=wins.text if Edited.TEXT in said else kept.text,
        note=wins.note if Edited.NOTE in said else kept.note or gone.note,
        category=wins.category if Edited.CATEGORY in said else kept.category,
        split=fitted(wins.split, kept.amount),
    )
    whole = with_edits_of(yields, start)
    if Removed.BY_PERSON not in {kept.removed, gone.removed}:
        return whole
    as_itself = kept.edited & {Edited.DELETED}
    return replace(whole, removed=Removed.BY_PERSON, edited=whole.edited | as_itself)


def part_of_another(gone: Entry) -> Entry:
    """Not there any more for itself; that the person had deleted it stands in `edited`."""
    return replace(gone, removed=Removed.MERGED)


def on_its_own(before: Entry, *, deleted: bool) -> Entry:
    """For itself again, deleted if it was before, or has been since (`deleted`)."""
    gone = deleted or Edited.DELETED in before.edited
    removed = Removed.BY_PERSON if gone else None
    return replace(before, removed=removed, edited=before.edited - {Edited.DELETED})


def deleted_as_itself(entry: Entry) -> Entry:
    return replace(entry, removed=Removed.BY_PERSON, edited=entry.edited | {Edited.DELETED})


def deleted_before(entry: Entry, tellings: Iterable[Told]) -> Entry:
    """An entry that is to become one with another: deleted as itself, if nothing was put to it."""
    if entry.removed is not Removed.BY_PERSON or any(one.provisional for one in tellings):
        return entry
    return deleted_as_itself(entry)


def is_deleted_as_other(entry: Entry) -> bool:
    """Whether what the person deleted is only what was put to it."""
    return entry.removed is Removed.BY_PERSON and Edited.DELETED not in entry.edited


def deleted_among(entry: Entry, tellings: Collection[Told]) -> Entry:
    """Deleted by the person, who saw what is booked, if one half of it is and one is not yet."""
    gone = entry.taken_away(Removed.BY_PERSON)
    return gone if shown_half(tellings) or not tellings else deleted_as_itself(gone)


def shown_half(tellings: Collection[Told]) -> list[Told]:
    """Of a hold and a booking that was put to it, the booking: it is what everybody sees."""
    standing = [one for one in tellings if one.stands]
    booked = [one for one in standing if one.status is EntryStatus.BOOKED]
    held = any(not one.provisional for one in standing)
    return booked if held and all(one.provisional for one in booked) else []


def said_of_it_too(before: Entry, after: Entry, other: Entry) -> Entry:
    """`other`, with what the person said when they changed `before` to `after`."""
    said = {
        Edited.NOTE: before.note != after.note,
        Edited.TEXT: before.text != after.text,
        Edited.CATEGORY: before.category != after.category,
        Edited.PARTS: before.split != after.split,
    }
    changed = {word for word, is_new in said.items() if is_new}
    return replace(
        other,
        note=after.note if Edited.NOTE in changed else other.note,
        text=after.text if Edited.TEXT in changed else other.text,
        category=after.category if Edited.CATEGORY in changed else other.category,
        split=fitted(after.split, other.amount) if Edited.PARTS in changed else other.split,
        edited=other.edited | (changed & after.edited),
    )


def left_with(gone: Entry, kept: Entry) -> Entry:
    """`gone`, whose later word `kept` has now, with the word of `kept` that yielded to it.

    Nothing that the person said is lost: taken apart again, each of the two has one of their words.
    """
    both = kept.edited & gone.edited
    paired = kept.transfer is not None or gone.transfer is not None
    kind = not paired and bool(kept.edited & _KIND) and bool(gone.edited & _KIND)
    return replace(
        gone,
        text=kept.text if Edited.TEXT in both else gone.text,
        note=kept.note if Edited.NOTE in both else gone.note,
        category=kept.category if kind else gone.category,
        split=fitted(kept.split, gone.amount) if kind else gone.split,
        edited=(gone.edited - _KIND) | (kept.edited & _KIND) if kind else gone.edited,
    )


def without_words_of(other: Entry, entry: Entry) -> Entry:
    """`entry` without what was said of `other`, which it was taken for by mistake."""
    same = {
        Edited.NOTE: entry.note == other.note,
        Edited.TEXT: entry.text == other.text,
        Edited.CATEGORY: entry.category == other.category,
        Edited.PARTS: entry.split == other.split,
    }
    lost = {said for said in entry.edited & other.edited if same.get(said)}
    return replace(
        entry,
        edited=entry.edited - lost,
        note=None if Edited.NOTE in lost else entry.note,
        category=UNCATEGORISED if Edited.CATEGORY in lost else entry.category,
        split=() if Edited.PARTS in lost else entry.split,
    )


def with_words_of(shared: Entry, own: Entry) -> Entry:
    """`own`, with what was said of `shared` while everybody saw `own` in it."""
    bare = replace(own, note=None, split=(), edited=NOTHING_EDITED)
    return with_edits_of(own, with_edits_of(shared.unpaired(), bare))


def with_words_that_yielded(own: Entry, shared: Entry, hidden: Iterable[Entry]) -> Entry:
    """`own`, taken out of `shared`, with words that yielded to others there (`left_with`).

    They stayed with the entries that became part of it (`hidden`). Those that it shows stay there.
    """
    for one in hidden:
        own = with_edits_of(without_words_of(shared, one.unpaired()), own)
    return own


def changed_by_hand(before: Entry, after: Entry) -> bool:
    """Whether more is different than what feeds may change."""
    return before.edited != after.edited or before.note != after.note


def one_of(
    kept: EntryId,
    mine: Iterable[Told],
    theirs: Iterable[Told],
    *,
    provisional: bool,
    was: EntryId | None,
) -> Sequence[Told]:
    """What the feeds say of the one entry; of two words of one feed, the surer one stands.

    Words that were provisional beside another that is not there any more stand by themselves:
    else both halves would be provisional, and nobody would think over what put them together.
    """
    mine = list(mine)
    alone = all(one.provisional for one in mine if one.stands)
    said = {one.feed_id: replace(one, provisional=one.provisional and not alone) for one in mine}
    for one in theirs:
        moved = replace(one, entry_id=kept, provisional=provisional, was=was or one.was)
        known = said.get(one.feed_id)
        if known is None or _surer(moved) > _surer(known):
            said[one.feed_id] = moved
    return list(said.values())


def _surer(one: Told) -> tuple[bool, bool, object]:
    return one.stands, one.status is EntryStatus.BOOKED, one.told_at
