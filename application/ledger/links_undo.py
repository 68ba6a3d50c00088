"""The person says that a name of a feed is not this entry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ledger.changing import changing
from application.ledger.kept_words import last_words
from application.ledger.links import LinkedSource, LinkId
from application.ledger.links_taken_apart import TakenApart, revived, undone_before
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
from domain.ledger.errors import EntryNotFoundError
from domain.ledger.errors_matching import (
    FoundingLinkError,
    LinkForgottenError,
    LinkNotFoundError,
)
from domain.ledger.matching.evidence import Link, Method
from domain.ledger.matching.facts import told_as
from domain.ledger.matching.merging import first_told, told_afresh
from domain.shared.ids import EntryId, ExternalId, UserId
from domain.shared.observations import EntryStatus, TransactionSeen


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
    run of the matcher joins the two again. Where the bank has given the same thing a newer name
    since, that goes along, and what was only held under names that nobody tells any more is void:
    it comes to what it would have come to, had it been undone before. Saying it again changes
    nothing.

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
            entry = (await tx.entries.load([command.entry_id]))[command.entry_id]
            links = await tx.links.of_entry(entry.id)
            link = next((one for one in links if one.id == command.link_id), None)
            if link is None:
                before = await undone_before(tx, account, entry.id, command.link_id)
                if before is None:
                    raise _nothing_there(entry, command.link_id)
                return UndoneLink(entry.id, before)
            if entry.removed is not None:
                raise EntryNotFoundError(entry.id)
            if link.source.link.founding:
                raise FoundingLinkError(link.id)
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
        words = await last_words(tx, [link, *(one for one in links if one is not link)])
        if link.id not in words:
            raise LinkForgottenError(link.id)
        feeds = await tx.joined.feeds_of(account.id)
        ended = frozenset(one.feed_id for one in feeds if one.ended)
        joined = account.id in await tx.joined.joined()
        apart = TakenApart(link, links, words, ended, joined=joined)
        changes, other_id = await self._parted(tx, entry, apart, words[link.id])
        changes += await _rest(tx, entry, apart)
        name, feed_id = link.source.external_id, link.source.feed_id
        await tx.words.keep_apart(feed_id, {(told_as(name), entry.id)})
        await write_changes(tx, account, changes)
        return other_id

    async def _parted(
        self, tx: LedgerTx, entry: Entry, apart: TakenApart, seen: TransactionSeen
    ) -> tuple[list[Change], EntryId]:
        """The name's own entry: the one it was before they were joined, or a new one."""
        link = apart.link
        before = await self._once_merged(tx, entry.id, link.source.external_id)
        if before is not None:
            after = told_afresh(replace(before, removed=None), seen)
        else:
            after = first_told(EntryId(self.ids.one()), entry.account_id, seen)
        own = Link(Method.PERSON, founding=True)
        source = replace(link.source, entry_id=after.id, link=own)
        along = [replace(one, source=replace(one.source, entry_id=after.id)) for one in apart.newer]
        await tx.links.put([LinkedSource(source, apart.state), *along])
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


def _nothing_there(entry: Entry, link_id: LinkId) -> EntryNotFoundError | LinkNotFoundError:
    gone = entry.removed is not None
    return EntryNotFoundError(entry.id) if gone else LinkNotFoundError(link_id)


async def _rest(tx: LedgerTx, entry: Entry, apart: TakenApart) -> list[Change]:
    """The entry without that name: what the feed last said under the others."""
    newest = apart.newest
    if newest is None:
        return []
    after = told_afresh(entry, apart.words[newest.id])
    if apart.is_of_the_past and after.status is EntryStatus.PENDING:
        after = after.taken_away(Removed.EXPIRED)
    elif apart.has_no_name:
        await revived(tx, newest, apart.words[newest.id])
    return [(entry, after)] if after != entry else []
