"""What is unsure is asked; what the person says stays said, whatever the feed says later."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

import pytest

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.links import LinkedSource
from application.ledger.links_undo import UndoLink, UndoLinkCommand, UndoneLink
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from application.ledger.suggestions import SuggestionId, SuggestionState
from application.ledger.suggestions_decide import (
    DecidedSuggestion,
    DecideSuggestion,
    DecideSuggestionCommand,
)
from domain.ledger.entry import Entry, Part, Removed
from domain.ledger.errors_matching import (
    FoundingLinkError,
    LinkNotFoundError,
    SuggestionClosedError,
    SuggestionNotFoundError,
)
from domain.ledger.matching.evidence import AmountFit, Method, PayeeFit
from domain.ledger.matching.facts import SourceState
from domain.shared.ids import EntryId, ExternalId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus, Observations, TransactionGone, TransactionSeen
from tests.support.ledger import ANNA, BJORN, FEED, LedgerWorld
from tests.support.observations import CURRENT, a_transaction, an_account

PENDING, BOOKED = EntryStatus.PENDING, EntryStatus.BOOKED
HELD = a_transaction("p-1", -100, text="Zettle blue", status=PENDING)
TOLD = a_transaction("b-1", -100, text="Bakery Oslo", booked_on=date(2026, 3, 2))


def lists(*seen: TransactionSeen) -> Observations:
    account = an_account(institution="Fjordbank")
    return Observations((account,), seen, lists_all_pending=True)


async def asked(world: LedgerWorld) -> tuple[Entry, Entry, SuggestionId]:
    """A pending and a booked entry of one amount and different words, and what is asked of them."""
    await world.hears(lists(HELD))
    await world.hears(lists(TOLD))
    pending, booked = await world.shown()
    assert (pending.status, booked.status) == (PENDING, BOOKED)
    (suggestion,) = await world.books.suggestions(ANNA)
    assert (suggestion.what.pending, suggestion.what.booked) == (pending.id, booked.id)
    return pending, booked, suggestion.id


async def decide(world: LedgerWorld, which: SuggestionId, *, same: bool) -> DecidedSuggestion:
    command = DecideSuggestionCommand(ANNA, which, same=same)
    return await DecideSuggestion(world.begin, world.clock)(command)


async def links(world: LedgerWorld, entry: EntryId) -> Sequence[LinkedSource]:
    async with world.begin(ANNA) as tx:
        return await tx.links.of_entry(entry)


async def undo(world: LedgerWorld, entry: EntryId, link: LinkedSource) -> UndoneLink:
    use_case = UndoLink(world.begin, world.clock, world.ids)
    return await use_case(UndoLinkCommand(ANNA, entry, link.id))


async def test_a_suggestion_links_nothing_and_says_why(world: LedgerWorld) -> None:
    pending, booked, _ = await asked(world)

    (suggestion,) = await world.books.suggestions(ANNA)
    assert suggestion.state is SuggestionState.OPEN
    evidence = suggestion.what.evidence
    assert (evidence.amount, evidence.payee, evidence.days) == (
        AmountFit.SAME,
        PayeeFit.OTHER,
        1,
    )
    assert [one.source.external_id for one in await links(world, pending.id)] == ["p-1"]
    assert [one.source.external_id for one in await links(world, booked.id)] == ["b-1"]
    assert await world.balance() == -100
    await world.ensure_sums_are_right()


async def test_confirmed_they_are_one_with_its_id_and_what_was_said_of_either(
    world: LedgerWorld,
) -> None:
    pending, booked, which = await asked(world)
    edit = EditEntry(world.begin)
    parts = [Part(Money(-60, "NOK"), "food.groceries"), Part(Money(-40, "NOK"), "family.pets")]
    await edit(EditEntryCommand(ANNA, pending.id, parts=parts))
    await edit(EditEntryCommand(ANNA, booked.id, note="for the party"))

    done = await decide(world, which, same=True)

    assert done == DecidedSuggestion(which, SuggestionState.CONFIRMED, pending.id)
    (entry,) = await world.shown()
    assert (entry.id, entry.status, entry.text) == (pending.id, BOOKED, "Bakery Oslo")
    assert (entry.note, [part.amount.minor for part in entry.parts]) == (
        "for the party",
        [-60, -40],
    )
    states = {one.source.external_id: one.state for one in await links(world, entry.id)}
    assert states == {"p-1": SourceState.SUPERSEDED, "b-1": SourceState.LIVE}
    assert await world.balance() == -100
    await world.ensure_sums_are_right()


async def test_what_was_confirmed_outlives_what_the_feed_says_later(world: LedgerWorld) -> None:
    pending, _, which = await asked(world)
    await decide(world, which, same=True)

    await world.hears(lists(HELD))
    await world.hears(lists(a_transaction("b-1", -110, text="Bakery Oslo AS")))

    (entry,) = await world.shown()
    assert (entry.id, entry.amount.minor) == (pending.id, -110)
    await world.ensure_sums_are_right()


async def test_dismissed_they_are_two_and_nobody_asks_again(world: LedgerWorld) -> None:
    pending, booked, which = await asked(world)

    await decide(world, which, same=False)
    await world.hears(lists(TOLD))

    assert [one.id for one in await world.shown()] == [pending.id, booked.id]
    (suggestion,) = await world.books.suggestions(ANNA)
    assert suggestion.state is SuggestionState.DISMISSED
    async with world.begin(ANNA) as tx:
        assert set(await tx.words.apart(FEED)) == {("b-1", pending.id)}


@pytest.mark.parametrize("same", [True, False])
async def test_saying_it_again_changes_nothing(world: LedgerWorld, *, same: bool) -> None:
    _, _, which = await asked(world)
    first = await decide(world, which, same=same)
    before = await world.books.entries(ANNA), await world.books.revisions(ANNA)

    assert await decide(world, which, same=same) == first

    assert (await world.books.entries(ANNA), await world.books.revisions(ANNA)) == before


async def test_a_dismissal_may_be_thought_better_of_and_a_confirmation_is_undone_by_its_link(
    world: LedgerWorld,
) -> None:
    pending, _, which = await asked(world)
    await decide(world, which, same=False)

    await decide(world, which, same=True)

    assert [one.id for one in await world.shown()] == [pending.id]
    with pytest.raises(SuggestionClosedError):
        await decide(world, which, same=False)
    async with world.begin(ANNA) as tx:
        assert not await tx.words.apart(FEED)


@pytest.mark.parametrize("which_one", [0, 1])
async def test_what_was_deleted_meanwhile_is_not_joined(world: LedgerWorld, which_one: int) -> None:
    pair = await asked(world)
    entry = pair[which_one]
    assert isinstance(entry, Entry)
    await RemoveEntry(world.begin)(RemoveEntryCommand(ANNA, entry.id))

    with pytest.raises(SuggestionClosedError):
        await decide(world, pair[2], same=True)

    removed = [one for one in await world.books.entries(ANNA) if one.removed is not None]
    assert [(one.id, one.removed) for one in removed] == [(entry.id, Removed.BY_PERSON)]


async def test_a_suggestion_of_somebody_else_is_not_there(world: LedgerWorld) -> None:
    _, _, which = await asked(world)
    use_case = DecideSuggestion(world.begin, world.clock)

    with pytest.raises(SuggestionNotFoundError):
        await use_case(DecideSuggestionCommand(BJORN, which, same=True))
    with pytest.raises(SuggestionNotFoundError):
        await decide(world, SuggestionId(uuid4()), same=True)


async def test_undoing_a_confirmation_brings_the_other_back_as_it_was(world: LedgerWorld) -> None:
    pending, booked, which = await asked(world)
    await EditEntry(world.begin)(EditEntryCommand(ANNA, pending.id, category="family.pets"))
    await decide(world, which, same=True)
    (_, moved) = await links(world, pending.id)

    undone = await undo(world, pending.id, moved)

    assert undone == UndoneLink(pending.id, booked.id)
    one, other = await world.shown()
    assert (one.id, one.status, one.text) == (pending.id, PENDING, "Zettle blue")
    assert one.category == "family.pets"
    assert (other.id, other.status, other.text) == (booked.id, BOOKED, "Bakery Oslo")
    assert await world.balance() == -100
    await world.ensure_sums_are_right()


async def joined_by_likeness(world: LedgerWorld) -> tuple[Entry, LinkedSource]:
    await world.hears(lists(a_transaction("p-1", -100, text="Kiwi Oslo", status=PENDING)))
    (held,) = await world.shown()
    await EditEntry(world.begin)(EditEntryCommand(ANNA, held.id, note="lunch"))
    await world.hears(lists(a_transaction("b-1", -112, text="Kiwi Oslo")))
    (entry,) = await world.shown()
    assert entry.id == held.id
    found = {one.source.external_id: one for one in await links(world, entry.id)}
    return entry, found[ExternalId("b-1")]


async def test_every_link_says_why(world: LedgerWorld) -> None:
    _, link = await joined_by_likeness(world)

    why = link.source.link
    assert why.method is Method.ASSIGNED
    assert why.evidence is not None
    assert (why.evidence.amount, why.evidence.percent) == (AmountFit.MORE, 12)
    assert 60 <= why.confidence < 100


async def test_undoing_takes_an_entry_apart_and_leaves_it_what_the_person_said(
    world: LedgerWorld,
) -> None:
    entry, link = await joined_by_likeness(world)

    undone = await undo(world, entry.id, link)

    one, other = await world.shown()
    assert (one.id, one.status, one.amount.minor, one.note) == (entry.id, PENDING, -100, "lunch")
    assert (other.id, other.status, other.amount.minor) == (undone.other_id, BOOKED, -112)
    assert other.note is None
    await world.ensure_sums_are_right()

    await world.hears(lists(a_transaction("b-1", -113, text="Kiwi Oslo")))

    assert [(one.id, one.amount.minor) for one in await world.shown()] == [
        (entry.id, -100),
        (undone.other_id, -113),
    ]
    await world.ensure_sums_are_right()


async def test_the_name_an_entry_began_with_is_the_entry(world: LedgerWorld) -> None:
    entry, _ = await joined_by_likeness(world)
    first = (await links(world, entry.id))[0]

    with pytest.raises(FoundingLinkError):
        await undo(world, entry.id, first)


async def test_a_link_of_another_entry_is_not_there(world: LedgerWorld) -> None:
    entry, link = await joined_by_likeness(world)
    await world.hears(lists(a_transaction("t-9", -5, text="Other")))
    other = next(one for one in await world.shown() if one.id != entry.id)

    with pytest.raises(LinkNotFoundError):
        await undo(world, other.id, link)


async def test_a_bank_that_names_its_bookings_teaches_its_manners(world: LedgerWorld) -> None:
    """Twenty bookings after twelve days: the next one that is told without a name is found."""
    for number in range(20):
        name = f"p-{number}"
        day = date(2026, 3, 1)
        await world.hears(lists(a_transaction(name, -100 - number, status=PENDING, booked_on=day)))
        later = a_transaction(
            f"b-{number}", -100 - number, pending_id=ExternalId(name), booked_on=date(2026, 3, 13)
        )
        await world.hears(lists(later))
    await world.hears(lists(a_transaction("p", -7, text="Kiwi", status=PENDING)))

    await world.hears(lists(a_transaction("b", -7, text="Kiwi", booked_on=date(2026, 3, 14))))

    assert len(await world.shown()) == 21
    await world.ensure_sums_are_right()


async def test_an_erased_feed_is_asked_about_no_more(world: LedgerWorld) -> None:
    await asked(world)

    async with world.begin(ANNA) as tx:
        await tx.feeds.erase(FEED)
        await tx.commit()

    assert not await world.books.suggestions(ANNA)


async def test_a_gone_pending_entry_is_not_asked_about(world: LedgerWorld) -> None:
    """Taken back by the bank: nothing is doubled, so there is nothing to ask."""
    await world.hears(Observations((an_account(),), (HELD,)))

    gone = (TransactionGone(CURRENT, HELD.id),)
    await world.hears(Observations(transactions=(TOLD,), gone=gone))

    assert [one.text for one in await world.shown()] == ["Bakery Oslo"]
    assert not await world.books.suggestions(ANNA)


async def test_ids_of_links_are_the_same_for_good(world: LedgerWorld) -> None:
    entry, link = await joined_by_likeness(world)

    assert link.id == (await links(world, entry.id))[-1].id
    assert isinstance(link.id, UUID)
