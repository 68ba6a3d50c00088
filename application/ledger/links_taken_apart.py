"""The names of an entry that is taken apart: which go, which stay, and which are of the past."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from application.ledger.links import LinkedSource, LinkId, link_id
from application.ledger.ports import LedgerTx
from domain.ledger.account import Account
from domain.ledger.matching.evidence import Method
from domain.ledger.matching.facts import SourceState, named_before, second_name, told_as
from domain.shared.ids import EntryId, FeedId
from domain.shared.observations import EntryStatus, TransactionSeen


@dataclass(frozen=True, slots=True)
class TakenApart:
    """One name of an entry is not that entry, as the person says."""

    link: LinkedSource
    links: Sequence[LinkedSource]
    """All of the entry's."""
    words: Mapping[LinkId, TransactionSeen]
    """Of each feed, the newest first; the link's own are there."""
    ended: AbstractSet[FeedId]
    """Feeds that tell of the account no more."""
    joined: bool
    """Of a joined account, each feed's word is its own: no other one goes along."""

    @property
    def newer(self) -> Sequence[LinkedSource]:
        """Names that the bank has given since to what it booked under this one."""
        past = self.link.state is not SourceState.LIVE or self.link.source.feed_id in self.ended
        if not past or self.words[self.link.id].status is not EntryStatus.BOOKED:
            return ()
        return [one for one in self.links if one is not self.link and self._is_newer(one)]

    def _is_newer(self, one: LinkedSource) -> bool:
        if one.source.link.method is not Method.AGAIN:
            return False
        if one.source.feed_id != self.link.source.feed_id:
            # Names of two logins that were let go are of the past alike: they may stay.
            return not self.joined and one.source.feed_id not in self.ended
        order = list(self.words)
        if one.id not in order:
            return one.state is SourceState.LIVE
        return order.index(one.id) < order.index(self.link.id)

    @property
    def state(self) -> SourceState:
        """Of the name, once it is an entry of its own.

        A booking that waits to be told under a newer name, or has been, is known by that.
        """
        booked = self.words[self.link.id].status is EntryStatus.BOOKED
        keeps = self.newer or (booked and _is_of_another_access(self.link))
        return self.link.state if keeps else SourceState.LIVE

    @property
    def _mine(self) -> Mapping[LinkId, LinkedSource]:
        feed_id, going = self.link.source.feed_id, {self.link.id, *(one.id for one in self.newer)}
        return {
            one.id: one
            for one in self.links
            if one.source.feed_id == feed_id and one.id not in going
        }

    @property
    def newest(self) -> LinkedSource | None:
        """Of the feed's other names for the entry, the one that it told last."""
        mine = self._mine
        return next((mine[one] for one in self.words if one in mine), None)

    @property
    def has_no_name(self) -> bool:
        """The feed has names for the entry, and none that it uses."""
        return all(one.state is not SourceState.LIVE for one in self._mine.values())

    @property
    def is_of_the_past(self) -> bool:
        """The feed told of the entry, and nobody will tell of that under these names any more."""
        if self.link.source.feed_id in self.ended:
            return True
        former = any(_is_of_another_access(one) for one in (self.link, *self._mine.values()))
        return former and self.has_no_name


def _is_of_another_access(one: LinkedSource) -> bool:
    """The account came under other names since; the matcher's own conclusions have a mark."""
    name = one.source.external_id
    return one.state is SourceState.FORMER and named_before(name) == name


async def revived(tx: LedgerTx, past: LinkedSource, seen: TransactionSeen) -> None:
    """The feed's name for it again, unless the feed has used that for something else.

    What is booked under a name of an earlier access keeps it as such: a newer one may come.
    """
    if seen.status is EntryStatus.BOOKED and _is_of_another_access(past):
        return
    feed_id, kept_as = past.source.feed_id, past.source.external_id
    name = told_as(kept_as)
    if name == kept_as or name not in await tx.entries.sources(feed_id, [name]):
        await tx.links.drop(feed_id, [kept_as])
        source = replace(past.source, external_id=name)
        await tx.links.put([LinkedSource(source, SourceState.LIVE)])


async def undone_before(
    tx: LedgerTx, account: Account, entry_id: EntryId, which: LinkId
) -> EntryId | None:
    """The entry that this name is since the person said that it is not `entry_id`."""
    for feed in await tx.joined.feeds_of(account.id):
        for told, other in await tx.words.apart(feed.feed_id):
            names = (told, second_name(told, entry_id)) if other == entry_id else ()
            name = next((one for one in names if link_id(feed.feed_id, one) == which), None)
            if name is not None:
                known = (await tx.entries.sources(feed.feed_id, [name])).get(name)
                return None if known is None else known.entry_id
    return None
