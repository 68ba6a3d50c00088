"""What a feed says of a closed month once it is closed: set aside, and never lost."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from domain.ledger.entry import Entry
from domain.ledger.matching.facts import KnownSource, told_as
from domain.ledger.matching.plan import Plan
from domain.ledger.proofs.months import AccountMonth, month_of, months_changed
from domain.ledger.sums import DayKey, SumChanges
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus, Observations, TransactionSeen

Word = tuple[tuple[TransactionSeen, ...], bool]
"""What was seen under a name, and whether it was taken back."""


@dataclass(frozen=True, slots=True)
class Figures:
    amount: Money
    booked_on: date
    text: str

    @classmethod
    def of(cls, entry: Entry) -> "Figures":
        return cls(entry.amount, entry.booked_on, entry.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateChange:
    """One word of a feed that is not followed, for it would have changed a closed month.

    The word itself is where every word of the feed is kept; here stands which one it is, and what
    it would have done. `before` and `after` are both None where it only goes with another one.
    """

    account_id: AccountId
    feed_id: FeedId
    number: int
    """The feed's update."""
    name: ExternalId
    entry_id: EntryId | None
    """None: it would have been a new transaction."""
    before: Figures | None
    after: Figures | None
    """None: it would have been taken out."""
    lead: ExternalId
    """The name under which it is told what all these words together would do."""
    plain: bool = False
    """Nothing but "this is booked so", of one name: a newer such word says all there is to say."""

    @property
    def shown(self) -> bool:
        return self.before is not None or self.after is not None

    @property
    def months(self) -> set[date]:
        return {month_of(one.booked_on) for one in (self.before, self.after) if one is not None}

    def adds_between(self, first: date, last: date) -> int:
        """What it would add to these days."""
        ends = ((self.before, -1), (self.after, 1))
        return sum(
            sign * one.amount.minor
            for one, sign in ends
            if one is not None and first <= one.booked_on <= last
        )


@dataclass(frozen=True, slots=True)
class LateEntry:
    """An entry that a plan would change in a closed month, and the names that make it do so."""

    before: Entry | None
    after: Entry
    names: tuple[ExternalId, ...]


def late_in(
    plan: Plan,
    page: Observations,
    sources: Mapping[ExternalId, KnownSource],
    befores: Mapping[EntryId, Entry],
    closed: Collection[AccountMonth],
) -> list[LateEntry]:
    """Which entries of the plan change what a closed month comes to.

    Whatever leaves every day as it was is none of them: an entry that is known under another name
    now, or that takes the place of its equal.
    """
    if months_changed(plan.sums).isdisjoint(closed):
        return []
    days = {
        key
        for key, net in plan.sums.days.items()
        if net and AccountMonth(key.account_id, month_of(key.day)) in closed
    }
    return [
        LateEntry(before, after, _names_of(before, after, plan, page, sources))
        for after in plan.entries()
        if not days.isdisjoint(_moved(before := befores.get(after.id), after))
    ]


def _moved(before: Entry | None, after: Entry) -> set[DayKey]:
    sums = SumChanges()
    sums.replace(before, after)
    return {key for key, net in sums.days.items() if net}


def _names_of(
    before: Entry | None,
    after: Entry,
    plan: Plan,
    page: Observations,
    sources: Mapping[ExternalId, KnownSource],
) -> tuple[ExternalId, ...]:
    """Everything on the page that speaks of the entry; what says most comes first.

    What is pending and books under another name is taken back as well: both words go together.
    """
    words = (*plan.heard_again, *plan.new_sources)
    # The last is what it is known by: a booking comes after what was pending.
    told = [one.external_id for one in reversed(words) if one.entry_id == after.id]
    if before is not None and before.removed is None:
        back = (one.id for one in page.gone if one.id in sources)
        told += [name for name in back if sources[name].entry_id == after.id]
    return tuple(dict.fromkeys(told))


def without(page: Observations, names: Collection[ExternalId]) -> Observations:
    """The page as if the feed had not said these."""
    return replace(
        page,
        transactions=tuple(one for one in page.transactions if one.id not in names),
        gone=tuple(one for one in page.gone if one.id not in names),
    )


def only(page: Observations, names: Collection[ExternalId]) -> Observations:
    """Nothing of the page but these."""
    return replace(
        page,
        accounts=(),
        transactions=tuple(one for one in page.transactions if one.id in names),
        gone=tuple(one for one in page.gone if one.id in names),
        lists_all_pending=False,
    )


def change_of(
    late: LateEntry, page: Observations, feed_id: FeedId, number: int
) -> list[LateChange]:
    """How it is kept: with its figures once, under the first of its names."""
    before, after = late.before, late.after
    lead, *others = dict.fromkeys(told_as(name) for name in late.names)
    first = LateChange(
        account_id=after.account_id,
        feed_id=feed_id,
        number=number,
        name=lead,
        entry_id=None if before is None else after.id,
        before=Figures.of(before) if before is not None and before.counts else None,
        after=Figures.of(after) if after.counts else None,
        lead=lead,
        plain=not others and says_plainly(page, lead),
    )
    return [first, *(replace(first, name=name, before=None, after=None) for name in others)]


def change_again(
    seen: TransactionSeen, account_id: AccountId, feed_id: FeedId, number: int
) -> LateChange:
    """How is kept what may be the same as something that waits, told under another name.

    It waits for what that one waits for, so it is not plain: it is never followed before.
    """
    return LateChange(
        account_id=account_id,
        feed_id=feed_id,
        number=number,
        name=seen.id,
        entry_id=None,
        before=None,
        after=Figures(seen.amount, seen.booked_on, seen.text),
        lead=seen.id,
    )


def word_of(page: Observations, name: ExternalId) -> Word:
    """All that the page says under the name."""
    seen = tuple(one for one in page.transactions if one.id == name)
    return seen, any(one.id == name for one in page.gone)


def says_plainly(page: Observations, name: ExternalId) -> bool:
    """Whether the page says of the name that it is booked, and nothing else."""
    words = [one for one in page.transactions if told_as(one.id) == name]
    back = any(one.id == name for one in page.gone)
    return not back and all(one.status is EntryStatus.BOOKED for one in words)


def said_behind(first: LateChange, page: Observations, name: ExternalId, number: int) -> LateChange:
    """A word that waits behind those that wait already, and what they would do together now."""
    if name != first.lead:
        return replace(first, name=name, number=number, before=None, after=None, plain=False)
    after = first.after
    for seen in page.transactions:
        if told_as(seen.id) == name:
            booked = seen.status is EntryStatus.BOOKED
            after = Figures(seen.amount, seen.booked_on, seen.text) if booked else None
    if any(one.id == name for one in page.gone):
        after = None
    return replace(first, number=number, after=after, plain=False)
