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
from domain.shared.observations import Observations


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
    """One word of a feed that would have changed a closed month.

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
    words = (*plan.new_sources, *plan.heard_again)
    told = [one.external_id for one in words if one.entry_id == after.id]
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
    late: LateEntry, feed_id: FeedId, number: int, known: Collection[EntryId]
) -> list[LateChange]:
    """How it is kept: with its figures once, under the first of its names."""
    before = Figures.of(late.before) if late.before is not None and late.before.counts else None
    after = Figures.of(late.after) if late.after.counts else None
    first, *more = late.names
    entry_id = late.after.id if late.after.id in known else None
    one = LateChange(
        account_id=late.after.account_id,
        feed_id=feed_id,
        number=number,
        name=told_as(first),
        entry_id=entry_id,
        before=before,
        after=after,
    )
    others = dict.fromkeys(told_as(name) for name in more if told_as(name) != one.name)
    return [one, *(replace(one, name=name, before=None, after=None) for name in others)]
