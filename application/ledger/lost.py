"""Entries that may come again under another name: the bank took theirs back, or forgot it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from application.ledger.lost_entries import LostEntry
from application.ledger.ports import LedgerTx
from application.shared.feeds import UpdateId
from domain.ledger.entry import Entry, Removed
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.observations import EntryStatus, TransactionSeen


@dataclass(frozen=True, slots=True)
class Told:
    """What an update speaks of: its names, and from which day on it lists what is booked."""

    names: frozenset[ExternalId]
    since: Mapping[ExternalId, date]
    """By account."""


@dataclass(slots=True)
class Lost:
    """Asked by an update that brings strangers to accounts that something was removed from."""

    gone: Collection[ExternalId] = ()
    """Names that this update takes back, on whatever page."""
    relists: bool = False
    """The feed lists everything from some day on: what is missing there has another name now."""
    any: bool | None = None
    told: Told | None = None
    names: dict[EntryId, set[ExternalId]] = field(default_factory=dict)

    async def on(
        self,
        tx: LedgerTx,
        feed_id: FeedId,
        update: UpdateId,
        strangers: Sequence[TransactionSeen],
        accounts: Mapping[ExternalId, AccountId],
    ) -> Sequence[Entry]:
        """Those that the strangers may be; `names` says which names they lose by it."""
        wanted = {accounts[seen.account] for seen in strangers}
        if self.any is None:
            self.any = await tx.entries.any_lost(set(accounts.values()))
        if not self.any:
            return ()
        days = {seen.booked_on for seen in strangers}
        found = await tx.entries.lost(feed_id, wanted, days)
        if not found:
            return ()
        forgotten = await self._forgotten(tx, update, found, accounts)
        self.names |= {one.entry.id: set(one.names) for one in forgotten}
        return [one.entry for one in forgotten]

    async def _forgotten(
        self,
        tx: LedgerTx,
        update: UpdateId,
        found: Iterable[LostEntry],
        accounts: Mapping[ExternalId, AccountId],
    ) -> list[LostEntry]:
        forgotten = []
        for one in found:
            living = one.living.difference(self.gone)
            deleted = one.entry.removed is Removed.BY_PERSON
            if living and deleted and self.relists:
                told = self.told = self.told or await told_in(tx, update)
                if told.names.isdisjoint(living) and _covered(one.entry, told, accounts):
                    living = frozenset()
            if not living:
                forgotten.append(one)
        return forgotten


def _covered(entry: Entry, told: Told, accounts: Mapping[ExternalId, AccountId]) -> bool:
    days = [day for name, day in told.since.items() if accounts.get(name) == entry.account_id]
    return any(day <= entry.booked_on for day in days)


async def told_in(tx: LedgerTx, update: UpdateId) -> Told:
    names: set[ExternalId] = set()
    since: dict[ExternalId, date] = {}
    async for page in tx.received.pages(update):
        for seen in page.transactions:
            names.add(seen.id)
            if seen.status is EntryStatus.BOOKED:
                since[seen.account] = min(seen.booked_on, since.get(seen.account, date.max))
    return Told(frozenset(names), since)
