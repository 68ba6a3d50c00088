"""What observations mean, given what the ledger knows: the matcher.

Pure: old facts and new facts in, a plan of writes out. The rules, in order:

1. A name the feed used before is the same entry. What it says now replaces what it said, except
   where the person has spoken; the same words again change nothing. (A name that a feed gives to
   another thing altogether is told apart before, in `names`.)
2. A booked entry that names the pending one it comes from (`pending_id`) is that entry, the first
   time: a pending entry books once, and a second booking of it is an entry of its own.
3. A booked entry may be one that it was known as under a name that nobody uses any more: names of
   an account that was found again, names the feed has taken back. Same day, same amount, and the
   same text or payee; equals are paired one to one, and never more of them than there are.
4. A booked entry may be one that was pending and is no longer listed: same account, within the
   bank's days, and the same amount or the same payee with an amount as tips and holds explain.
   The best assignment is made (`pairing`); what is unsure is suggested, and nothing is linked.
5. A pending entry may be one that was pending under another name and is no longer listed.
6. Everything else is new. Two booked entries are never merged for looking alike.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from domain.ledger.entry import Entry, EntrySource, Removed
from domain.ledger.matching.evidence import CERTAIN, FOUNDING, Link, Method
from domain.ledger.matching.facts import (
    FORGOTTEN,
    Known,
    KnownSource,
    OpenPending,
    SourceState,
    Suggested,
    Superseded,
    second_name,
)
from domain.ledger.matching.likeness import days_between, growth
from domain.ledger.matching.manners import Lesson
from domain.ledger.matching.merging import first_told
from domain.ledger.matching.names import digest_of
from domain.ledger.matching.pairing import Pair, Pairing, paired
from domain.ledger.matching.pending import renamed
from domain.ledger.matching.plan import Plan
from domain.ledger.matching.recognising import Recognised, recognised
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.observations import (
    EntryStatus,
    Observations,
    TransactionGone,
    TransactionSeen,
)

NewEntryId = Callable[[ExternalId], EntryId]
"""The id for an entry that comes into being with this name."""


def plan_page(  # noqa: PLR0917 - old facts, new facts, and names to give
    feed_id: FeedId,
    page: Observations,
    accounts: Mapping[ExternalId, AccountId],
    known: Known,
    open_pendings: Mapping[ExternalId, OpenPending],
    new_id: NewEntryId,
) -> Plan:
    """Plan one page. `open_pendings` are those nothing on an earlier page has booked."""
    planner = _Planner(feed_id, accounts, known, new_id)
    latest = {seen.id: seen for seen in page.transactions}  # the feed's last word wins
    strangers = planner.known_names(latest.values())
    again = planner.recognised(strangers, page)
    others = [seen for seen in strangers if seen.id not in again]
    pairing, anew = planner.paired(others, open_pendings)
    for seen in strangers:
        if seen.id in again:
            planner.recognise(seen, again[seen.id])
        else:
            planner.settle(seen, pairing.links.get(seen.id) or anew.get(seen.id))
    planner.suggest(pairing)
    for gone in page.gone:
        planner.take_away(gone)
    return planner.plan


@dataclass(slots=True)
class _Planner:
    feed_id: FeedId
    accounts: Mapping[ExternalId, AccountId]
    known: Known
    new_id: NewEntryId
    plan: Plan = field(default_factory=Plan)
    by_name: dict[ExternalId, EntryId] = field(default_factory=dict)
    """Names that are new on this page."""
    booked_from: set[ExternalId] = field(default_factory=set)
    """Names of entries that something on this page is the booking of, or has taken the place of."""
    named_anew: dict[EntryId, Entry] = field(default_factory=dict)
    """Entries that got another name on this page, as they were: it may be taken back below."""

    def known_names(self, page: Iterable[TransactionSeen]) -> list[TransactionSeen]:
        """Deal with what is known by name (rules 1 and 2); returns the strangers."""
        sources = self.known.sources
        strangers = []
        for seen in page:
            source = sources.get(seen.id)
            if source is not None:
                if source.digest == digest_of(seen):
                    self.plan.unchanged += 1
                else:
                    self._hear_again(source, seen)
            elif not self._booked_by_name(seen):
                strangers.append(seen)
        # What is pending goes first: something booked on the same page may come from it.
        strangers.sort(key=lambda seen: seen.status is EntryStatus.BOOKED)
        return strangers

    def recognised(
        self, strangers: list[TransactionSeen], page: Observations
    ) -> dict[ExternalId, Recognised]:
        """Rule 3; what this very page takes back has no name any more, either."""
        if not strangers:
            return {}
        nameless = (*self.known.nameless, *self._taken_back(page))
        # What this page has used its old name for again has not lost it.
        free = [one for one in nameless if one.id not in self.plan.changed]
        return recognised(strangers, self.accounts, free, self.known.apart) if free else {}

    def _taken_back(self, page: Observations) -> Iterable[Entry]:
        seen = {one.id for one in page.transactions}
        for gone in page.gone:
            source = self.known.sources.get(gone.id)
            if source is None or source.state is not SourceState.LIVE or gone.id in seen:
                continue
            entry = self._current(source.entry_id)
            if entry.status is EntryStatus.BOOKED and entry.removed is not Removed.MERGED:
                self.known.names.setdefault(entry.id, set()).add(gone.id)
                yield entry

    def paired(
        self, others: list[TransactionSeen], open_pendings: Mapping[ExternalId, OpenPending]
    ) -> tuple[Pairing, dict[ExternalId, Pair]]:
        """Rules 4 and 5: what is booked has the first choice."""
        left = {
            name: one
            for name, one in open_pendings.items()
            if name not in self.booked_from and not self._is_booked(one)
        }
        pairing = paired(others, self.accounts, left, self.known)
        # An unsure pair is spoken for as well: the person is asked about it.
        for pair in (*pairing.links.values(), *(pair for _, pair in pairing.suggested)):
            left.pop(pair.pending.external_id, None)
        return pairing, renamed(others, self.accounts, left, self.known) if left else {}

    def _is_booked(self, one: OpenPending) -> bool:
        now = self.plan.changed.get(one.entry.id)
        return now is not None and now.status is EntryStatus.BOOKED

    def _hear_again(self, source: KnownSource, seen: TransactionSeen) -> None:
        if source.state is SourceState.SUPERSEDED:
            # An old page speaks of a pending entry that has booked under another name.
            self.plan.unchanged += 1
            return
        before = self._current(source.entry_id)
        self._learn(before, seen)
        self._change(before, before.told(seen))
        self.plan.heard_again.append(
            EntrySource(self.feed_id, seen.id, source.entry_id, digest_of(seen))
        )

    def _booked_by_name(self, seen: TransactionSeen) -> bool:
        """Rule 2: whether it names a pending entry that it is the (first) booking of."""
        name = seen.pending_id
        if name is None or name in self.booked_from:
            return False
        source = self.known.sources.get(name)
        entry_id = self.by_name.get(name) if source is None else source.entry_id
        if entry_id is None or (seen.id, entry_id) in self.known.apart:
            return False
        before = self._current(entry_id)
        if before.status is not EntryStatus.PENDING:
            return False
        self._learn(before, seen)
        self._book(seen, name, before, Link(Method.NAMED, CERTAIN))
        return True

    def _learn(self, before: Entry, seen: TransactionSeen) -> None:
        """The bank says itself that this is the booking of that."""
        if before.status is not EntryStatus.PENDING or seen.status is EntryStatus.PENDING:
            return
        booked, held = seen.amount, before.amount
        comparable = booked.currency == held.currency and booked.minor * held.minor > 0
        days = days_between(before.booked_on, seen.booked_on)
        self.plan.lessons.append(Lesson(days, growth(booked, held) if comparable else None))

    def _book(self, seen: TransactionSeen, name: ExternalId, before: Entry, link: Link) -> None:
        """The pending entry `before` is this one now: same entry, new name."""
        self._change(before, before.told(seen))
        self.named_anew.setdefault(before.id, before)
        self._source(seen, before.id, link)
        self._supersede({name}, before.id, link)

    def _supersede(self, names: Iterable[ExternalId], entry_id: EntryId, link: Link) -> None:
        named = link.method is Method.NAMED
        for name in sorted(names):
            self.booked_from.add(name)
            former = None if named else second_name(name, entry_id)
            self.plan.superseded.append(Superseded(self.feed_id, name, former))

    def _source(self, seen: TransactionSeen, entry_id: EntryId, link: Link) -> None:
        self.by_name[seen.id] = entry_id
        source = EntrySource(self.feed_id, seen.id, entry_id, digest_of(seen), link)
        self.plan.new_sources.append(source)

    def settle(self, seen: TransactionSeen, pair: Pair | None) -> None:
        if self._booked_by_name(seen):
            return
        if pair is None:
            self._add(seen)
            return
        one = pair.pending
        before = self.plan.changed.get(one.entry.id, one.entry)
        link = replace(pair.link, method=Method.AGAIN) if one.of_the_past else pair.link
        self._book(seen, one.external_id, before, link)

    def recognise(self, seen: TransactionSeen, found: Recognised) -> None:
        """The account had it before: same entry, and a name again."""
        before = found.entry
        after = before.told(seen)
        if after == before:
            self.plan.unchanged += 1
        self._change(before, after)
        self.named_anew[before.id] = before
        self._source(seen, before.id, found.link)
        self._supersede(self.known.names.get(before.id, ()), before.id, found.link)

    def suggest(self, pairing: Pairing) -> None:
        for seen, pair in pairing.suggested:
            evidence, pending = pair.link.evidence, pair.pending
            booked = self.by_name.get(seen.id)
            if evidence is None or booked not in self.plan.added:
                continue  # it turned out to be something that is known
            self.plan.suggested.append(
                Suggested(
                    feed_id=self.feed_id,
                    pending_name=pending.external_id,
                    pending=pending.entry.id,
                    booked_name=seen.id,
                    booked=booked,
                    confidence=pair.link.confidence,
                    evidence=evidence,
                )
            )

    def _add(self, seen: TransactionSeen) -> None:
        entry = first_told(self.new_id(seen.id), self.accounts[seen.account], seen)
        self.plan.added[entry.id] = entry
        self._source(seen, entry.id, FOUNDING)
        self.plan.sums.replace(None, entry)

    def take_away(self, gone: TransactionGone) -> None:
        """The feed takes a name back. What has booked under another name stays."""
        if gone.id in self.booked_from:
            return
        source = self.known.sources.get(gone.id)
        if source is not None and source.state is not SourceState.LIVE:
            return
        entry_id = self.by_name.get(gone.id) if source is None else source.entry_id
        if entry_id is None:
            return
        if entry_id in self.plan.added:
            self._unsay(entry_id)
            return
        before = self._current(entry_id)
        if before.removed is None:
            self._change(before, before.taken_away(Removed.BY_FEED))
            self.plan.removed += 1
            # Nothing is there twice, so there is nothing to ask.
            asked = self.plan.suggested
            self.plan.suggested = [one for one in asked if one.pending != entry_id]
        self.plan.heard_again.append(EntrySource(self.feed_id, gone.id, entry_id, FORGOTTEN))

    def _unsay(self, entry_id: EntryId) -> None:
        """Given and taken back on one page: it never was."""
        plan = self.plan
        plan.sums.replace(plan.added.pop(entry_id), None)
        plan.new_sources = [source for source in plan.new_sources if source.entry_id != entry_id]
        plan.suggested = [one for one in plan.suggested if one.booked != entry_id]
        self.by_name = {name: one for name, one in self.by_name.items() if one != entry_id}

    def _current(self, entry_id: EntryId) -> Entry:
        plan = self.plan
        return (
            plan.changed.get(entry_id)
            or plan.added.get(entry_id)
            or self.named_anew.get(entry_id)
            or self.known.entries[entry_id]
        )

    def _change(self, before: Entry, after: Entry) -> None:
        if before == after:
            return
        self.plan.sums.replace(before, after)
        if after.id in self.plan.added:
            self.plan.added[after.id] = after
        else:
            self.plan.changed[after.id] = after
