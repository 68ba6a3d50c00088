"""What observations mean, given what the ledger knows: the matcher.

Pure: old facts and new facts in, a plan of writes out. The rules, in order:

1. A name the feed used before is the same entry. What it says now replaces what it said, except
   where the person has spoken; the same words again change nothing.
2. A booked entry that names the pending one it comes from (`pending_id`) is that entry, the first
   time: a pending entry books once, and a second booking of it is an entry of its own.
3. A booked entry may be one that was pending and is no longer listed, in a feed that lists all
   pending ones: same account, close dates, and the same amount or the same payee with an amount
   as tips and holds explain. The best pair goes first, and each pending entry books once.
4. Where an account was found again under another name, a booked entry may be one that the
   account had before and that no feed knows by a name any more: same day, same amount, and the
   same text or payee. Equals are paired one to one, and never more of them than there are.
5. Everything else is new. Two booked entries are never merged for looking alike.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from domain.ledger.categories import UNCATEGORISED
from domain.ledger.entry import Edited, Entry, EntrySource, Removed
from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.money import Money
from domain.shared.observations import (
    EntryStatus,
    Observations,
    TransactionGone,
    TransactionSeen,
)

BOOKS_EARLIER_BY: Final = timedelta(days=2)
BOOKS_LATER_BY: Final = timedelta(days=10)
"""A card hold books within days; the date may also move back over midnight or a weekend."""
EXPIRES_AFTER: Final = timedelta(days=14)
"""A pending entry that its feed no longer lists, and that nothing booked came for, is void."""
CLAIMABLE_FOR: Final = timedelta(days=45)
"""Up to this age a pending entry that expired may still be claimed by a very late booking."""
GROWS_BY_MAX: Final = 0.25
"""A tip on top of what was held."""
_FORGOTTEN: Final = 0
"""The digest of a source whose transaction was taken back: whatever comes next is news."""


class SourceState(StrEnum):
    LIVE = "live"
    SUPERSEDED = "superseded"
    """The entry is known by another name of the same feed now: this one booked as that one."""
    FORMER = "former"
    """The feed knows the whole account by another name now, and will not use this one again."""


@dataclass(frozen=True, slots=True)
class KnownSource:
    entry_id: EntryId
    digest: int
    state: SourceState = SourceState.LIVE


@dataclass(frozen=True, slots=True)
class OpenPending:
    """A pending entry that its feed has stopped listing: what is booked now may be it."""

    external_id: ExternalId
    entry: Entry


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows of the names on a page."""

    sources: Mapping[ExternalId, KnownSource]
    entries: Mapping[EntryId, Entry]
    """At least those that `entries_needed` asked for."""
    nameless: Sequence[Entry] = ()
    """Of accounts that were found again: entries that no feed knows by a name any more."""


@dataclass(frozen=True, slots=True)
class Superseded:
    feed_id: FeedId
    external_id: ExternalId


@dataclass(slots=True)
class Plan:
    """What to write. Sums hold the whole effect on the kept figures."""

    added: dict[EntryId, Entry] = field(default_factory=dict)
    changed: dict[EntryId, Entry] = field(default_factory=dict)
    new_sources: list[EntrySource] = field(default_factory=list)
    heard_again: list[EntrySource] = field(default_factory=list)
    """Known sources that say something else now."""
    superseded: list[Superseded] = field(default_factory=list)
    sums: SumChanges = field(default_factory=SumChanges)
    removed: int = 0
    unchanged: int = 0

    @property
    def writes(self) -> bool:
        return bool(self.added or self.changed or self.new_sources or self.heard_again)

    def entries(self) -> Iterator[Entry]:
        yield from self.added.values()
        yield from self.changed.values()

    def names(self) -> Iterator[ExternalId]:
        """Every name that the ledger knows differently once this is written."""
        for source in (*self.new_sources, *self.heard_again):
            yield source.external_id
        for booked in self.superseded:
            yield booked.external_id


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


def plan_page(  # noqa: PLR0917 - old facts, new facts, and names to give
    feed_id: FeedId,
    page: Observations,
    accounts: Mapping[ExternalId, AccountId],
    known: Known,
    open_pendings: Mapping[ExternalId, OpenPending],
    new_ids: Iterator[EntryId],
) -> Plan:
    """Plan one page. `open_pendings` are those nothing on an earlier page has booked."""
    planner = _Planner(feed_id, accounts, known, new_ids)
    latest = {seen.id: seen for seen in page.transactions}  # the feed's last word wins
    strangers = planner.known_names(latest.values())
    still_open = {
        name: one for name, one in open_pendings.items() if name not in planner.booked_from
    }
    again = _recognised(strangers, accounts, known.nameless) if known.nameless else {}
    others = [seen for seen in strangers if seen.id not in again]
    matches = _matches(others, accounts, still_open) if still_open else {}
    for seen in strangers:
        if seen.id in again:
            planner.recognise(seen, again[seen.id])
        else:
            planner.settle(seen, matches.get(seen.id))
    for gone in page.gone:
        planner.take_away(gone)
    return planner.plan


@dataclass(slots=True)
class _Planner:
    feed_id: FeedId
    accounts: Mapping[ExternalId, AccountId]
    known: Known
    new_ids: Iterator[EntryId]
    plan: Plan = field(default_factory=Plan)
    by_name: dict[ExternalId, EntryId] = field(default_factory=dict)
    """Names that are new on this page."""
    booked_from: set[ExternalId] = field(default_factory=set)
    """Names of pending entries that something on this page is the booking of."""
    recognised: dict[EntryId, Entry] = field(default_factory=dict)
    """Entries that got a name again on this page, as they were."""

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

    def _hear_again(self, source: KnownSource, seen: TransactionSeen) -> None:
        if source.state is SourceState.SUPERSEDED:
            # An old page speaks of a pending entry that has booked under another name.
            self.plan.unchanged += 1
            return
        before = self._current(source.entry_id)
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
        if source is not None and source.state is SourceState.SUPERSEDED:
            return False
        entry_id = self.by_name.get(name) if source is None else source.entry_id
        if entry_id is None:
            return False
        before = self._current(entry_id)
        if before.status is not EntryStatus.PENDING:
            return False
        self._book(seen, name, before)
        return True

    def _book(self, seen: TransactionSeen, was_named: ExternalId, before: Entry) -> None:
        """The pending entry `before` is this one now: same entry, new name."""
        self._change(before, before.told(seen))
        self.by_name[seen.id] = before.id
        self.booked_from.add(was_named)
        self.plan.new_sources.append(EntrySource(self.feed_id, seen.id, before.id, digest_of(seen)))
        self.plan.superseded.append(Superseded(self.feed_id, was_named))

    def settle(self, seen: TransactionSeen, match: OpenPending | None) -> None:
        if self._booked_by_name(seen):
            return
        if match is not None:
            before = self.plan.changed.get(match.entry.id, match.entry)
            self._book(seen, match.external_id, before)
        else:
            self._add(seen)

    def recognise(self, seen: TransactionSeen, before: Entry) -> None:
        """The account had it before: same entry, and a name again."""
        after = before.told(seen)
        if after == before:
            self.plan.unchanged += 1
        self._change(before, after)
        self.recognised[before.id] = before
        self.by_name[seen.id] = before.id
        self.plan.new_sources.append(EntrySource(self.feed_id, seen.id, before.id, digest_of(seen)))

    def _add(self, seen: TransactionSeen) -> None:
        entry = Entry(
            id=next(self.new_ids),
            account_id=self.accounts[seen.account],
            status=seen.status,
            amount=seen.amount,
            booked_on=seen.booked_on,
            text=seen.text,
            value_on=seen.value_on,
            counterparty=seen.counterparty,
            category=seen.category or UNCATEGORISED,
            note=seen.note,
        )
        self.plan.added[entry.id] = entry
        self.by_name[seen.id] = entry.id
        self.plan.new_sources.append(EntrySource(self.feed_id, seen.id, entry.id, digest_of(seen)))
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
        self.plan.heard_again.append(EntrySource(self.feed_id, gone.id, entry_id, _FORGOTTEN))

    def _unsay(self, entry_id: EntryId) -> None:
        """Given and taken back on one page: it never was."""
        plan = self.plan
        plan.sums.replace(plan.added.pop(entry_id), None)
        plan.new_sources = [source for source in plan.new_sources if source.entry_id != entry_id]
        self.by_name = {name: one for name, one in self.by_name.items() if one != entry_id}

    def _current(self, entry_id: EntryId) -> Entry:
        plan = self.plan
        return (
            plan.changed.get(entry_id)
            or plan.added.get(entry_id)
            or self.recognised.get(entry_id)
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


def expiring(open_pendings: Iterable[OpenPending], today: date) -> list[Entry]:
    """Those nothing was booked for in all that time, as they are once they are void."""
    return [
        one.entry.taken_away(Removed.EXPIRED)
        for one in open_pendings
        if one.entry.removed is None and one.entry.booked_on + EXPIRES_AFTER < today
    ]


def _matches(
    strangers: Sequence[TransactionSeen],
    accounts: Mapping[ExternalId, AccountId],
    open_pendings: Mapping[ExternalId, OpenPending],
) -> dict[ExternalId, OpenPending]:
    """Rule 3: pair booked strangers with open pending entries, best pairs first."""
    by_account: dict[AccountId, list[OpenPending]] = {}
    for one in open_pendings.values():
        by_account.setdefault(one.entry.account_id, []).append(one)
    pairs = sorted(
        (
            (score, seen.booked_on, seen.id, one.external_id)
            for seen in strangers
            if seen.status is EntryStatus.BOOKED
            for one in by_account.get(accounts[seen.account], ())
            if (score := likeness(seen, one.entry)) > 0
        ),
        key=lambda pair: (-pair[0], *pair[1:]),
    )
    matches: dict[ExternalId, OpenPending] = {}
    taken: set[ExternalId] = set()
    for _, _, booked, pending in pairs:
        if booked not in matches and pending not in taken:
            matches[booked] = open_pendings[pending]
            taken.add(pending)
    return matches


def _recognised(
    strangers: Sequence[TransactionSeen],
    accounts: Mapping[ExternalId, AccountId],
    nameless: Sequence[Entry],
) -> dict[ExternalId, Entry]:
    """Rule 4: pair booked strangers with nameless entries, the surest pairs first.

    Among equals the first goes with the first, and one that the person deleted goes last.
    """
    by_facts: dict[_Facts, list[Entry]] = {}
    for entry in sorted(nameless, key=lambda one: (one.removed is not None, one.id)):
        by_facts.setdefault((entry.account_id, entry.booked_on, entry.amount), []).append(entry)
    again: dict[ExternalId, Entry] = {}
    for sounds_alike in (_same_text, _same_payee, _renamed):
        for seen in strangers:
            if seen.id in again or seen.status is not EntryStatus.BOOKED:
                continue
            there = by_facts.get((accounts[seen.account], seen.booked_on, seen.amount), [])
            found = next((one for one in there if sounds_alike(seen, one)), None)
            if found is not None:
                there.remove(found)
                again[seen.id] = found
    return again


_Facts = tuple[AccountId, date, Money]


def _same_text(seen: TransactionSeen, entry: Entry) -> bool:
    return seen.text == entry.text


def _same_payee(seen: TransactionSeen, entry: Entry) -> bool:
    payee = _payee(entry.text, entry.counterparty)
    return not payee.isdisjoint(_payee(seen.text, seen.counterparty))


def _renamed(_: TransactionSeen, entry: Entry) -> bool:
    """Whether the bank's words are lost: the person has written others over them."""
    return Edited.TEXT in entry.edited


def likeness(seen: TransactionSeen, pending: Entry) -> float:
    """From 0 (cannot be the same) to 1, for a booked observation and a pending entry."""
    if seen.amount.currency != pending.amount.currency:
        return 0.0
    days = seen.booked_on - pending.booked_on
    if not -BOOKS_EARLIER_BY <= days <= BOOKS_LATER_BY:
        return 0.0
    booked, held = seen.amount.minor, pending.amount.minor
    payee = _payee(seen.text, seen.counterparty)
    same_payee = bool(payee & _payee(pending.text, pending.counterparty))
    nearness = 0.1 * (1 - abs(days) / BOOKS_LATER_BY)
    if booked == held:
        return (0.9 if same_payee else 0.6) + nearness
    if not same_payee or booked == 0 or (booked < 0) != (held < 0):
        return 0.0
    # A hold is released down to what was bought; a tip only adds a little.
    growth = booked / held - 1 if held else 1.0
    return 0.0 if growth > GROWS_BY_MAX else 0.3 + nearness


_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_NOISE: Final = frozenset(
    {"visa", "mastercard", "kort", "card", "varekjøp", "varekjop", "purchase", "nok", "eur", "sek"}
)
"""Words that any card purchase may carry."""


def _payee(text: str, counterparty: str | None) -> set[str]:
    words = _WORD.findall(f"{text} {counterparty or ''}".casefold())
    return set(words) - _NOISE
