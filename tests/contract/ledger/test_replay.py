"""A feed is understood again: what an older matcher got wrong is put right, and nothing else."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.jobs import ReplayFeedJob
from application.ledger.links import LinkedSource
from application.ledger.links_undo import UndoLink, UndoLinkCommand
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from application.ledger.replay import PreviewReplay, ReplayFeed, ReplayReport
from application.ledger.replay_request import RequestReplay
from application.shared.jobs import Lease, LeaseLostError
from domain.ledger.entry import Entry, Removed
from domain.ledger.matching.evidence import FOUNDING, Link, Method
from domain.ledger.matching.facts import SourceState, second_name
from domain.ledger.matching.merging import first_told
from domain.ledger.sums import SumChanges
from domain.shared.ids import EntryId, ExternalId
from domain.shared.observations import EntryStatus, Observations, TransactionSeen
from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.support.observations import a_transaction, an_account

PENDING, BOOKED = EntryStatus.PENDING, EntryStatus.BOOKED
P1, B1 = ExternalId("p-1"), ExternalId("b-1")
HELD = a_transaction("p-1", -100, text="Kiwi Oslo", status=PENDING)
TOLD = a_transaction("b-1", -100, text="Kiwi Oslo", booked_on=date(2026, 3, 3))


def lists(*seen: TransactionSeen) -> Observations:
    return Observations((an_account(),), seen, lists_all_pending=True)


async def preview(world: LedgerWorld) -> ReplayReport:
    return await PreviewReplay(world.begin, world.ids)(ANNA, FEED)


async def a_job(world: LedgerWorld) -> tuple[ReplayFeedJob, Lease]:
    job_id = await RequestReplay(world.begin)(ANNA, FEED)
    (lease,) = (one.lease for one in await world.board.claim(100) if one.lease.job_id == job_id)
    return ReplayFeedJob(user_id=ANNA, feed_id=FEED), lease


async def replay(world: LedgerWorld) -> ReplayReport:
    job, lease = await a_job(world)
    return await ReplayFeed(world.begin, world.ids)(job, lease)


async def link_of(world: LedgerWorld, name: str) -> LinkedSource:
    async with world.begin(ANNA) as tx:
        return (await tx.links.of_feed(FEED))[ExternalId(name)]


async def doubled(world: LedgerWorld) -> tuple[Entry, Entry]:
    """As a matcher left them that did not see that the two are one."""
    await world.hears(lists(HELD))
    await world.hears(lists(TOLD))
    (whole,) = await world.shown()
    other = first_told(EntryId(world.ids.one()), whole.account_id, TOLD)
    held = first_told(whole.id, whole.account_id, HELD)
    await _write(world, (whole, replace(held, version=whole.version)), (None, other))
    async with world.begin(ANNA) as tx:
        told = (await tx.links.of_feed(FEED))[B1].source
        former = (await tx.links.of_feed(FEED))[second_name(P1, whole.id)].source
        await tx.links.drop(FEED, [former.external_id])
        first = replace(former, external_id=P1)
        own = replace(told, entry_id=other.id, link=FOUNDING)
        live = SourceState.LIVE
        await tx.links.put([LinkedSource(first, live), LinkedSource(own, live)])
        await tx.commit()
    one, two = await world.shown()
    assert (one.status, two.status) == (PENDING, BOOKED)
    await world.ensure_sums_are_right()
    return one, two


async def joined_wrongly(world: LedgerWorld) -> Entry:
    """As a matcher left it that took two purchases of one shop for one."""
    other = replace(TOLD, booked_on=date(2026, 3, 28))
    await world.hears(lists(HELD))
    await world.hears(lists(other))
    held, told = await world.shown()
    await _write(
        world,
        (held, replace(first_told(held.id, held.account_id, other), version=held.version)),
        (told, replace(told, removed=Removed.MERGED)),
    )
    async with world.begin(ANNA) as tx:
        links = await tx.links.of_feed(FEED)
        guess = Link(Method.ASSIGNED, 80, matcher=1)
        source = replace(links[B1].source, entry_id=held.id, link=guess)
        past = replace(links[P1], state=SourceState.SUPERSEDED)
        await tx.links.put([LinkedSource(source, SourceState.LIVE), past])
        await tx.commit()
    (entry,) = await world.shown()
    return entry


async def _write(world: LedgerWorld, *changes: tuple[Entry | None, Entry]) -> None:
    async with world.begin(ANNA) as tx:
        account = await tx.accounts.get(changes[0][1].account_id)
        sums = SumChanges()
        revision = await tx.revisions.next()
        for before, after in changes:
            await tx.entries.put(after, revision, new=before is None)
            sums.replace(before, after)
        await tx.sums.apply(sums)
        await tx.accounts.save(account)
        await tx.commit()


async def test_what_became_part_of_another_is_known_as_that(world: LedgerWorld) -> None:
    """So it goes with it, when the feed is erased or gets an account of its own."""
    one, two = await doubled(world)

    await replay(world)

    (kept,) = await world.shown()
    async with world.begin(ANNA) as tx:
        parts = await tx.tellings.parts_of(FEED, (), (), [kept.id])
    assert {kept.id, *parts} == {one.id, two.id}


async def test_what_is_doubled_becomes_one_with_its_id_and_what_was_said_of_either(
    world: LedgerWorld,
) -> None:
    one, two = await doubled(world)
    edit = EditEntry(world.begin)
    await edit(EditEntryCommand(ANNA, one.id, category="family.pets"))
    await edit(EditEntryCommand(ANNA, two.id, note="for the cat"))

    report = await replay(world)

    assert (report.added, report.changed, report.removed) == (0, 2, 1)
    (entry,) = await world.shown()
    assert (entry.id, entry.status, entry.booked_on) == (one.id, BOOKED, TOLD.booked_on)
    assert (entry.category, entry.note) == ("family.pets", "for the cat")
    assert (await link_of(world, "b-1")).source.link.method is Method.EXACT
    assert await world.balance() == -100
    await world.ensure_sums_are_right()


async def test_what_was_wrongly_one_becomes_two_again(world: LedgerWorld) -> None:
    entry = await joined_wrongly(world)
    await EditEntry(world.begin)(EditEntryCommand(ANNA, entry.id, note="lunch"))

    await replay(world)

    entries = {one.id: one for one in await world.books.entries(ANNA) if one.removed is None}
    assert entries[entry.id].booked_on == HELD.booked_on
    assert (entries[entry.id].status, entries[entry.id].note) == (PENDING, "lunch")
    (other,) = (one for one in entries.values() if one.id != entry.id)
    assert (other.status, other.booked_on) == (BOOKED, date(2026, 3, 28))
    await world.ensure_sums_are_right()


@pytest.mark.parametrize("wrong", [doubled, joined_wrongly])
async def test_a_dry_run_says_the_same_and_changes_nothing(
    world: LedgerWorld, wrong: Callable[[LedgerWorld], object]
) -> None:
    await wrong(world)  # type: ignore[misc] # both are coroutines, of other results
    before = await world.books.entries(ANNA), await world.books.revisions(ANNA)

    would = await preview(world)

    assert (await world.books.entries(ANNA), await world.books.revisions(ANNA)) == before
    did = await replay(world)
    assert (would.added, would.changed, would.removed, would.relinked) == (
        did.added,
        did.changed,
        did.removed,
        did.relinked,
    )
    assert would.rows


@pytest.mark.parametrize("wrong", [doubled, joined_wrongly])
async def test_the_second_time_changes_nothing(
    world: LedgerWorld, wrong: Callable[[LedgerWorld], object]
) -> None:
    await wrong(world)  # type: ignore[misc] # as above
    await replay(world)
    before = await world.books.entries(ANNA), await world.books.revisions(ANNA)

    assert (await replay(world)).is_empty

    assert (await world.books.entries(ANNA), await world.books.revisions(ANNA)) == before


async def test_two_that_the_person_took_apart_stay_two(world: LedgerWorld) -> None:
    await world.hears(lists(HELD))
    await world.hears(lists(TOLD))
    (entry,) = await world.shown()
    link = await link_of(world, "b-1")
    await UndoLink(world.begin, world.clock, world.ids)(UndoLinkCommand(ANNA, entry.id, link.id))
    before = await world.books.entries(ANNA)

    assert (await replay(world)).is_empty

    assert await world.books.entries(ANNA) == before


@pytest.mark.parametrize("deleted", [0, 1])
async def test_one_of_two_that_the_person_deleted_stays_deleted_and_the_other_stays(
    world: LedgerWorld, deleted: int
) -> None:
    pair = await doubled(world)
    await RemoveEntry(world.begin)(RemoveEntryCommand(ANNA, pair[deleted].id))

    await replay(world)

    removed = {one.id: one.removed for one in await world.books.entries(ANNA)}
    assert removed == {pair[deleted].id: Removed.BY_PERSON, pair[1 - deleted].id: None}
    await world.ensure_sums_are_right()


async def test_a_replay_without_its_lease_writes_nothing(world: LedgerWorld) -> None:
    await doubled(world)
    before = await world.books.entries(ANNA)
    job, lease = await a_job(world)

    with pytest.raises(LeaseLostError):
        await ReplayFeed(world.begin, world.ids)(job, replace(lease, fence=lease.fence - 1))

    assert await world.books.entries(ANNA) == before


async def test_a_feed_that_goes_on_goes_on_from_there(world: LedgerWorld) -> None:
    one, _ = await doubled(world)
    await replay(world)

    await world.hears(lists(replace(TOLD, text="KIWI 505")))
    await world.hears(lists(HELD))

    shown = {entry.id: entry for entry in await world.shown()}
    assert shown[one.id].text == "KIWI 505"
    await world.ensure_sums_are_right()


@pytest.mark.postgres
async def test_a_sync_meanwhile_is_not_lost(postgres: LedgerWorld) -> None:
    world = postgres
    await doubled(world)
    number = await world.says(lists(TOLD, a_transaction("t-9", -7, text="Narvesen")))
    job, lease = await a_job(world)
    replaying = ReplayFeed(world.begin, world.ids)

    done, applied = await asyncio.gather(replaying(job, lease), world.apply(number))

    assert applied.number == number
    assert done.updates in {number - 1, number}
    assert sorted(one.amount.minor for one in await world.shown()) == [-100, -7]
    await world.ensure_sums_are_right()
    assert (await replay(world)).is_empty
