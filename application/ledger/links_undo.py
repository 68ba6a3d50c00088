"""The person says that a name of a feed is not this entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from application.ledger.changing import changing
from application.ledger.kept_words import last_words
from application.ledger.links import LinkedSource, LinkId
from application.ledger.matching_changes import Change, write_changes
from application.ledger.one_account.as_told import as_told
from application.ledger.one_account.decide import part_twin
from application.ledger.one_account.work import word_of
from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.ledger.suggestions import SuggestionState
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.ledger.account import Account
from domain.ledger.entry import Entry, Removed
from domain.ledger.errors_matching import (
    FoundingLinkError,
    LinkForgottenError,
    LinkNotFoundError,
)
from domain.ledger.matching.evidence import Link, Method
from domain.ledger.matching.facts import SourceState, told_as
from domain.ledger.matching.merging import first_told, told_afresh
from domain.shared.ids import EntryId, ExternalId, UserId
from domain.shared.observations import TransactionSeen


@dataclass(frozen=True, slots=True)
class UndoLinkCommand:
    owner: UserId
    entry_id: EntryId
    link_id: LinkId


@dataclass(frozen=True, slots=True)
class UndoneLink:
    transaction_id: EntryId
    """The entry that went on, with what the person said of it."""
    other_id: EntryId
    """The one that the name is now."""


@dataclass(frozen=True, slots=True)
class UndoLink:
    """Take an entry apart: the name becomes an entry of its own again, and stays one.

    The entry goes back to what its other names say, from what the feed was kept saying. No later
    run of the matcher joins the two again.

    Raises:
        EntryNotFoundError, LinkNotFoundError
        FoundingLinkError: it is the name that the entry began with.
        LinkForgottenError: what the feed said is not kept any more.
    """

    begin: BeginLedgerTx
    clock: Clock
    ids: NewIds

    async def __call__(self, command: UndoLinkCommand) -> UndoneLink:
        held = changing(self.begin, command.owner, command.entry_id)
        async with held as (tx, account):
            entry = await tx.entries.get(command.entry_id)
            links = await tx.links.of_entry(entry.id)
            link = _chosen(links, command.link_id)
            if link.source.link.method is Method.TWIN:
                other_id = await part_twin(tx, self.ids, self.clock, account, entry, link)
            else:
                other_id = await self._undone(tx, account, entry, link, links)
            facts = {"transaction_id": str(entry.id), "other_id": str(other_id)}
            await tx.audit.record(command.owner, "ledger.link_undone", facts)
            await tx.commit()
        return UndoneLink(entry.id, other_id)

    async def _undone(
        self,
        whole: LedgerTx,
        account: Account,
        shared: Entry,
        link: LinkedSource,
        links: Sequence[LinkedSource],
    ) -> EntryId:
        """Only this feed's word is taken apart, should others tell of the entry, too."""
        tx = as_told(whole, await word_of(whole, link.source.feed_id), self.clock)
        entry = (await tx.entries.load([shared.id]))[shared.id]
        others = [one for one in links if one is not link]
        words = await last_words(tx, [link, *others])
        if link.id not in words:
            raise LinkForgottenError(link.id)
        changes, other_id = await self._parted(tx, entry, link, words[link.id])
        changes += await _rest(tx, entry, link, others, words)
        name, feed_id = link.source.external_id, link.source.feed_id
        await tx.words.keep_apart(feed_id, {(told_as(name), entry.id)})
        await write_changes(tx, account, changes)
        return other_id

    async def _parted(
        self, tx: LedgerTx, entry: Entry, link: LinkedSource, seen: TransactionSeen
    ) -> tuple[list[Change], EntryId]:
        """The name's own entry: the one it was before they were joined, or a new one."""
        before = await self._once_merged(tx, entry.id, link.source.external_id)
        if before is not None:
            after = told_afresh(replace(before, removed=None), seen)
        else:
            after = first_told(EntryId(self.ids.one()), entry.account_id, seen)
        own = Link(Method.PERSON, founding=True)
        source = replace(link.source, entry_id=after.id, link=own)
        await tx.links.put([LinkedSource(source, SourceState.LIVE)])
        return [(before, after)], after.id

    async def _once_merged(self, tx: LedgerTx, entry_id: EntryId, name: ExternalId) -> Entry | None:
        for asked in await tx.suggestions.of_merged(entry_id):
            if asked.what.booked_name == name:
                away = SuggestionState.DISMISSED
                await tx.suggestions.save(asked.decided(away, self.clock.now()))
                before = (await tx.entries.load([asked.what.booked])).get(asked.what.booked)
                if before is not None and before.removed is Removed.MERGED:
                    return before
        return None


def _chosen(links: Sequence[LinkedSource], link_id: LinkId) -> LinkedSource:
    link = next((one for one in links if one.id == link_id), None)
    if link is None:
        raise LinkNotFoundError(link_id)
    if link.source.link.founding:
        raise FoundingLinkError(link_id)
    return link


async def _rest(
    tx: LedgerTx,
    entry: Entry,
    link: LinkedSource,
    others: Sequence[LinkedSource],
    words: Mapping[LinkId, TransactionSeen],
) -> list[Change]:
    """The entry without that name: what the feed last said under the others."""
    feed_id = link.source.feed_id
    mine = {one.id: one for one in others if one.source.feed_id == feed_id}
    newest = next((mine[one] for one in words if one in mine), None)
    if newest is None:
        return []
    if all(one.state is not SourceState.LIVE for one in mine.values()):
        await _revive(tx, newest)
    after = told_afresh(entry, words[newest.id])
    return [(entry, after)] if after != entry else []


async def _revive(tx: LedgerTx, past: LinkedSource) -> None:
    """The feed's name for it again, unless the feed has used that for something else."""
    feed_id, kept_as = past.source.feed_id, past.source.external_id
    name = told_as(kept_as)
    if name == kept_as or name not in await tx.entries.sources(feed_id, [name]):
        await tx.links.drop(feed_id, [kept_as])
        source = replace(past.source, external_id=name)
        await tx.links.put([LinkedSource(source, SourceState.LIVE)])
