"""Living through a case: the bank speaks, the person acts, and the ledger is what it is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Final
from uuid import UUID

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.jobs import ReplayFeedJob
from application.ledger.links import LinkedSource, LinkId
from application.ledger.links_undo import UndoLink, UndoLinkCommand
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from application.ledger.replay import PreviewReplay, ReplayFeed, ReplayReport
from application.ledger.suggestions import Suggestion, SuggestionState
from application.ledger.suggestions_decide import DecideSuggestion, DecideSuggestionCommand
from application.shared.feeds import FeedKind
from domain.ledger.account import Account, AccountOrigin, AccountSource
from domain.ledger.entry import Entry, Part
from domain.ledger.matching.facts import told_as
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, EntryStatus, Observations
from tests.contract.ledger.one_account.feeds import join
from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.zoo.reading import FIRST, Act, Case, Shown, Sync

SECOND_FEED: Final = FeedId(UUID(int=0xFEED2))


async def live_through(world: LedgerWorld, case: Case) -> None:
    for sync in case.syncs:
        await hear(world, sync)
        for act in sync.acts:
            await do(world, act)


async def hear(world: LedgerWorld, sync: Sync) -> None:
    world.clock.at = datetime.combine(sync.day, time(12), UTC)
    if sync.file:
        await _an_account_of_files(world)
    pages = [_with_pendings(page, lists_all=sync.lists_all) for page in sync.pages]
    await world.hears(*pages, feed=SECOND_FEED if sync.second else FEED)


async def _an_account_of_files(world: LedgerWorld) -> None:
    """As the first import makes it."""
    async with world.begin(ANNA) as tx:
        if await tx.accounts.of_feed(FEED):
            return
        account = Account(
            id=AccountId(world.ids.one()),
            owner=ANNA,
            name=FIRST,
            kind=AccountKind.CHECKING,
            currency="NOK",
            origin=AccountOrigin.STATEMENT,
            number=None,
            institution=None,
            created_at=world.clock.now(),
        )
        await tx.updates.create(FEED, FeedKind.STATEMENT)
        await tx.accounts.add(account)
        await tx.accounts.link(AccountSource(FEED, FIRST, account.id))
        await tx.commit()


def _with_pendings(page: Observations, *, lists_all: bool) -> Observations:
    return replace(page, lists_all_pending=lists_all)


async def do(world: LedgerWorld, act: Act) -> None:
    if act.what in {"confirm", "dismiss"}:
        await _decide(world, frozenset(act.name.split()), same=act.what == "confirm")
        return
    if act.what == "join":
        await join(world, ANNA, FEED, SECOND_FEED)
        return
    entry_id, link_id = await _named(world, act.name)
    edit = EditEntry(world.begin)
    match act.what:
        case "delete":
            await RemoveEntry(world.begin)(RemoveEntryCommand(ANNA, entry_id))
        case "undo":
            undo = UndoLink(world.begin, world.clock, world.ids)
            await undo(UndoLinkCommand(ANNA, entry_id, link_id))
        case "note":
            await edit(EditEntryCommand(ANNA, entry_id, note=act.said))
        case "category":
            await edit(EditEntryCommand(ANNA, entry_id, category=act.said))
        case "text":
            await edit(EditEntryCommand(ANNA, entry_id, text=act.said))
        case "split":
            await edit(EditEntryCommand(ANNA, entry_id, parts=_parts(act.said)))
        case _:
            raise ValueError(act.what)


def _parts(said: str) -> list[Part]:
    """`-60.00 food.groceries, -40.00 family.pets`, in kroner."""
    parts = [part.split() for part in said.split(",")]
    return [Part(Money(int(Decimal(figure) * 100), "NOK"), kind) for figure, kind in parts]


async def _named(world: LedgerWorld, name: str) -> tuple[EntryId, LinkId]:
    """The entry that has that name now, or had it last."""
    links = await _links(world)
    mine = [one for known, one in sorted(links.items()) if told_as(known) == name]
    found = links.get(ExternalId(name)) or mine[-1]
    return found.source.entry_id, found.id


async def _decide(world: LedgerWorld, names: frozenset[str], *, same: bool) -> None:
    for one in await world.books.suggestions(ANNA):
        if _names_in(one) == names:
            decide = DecideSuggestion(world.begin, world.clock)
            await decide(DecideSuggestionCommand(ANNA, one.id, same=same))
            return
    raise ValueError(f"nobody asks about {sorted(names)}")


def _names_in(one: Suggestion) -> frozenset[str]:
    return frozenset((told_as(one.what.pending_name), told_as(one.what.booked_name)))


async def shown(world: LedgerWorld) -> list[Shown]:
    """What there is in the end, in the words of a case."""
    links = await _links(world)
    names: dict[EntryId, set[str]] = {}
    for name, one in links.items():
        names.setdefault(one.source.entry_id, set()).add(told_as(name))
    return [_shown(one, names.get(one.id, set())) for one in await world.shown()]


async def _links(world: LedgerWorld) -> Mapping[ExternalId, LinkedSource]:
    """Of both feeds; a case gives every transaction a name of its own."""
    async with world.begin(ANNA) as tx:
        return {**await tx.links.of_feed(FEED), **await tx.links.of_feed(SECOND_FEED)}


def _shown(entry: Entry, names: set[str]) -> Shown:
    return Shown(
        entry.status,
        entry.booked_on,
        entry.amount,
        entry.text,
        frozenset(names),
        entry.note,
        entry.category,
        tuple(f"{_figure(part.amount)} {part.category}" for part in entry.split),
    )


def _figure(amount: Money) -> str:
    return f"{Decimal(amount.minor) / 100:.2f}"


def as_told(real: Shown, expected: Sequence[Shown]) -> Shown:
    """Without what no case speaks of for that entry: a category nobody mentions is any."""
    same = [
        one
        for one in expected
        if (one.booked_on, one.amount, one.text) == (real.booked_on, real.amount, real.text)
    ]
    silent = all(one.category is None for one in same)
    return replace(real, category=None) if silent else real


async def ensure_right(world: LedgerWorld, case: Case) -> None:
    real = [as_told(one, case.shown) for one in await shown(world)]
    assert Counter(real) == Counter(case.shown), case.why
    asked = await standing(world)
    assert {_names_in(one) for one in asked} == case.asks, case.why
    kept = {one.name: figure for one, figure in (await world.books.accounts(ANNA)).items()}
    for account, figure in case.balances.items():
        assert Decimal(kept[account]) / 100 == figure, case.why
    await world.ensure_sums_are_right()


async def standing(world: LedgerWorld) -> list[Suggestion]:
    entries = {one.id: one for one in await world.shown()}
    pending = {one for one in entries if entries[one].status is EntryStatus.PENDING}
    return [
        one
        for one in await world.books.suggestions(ANNA)
        if one.state is SuggestionState.OPEN
        and (
            one.what.pending in pending
            or (
                (one.what.between_feeds or one.what.evidence.between_files)
                and one.what.pending in entries
            )
        )
        and one.what.booked in entries.keys() - pending
    ]


async def preview(world: LedgerWorld, feed: FeedId = FEED) -> ReplayReport:
    return await PreviewReplay(world.begin, world.ids)(ANNA, feed)


async def replay(world: LedgerWorld, feed: FeedId = FEED) -> ReplayReport:
    job = ReplayFeedJob(user_id=ANNA, feed_id=feed)
    async with world.begin(ANNA) as tx:
        job_id = await tx.jobs.enqueue(job)
        await tx.commit()
    (lease,) = (one.lease for one in await world.board.claim(100) if one.lease.job_id == job_id)
    return await ReplayFeed(world.begin, world.ids)(job, lease)
