"""Old updates of which something waited, told again now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from typing_extensions import override

from application.ledger.feed_pages import announced
from application.ledger.feed_work import FeedWork
from application.ledger.one_account.work import SharedWork
from application.ledger.ports import LedgerTx
from domain.ledger.account import Account
from domain.ledger.entry import Entry, Removed
from domain.ledger.matching.facts import KnownSource, OpenPending, SourceState
from domain.ledger.proofs.late import LateChange, without
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.observations import EntryStatus, Observations

_HERE = (None, Removed.BY_PERSON)


@dataclass(slots=True)
class LateWork(SharedWork):
    """An old update says nothing of what is pending now, and newer words stand against it."""

    late: Sequence[LateChange] = ()
    """What waited of it."""
    ended: bool = False
    """The feed has ended: others may tell of its accounts by now."""

    @override
    async def begin(self) -> None:
        self.lost.any = await self.tx.entries.any_lost({one.id for one in self.met.values()})
        self.pendings = await self._held()
        institution = self._institution()
        if self.pendings and institution is not None:
            self.manners = await self.tx.manners.of(institution)

    async def _held(self) -> dict[ExternalId, OpenPending]:
        """What was free for these bookings then, and has waited for them."""
        ids = {one.entry_id for one in self.late if one.entry_id is not None}
        loaded = await self.tx.entries.load(ids) if ids else {}
        held = {
            one.id
            for one in loaded.values()
            if one.status is EntryStatus.PENDING and one.removed in {None, Removed.EXPIRED}
        }
        if not held:
            return {}
        told = await self.tx.entries.pendings(self.job.feed_id)
        found = {one.external_id: one for one in told if one.entry.id in held}
        rest = held - {one.entry.id for one in told}
        names = await self.tx.tellings.names_of(rest) if rest else {}
        for entry_id in sorted(rest):
            # By now they are too old to be claimed; for what was said then they are not.
            mine = [name for feed, name in names.get(entry_id, ()) if feed == self.job.feed_id]
            found |= {name: OpenPending(name, loaded[entry_id]) for name in mine}
            if not mine:
                # Told under names of the past: this feed may use those for something else.
                name = ExternalId(f"former {entry_id}")
                found[name] = OpenPending(name, loaded[entry_id], of_the_past=True)
        return found

    @override
    async def end(self) -> None:
        """What is pending still is newer updates' to judge, but for what has no name any more."""
        self.pendings = {
            name: one
            for name, one in self.pendings.items()
            if one.of_the_past
            and one.entry.status is EntryStatus.PENDING
            and one.entry.removed is None
        }
        self.again.void.update(one.entry.id for one in self.pendings.values())
        await FeedWork.end(self)  # a dataclass with slots has no zero-argument super()

    @override
    async def _known(
        self, page: Observations
    ) -> tuple[Observations, Mapping[ExternalId, KnownSource], Mapping[EntryId, Entry]]:
        """Names of the past are as they were then, unless the entry is told by another one now.

        It was told anew after these words, so they are older than what is known of it.
        """
        page, sources, entries = await FeedWork._known(self, page)  # noqa: SLF001 - a dataclass with slots has no zero-argument super()
        past = {
            name: entries[one.entry_id]
            for name, one in sources.items()
            if one.entry_id in entries and self._is_past(one, entries[one.entry_id])
        }
        if not past:
            return page, sources, entries
        free = await self._free(past.values())
        overtaken = {
            name for name, one in past.items() if one.removed in _HERE and one.id not in free
        }
        alive = {
            name: replace(sources[name], state=SourceState.LIVE) for name in past.keys() - overtaken
        }
        return without(page, overtaken), {**sources, **alive}, entries

    def _is_past(self, source: KnownSource, entry: Entry) -> bool:
        if source.state is SourceState.LIVE:
            return self.ended and entry.account_id not in self.word.joined
        return source.state is SourceState.FORMER

    async def _free(self, entries: Collection[Entry]) -> set[EntryId]:
        """Those that nothing has a living name for."""
        found: set[EntryId] = set()
        for status in {one.status for one in entries}:
            those = [one for one in entries if one.status is status]
            accounts = {one.account_id for one in those}
            days = {one.booked_on for one in those}
            found |= {one.id for one in await self.tx.entries.nameless(accounts, status, days)}
        return found


@dataclass(slots=True)
class Renewals:
    """Which of a feed's names for accounts were given up since something waits, and when.

    What waited and was told under them is known under a name of the past, as it would be had it
    been followed at once: so it is found again when it comes under another one.
    """

    feed_id: FeedId
    accounts: Mapping[ExternalId, Account]
    since: dict[ExternalId, int] = field(default_factory=dict)
    """By name of an account: the first update that had another one for it."""
    told: dict[ExternalId, set[ExternalId]] = field(default_factory=dict)
    """By name of an account: transactions told under it, and not given up yet."""

    @classmethod
    async def of(
        cls, tx: LedgerTx, feed_id: FeedId, accounts: Mapping[ExternalId, Account], first: int
    ) -> "Renewals":
        """`first` is the first update of which something waits."""
        renewals = cls(feed_id, accounts)
        moved = set(await tx.accounts.recognising(feed_id))
        names = {name: one.id for name, one in accounts.items() if one.id in moved}
        if len(names) == len(set(names.values())):
            return renewals
        for number in range(first + 1, await tx.feeds.applied_to(feed_id) + 1):
            update = await tx.received.find(feed_id, number)
            if update is not None:
                said = await announced(tx, update)
                now = {names[name] for name in said.accounts if name in names}
                for name in names.keys() - said.spoken_of:
                    if names[name] in now:
                        renewals.since.setdefault(name, number)
        return renewals

    def hear(self, page: Observations) -> None:
        for seen in page.transactions:
            if seen.account in self.since:
                self.told.setdefault(seen.account, set()).add(seen.id)

    async def retire(self, tx: LedgerTx, number: int | None = None) -> None:
        """Give up what was given up by this update; None: by now."""
        for name in sorted(self.told):
            if number is None or self.since[name] <= number:
                account_id: AccountId = self.accounts[name].id
                await tx.entries.retire(self.feed_id, account_id, self.told.pop(name))
