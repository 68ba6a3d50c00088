"""A link is undone after the bank gave everything new names, or undone again: nothing doubles."""

from dataclasses import replace
from datetime import date

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.jobs import ReplayFeedJob
from application.ledger.links import LinkedSource, LinkId
from application.ledger.links_undo import UndoLink, UndoLinkCommand, UndoneLink
from application.ledger.replay import ReplayFeed
from application.ledger.replay_request import RequestReplay
from domain.ledger.entry import Removed
from domain.shared.ids import EntryId, ExternalId, FeedId
from domain.shared.observations import EntryStatus, Observations
from tests.contract.ledger.test_linked_again import again, anew, page, way
from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.support.observations import a_transaction

__all__ = ["way"]

PENDING, BOOKED = EntryStatus.PENDING, EntryStatus.BOOKED
HELD = a_transaction("p-1", -100, text="Kiwi Oslo", status=PENDING)
TOLD = a_transaction("b-1", -112, text="Kiwi Oslo", booked_on=date(2026, 3, 3))
"""What was held: its amount grew, so a person may think otherwise."""


async def booked(world: LedgerWorld) -> tuple[EntryId, LinkId]:
    """A hold that booked under another name, and that name's link."""
    await world.hears(lists_all(page(HELD)))
    await world.hears(lists_all(page(TOLD)))
    (entry,) = await world.shown()
    assert entry.status is BOOKED
    return entry.id, (await links(world, entry.id))["b-1"].id


def lists_all(said: Observations) -> Observations:
    return replace(said, lists_all_pending=True)


async def links(world: LedgerWorld, entry: EntryId) -> dict[str, LinkedSource]:
    async with world.begin(ANNA) as tx:
        return {one.source.external_id: one for one in await tx.links.of_entry(entry)}


async def undo(world: LedgerWorld, entry: EntryId, link: LinkId) -> UndoneLink:
    return await UndoLink(world.begin, world.clock, world.ids)(UndoLinkCommand(ANNA, entry, link))


async def figures(world: LedgerWorld) -> list[tuple[EntryId, EntryStatus, int]]:
    return [(one.id, one.status, one.amount.minor) for one in await world.shown()]


async def kept(world: LedgerWorld) -> tuple[object, ...]:
    books = world.books
    return await books.entries(ANNA), await books.revisions(ANNA), await books.told(ANNA)


async def test_the_name_of_then_takes_the_present_one_along(world: LedgerWorld, way: str) -> None:
    entry, link = await booked(world)
    await EditEntry(world.begin)(EditEntryCommand(ANNA, entry, note="lunch"))
    feed = await again(world, way)
    await world.hears(lists_all(anew(TOLD)), feed=feed)
    assert await figures(world) == [(entry, BOOKED, -112)]

    undone = await undo(world, entry, link)

    assert await figures(world) == [(undone.other_id, BOOKED, -112)]
    assert set(await links(world, undone.other_id)) == {"b-1", "new-b-1"}
    # What was only held, under a name that nobody tells any more, is void; its note stays there.
    (held,) = (one for one in await world.books.entries(ANNA) if one.id == entry)
    assert (held.status, held.removed, held.note) == (PENDING, Removed.EXPIRED, "lunch")
    await world.ensure_sums_are_right()
    await goes_on(world, feed, undone.other_id)


async def goes_on(world: LedgerWorld, feed: FeedId, entry: EntryId) -> None:
    await world.hears(lists_all(anew(replace(TOLD, text="Kiwi 505 Oslo"))), feed=feed)
    assert await figures(world) == [(entry, BOOKED, -112)]
    await replayed(world, feed)
    assert await figures(world) == [(entry, BOOKED, -112)]
    await world.ensure_sums_are_right()


async def replayed(world: LedgerWorld, feed: FeedId) -> None:
    job_id = await RequestReplay(world.begin)(ANNA, feed)
    (lease,) = (one.lease for one in await world.board.claim(100) if one.lease.job_id == job_id)
    await ReplayFeed(world.begin, world.ids)(ReplayFeedJob(user_id=ANNA, feed_id=feed), lease)


async def test_what_the_new_access_tells_only_later_is_known_again(
    world: LedgerWorld, way: str
) -> None:
    entry, link = await booked(world)
    feed = await again(world, way)
    await world.hears(lists_all(anew()), feed=feed)

    undone = await undo(world, entry, link)
    await world.hears(lists_all(anew(TOLD)), feed=feed)

    assert await figures(world) == [(undone.other_id, BOOKED, -112)]
    await goes_on(world, feed, undone.other_id)


async def test_undone_before_it_comes_to_the_same(world: LedgerWorld, way: str) -> None:
    entry, link = await booked(world)
    undone = await undo(world, entry, link)

    feed = await again(world, way)
    await world.hears(lists_all(anew(TOLD)), feed=feed)

    assert await figures(world) == [(undone.other_id, BOOKED, -112)]
    await goes_on(world, feed, undone.other_id)


async def test_undone_again_nothing_changes_and_the_answer_is_the_same(world: LedgerWorld) -> None:
    entry, link = await booked(world)
    first = await undo(world, entry, link)
    before = await kept(world)

    assert await undo(world, entry, link) == first

    assert await kept(world) == before


async def test_nor_after_everything_got_new_names(world: LedgerWorld, way: str) -> None:
    entry, link = await booked(world)
    first = await undo(world, entry, link)
    await world.hears(lists_all(anew(TOLD)), feed=await again(world, way))
    before = await kept(world)

    assert await undo(world, entry, link) == first

    assert await kept(world) == before
    assert await figures(world) == [(first.other_id, BOOKED, -112)]


async def test_a_name_that_was_known_again_by_mistake_leaves_the_older_one_to_be_known(
    world: LedgerWorld, way: str
) -> None:
    one = a_transaction("b-1", -40_00, text="Kiwi Oslo")
    await world.hears(page(one))
    (entry,) = await world.shown()
    feed = await again(world, way)
    mistaken = replace(one, id=ExternalId("b-2"))
    await world.hears(anew(mistaken), feed=feed)
    link = (await links(world, entry.id))["new-b-2"].id

    undone = await undo(world, entry.id, link)
    await world.hears(anew(one), feed=feed)

    assert {each for each, _, _ in await figures(world)} == {entry.id, undone.other_id}
    assert set(await links(world, entry.id)) == {"b-1", "new-b-1"}
    assert FEED in {each.source.feed_id for each in (await links(world, entry.id)).values()}
