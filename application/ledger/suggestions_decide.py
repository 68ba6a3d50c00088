"""The person says whether a booked entry is what was pending."""

from dataclasses import dataclass, replace
from typing import Final

from application.ledger.changing import changing
from application.ledger.links import LinkedSource
from application.ledger.matching_changes import write_changes
from application.ledger.one_account.decide import join_suggested
from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.ledger.suggestions import Suggestion, SuggestionId, SuggestionState
from application.shared.clock import Clock
from domain.ledger.account import Account
from domain.ledger.entry import Entry, Removed
from domain.ledger.errors_matching import SuggestionClosedError
from domain.ledger.matching.evidence import PERSONS
from domain.ledger.matching.facts import SourceState
from domain.ledger.matching.merging import lesson_of, merged, understood, with_edits_of
from domain.shared.ids import EntryId, UserId
from domain.shared.observations import EntryStatus

_AUDITED_AS: Final = {
    SuggestionState.CONFIRMED: "ledger.duplicate_confirmed",
    SuggestionState.DISMISSED: "ledger.duplicate_dismissed",
}


@dataclass(frozen=True, slots=True)
class DecideSuggestionCommand:
    owner: UserId
    suggestion_id: SuggestionId
    same: bool
    """They are one; otherwise they are two, and nobody asks again."""


@dataclass(frozen=True, slots=True)
class DecidedSuggestion:
    id: SuggestionId
    state: SuggestionState
    transaction_id: EntryId
    """The entry that goes on: the one that was pending, booked or still waiting."""


@dataclass(frozen=True, slots=True)
class DecideSuggestion:
    """Keep the person's word. Saying it again changes nothing.

    Confirmed, the pending entry is the booked one: it keeps its id and what the person said of
    either, and the other one is gone. Dismissed, both stay what they are.

    Raises:
        SuggestionNotFoundError
        SuggestionClosedError: one of them has become something else meanwhile, or two that were
            confirmed as one are to be two; links are undone.
    """

    begin: BeginLedgerTx
    clock: Clock

    async def __call__(self, command: DecideSuggestionCommand) -> DecidedSuggestion:
        wanted = SuggestionState.CONFIRMED if command.same else SuggestionState.DISMISSED
        async with self.begin(command.owner) as tx:
            asked = await tx.suggestions.get(command.suggestion_id)
            pair = await tx.entries.load([asked.what.pending, asked.what.booked])
        if len(pair) < 2:  # noqa: PLR2004 - a pair
            raise SuggestionClosedError(asked.id)
        held = changing(self.begin, command.owner, asked.what.pending)
        async with held as (tx, account):
            before, asked = asked, await tx.suggestions.get(command.suggestion_id)
            if before.what.pending != asked.what.pending:
                raise SuggestionClosedError(asked.id)
            if asked.state is not wanted:
                await self._decide(tx, account, asked, wanted)
                await tx.commit()
        return DecidedSuggestion(asked.id, wanted, asked.what.pending)

    async def _decide(
        self, tx: LedgerTx, account: Account, asked: Suggestion, wanted: SuggestionState
    ) -> None:
        if asked.state is SuggestionState.CONFIRMED:
            raise SuggestionClosedError(asked.id)
        apart = {(asked.what.booked_name, asked.what.pending)}
        # First, since two that become one take the open questions about them along.
        await tx.suggestions.save(asked.decided(wanted, self.clock.now()))
        if wanted is SuggestionState.CONFIRMED:
            await tx.words.join(asked.what.feed_id, apart)
            joined = await tx.joined.joined()
            if account.id in joined:
                await join_suggested(tx, account, joined[account.id], asked)
            else:
                await _join(tx, account, asked)
        else:
            await tx.words.keep_apart(asked.what.feed_id, apart)
        facts = {"suggestion_id": str(asked.id), "transaction_id": str(asked.what.pending)}
        await tx.audit.record(account.owner, _AUDITED_AS[wanted], facts)


async def _join(tx: LedgerTx, account: Account, asked: Suggestion) -> None:
    what = asked.what
    pair = await tx.entries.load([what.pending, what.booked])
    pending, booked = pair.get(what.pending), pair.get(what.booked)
    files = what.evidence.between_files
    if pending is None or booked is None or not _stands(pending, booked, files=files):
        raise SuggestionClosedError(asked.id)
    held = await tx.links.of_entry(pending.id)
    told = await tx.links.of_entry(booked.id)
    await tx.links.put([_past(one) for one in held] + [_moved(one, pending.id) for one in told])
    # What an earlier file told counts already, perhaps in a transfer: it is the same, told anew.
    # Which transfer the newer one is in is not what a file told; a transfer that the person made
    # of it is one of what it has become.
    newer = booked.unpaired()
    after = with_edits_of(newer, understood(pending, newer)) if files else merged(pending, booked)
    gone = replace(booked, removed=Removed.MERGED)
    await write_changes(tx, account, [(pending, after), (booked, gone)])
    if account.bank is not None and not files:
        manners = await tx.manners.of(account.bank, locked=True)
        lesson = lesson_of(what.evidence, booked.amount, pending.amount)
        await tx.manners.save(account.bank, manners.taught([lesson]))


def _stands(pending: Entry, booked: Entry, *, files: bool) -> bool:
    return (
        (pending.status is EntryStatus.PENDING or files)
        and booked.status is EntryStatus.BOOKED
        and pending.removed is None
        and booked.removed is None
        and pending.account_id == booked.account_id
    )


def _past(one: LinkedSource) -> LinkedSource:
    return replace(one, state=SourceState.SUPERSEDED) if one.state is SourceState.LIVE else one


def _moved(one: LinkedSource, entry_id: EntryId) -> LinkedSource:
    return replace(one, source=replace(one.source, entry_id=entry_id, link=PERSONS))
