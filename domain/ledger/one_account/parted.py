"""What one feed tells of an entry, taken out of it: two entries, and which words are whose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.ledger.entry import Edited, Entry, Removed
from domain.ledger.one_account.merged import (
    is_deleted_as_other,
    on_its_own,
    with_words_of,
    with_words_that_yielded,
    without_words_of,
)
from domain.ledger.one_account.precedence import composed
from domain.ledger.one_account.told import Tellers, Told
from domain.shared.observations import EntryStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """One feed's word on an entry that others tell of, too."""

    word: Told
    """As it is by itself: of its own entry and account."""
    shared: Entry
    before: Entry | None
    """The entry that it was before the two became one; None: it comes into being."""
    rest: Sequence[Told]
    """What the others tell."""
    others_before: Sequence[Entry]
    """The entries that theirs were of before."""
    provisional: bool
    """It was put to the others' while one of the two was pending."""
    mistaken: bool
    """The two were put together by mistake."""
    said_last: bool
    """Nothing has changed the entry since the person said something of it."""
    moves: bool
    """It goes to an account of its own."""

    def taken_out(self, tellers: Tellers) -> tuple[Entry, Entry]:
        """What the word says by itself, as the person left it; and what is left of the others'."""
        own_is_deleted, rest_is_deleted = self._deletions
        own, left = self._alone(tellers, deleted=own_is_deleted), self.shared
        if self._was_meant:
            own, left = with_words_of(self.shared, own), without_words_of(self.shared, left)
        elif not self.mistaken and self.moves and self.before is None:
            own = with_words_that_yielded(own, self.shared, self.others_before)
        elif (self.mistaken or self.provisional) and self.before is not None:
            left = without_words_of(self.before, left)
        if left.removed is Removed.BY_PERSON and not rest_is_deleted:
            left = replace(left, removed=None, edited=left.edited - {Edited.DELETED})
        return own, left

    @property
    def _deletions(self) -> tuple[bool, bool]:
        """Whether the person deleted this one, and whether they deleted the rest.

        What is provisional may be two: then only the one that they saw, or had deleted by itself.
        """
        if self.shared.removed is not Removed.BY_PERSON:
            return False, False
        the_other_half = is_deleted_as_other(self.shared)
        if self.mistaken or self.provisional:
            return the_other_half, not the_other_half
        if self._rest_is_provisional:
            before = any(Edited.DELETED in one.edited for one in self.others_before)
            return not the_other_half, the_other_half or before
        return True, True

    @property
    def _was_meant(self) -> bool:
        """What the person said last was said of this one, which everybody saw instead of a hold."""
        if self.before is not None:
            return False  # it has kept what was said of it meanwhile (`said_of_it_too`)
        may_be_two = self.mistaken or self.provisional or self._rest_is_provisional
        shown = _is_booked(self.word) and not any(_is_booked(one) for one in self.rest)
        return may_be_two and self.said_last and shown and self.shared.removed is None

    @property
    def _rest_is_provisional(self) -> bool:
        standing = [one for one in self.rest if one.stands]
        return bool(standing) and all(one.provisional for one in standing)

    def _alone(self, tellers: Tellers, *, deleted: bool) -> Entry:
        word, before = self.word, self.before
        if before is None:
            return word.alone(word.entry_id, word.account_id, self.shared, deleted=deleted)
        revived = replace(on_its_own(before, deleted=deleted), account_id=word.account_id)
        return composed(revived, [word], tellers)


def _is_booked(word: Told) -> bool:
    return word.stands and word.status is EntryStatus.BOOKED
