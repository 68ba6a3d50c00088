"""What a feed says of a closed month is not followed, never lost, and followed once it is open."""

from dataclasses import replace
from datetime import date

from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.erase_feed import EraseFeed
from application.ledger.jobs import EraseFeedJob, ReplayFeedJob
from application.ledger.replay import PreviewReplay, ReplayFeed
from domain.ledger.proofs.late import Figures
from domain.shared.ids import ConnectionId, ExternalId, FeedId
from domain.shared.money import Money
from domain.shared.observations import (
    EntryStatus,
    Observations,
    TransactionGone,
    TransactionSeen,
)
from tests.contract.ledger.proofs.months import (
    MARCH,
    follow,
    late,
    nets,
    reopen,
    shut,
    the_account,
)
from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.support.observations import CURRENT, a_transaction, an_account

COFFEE = a_transaction("t-1", -100, booked_on=date(2026, 3, 10))
LUNCH = a_transaction("t-2", -250, booked_on=date(2026, 3, 20))
APRIL = a_transaction("t-3", -40, booked_on=date(2026, 4, 2))


def tells(*seen: TransactionSeen, gone: tuple[str, ...] = ()) -> Observations:
    back = tuple(TransactionGone(CURRENT, ExternalId(name)) for name in gone)
    return Observations((an_account(),), seen, back)


async def months_end(world: LedgerWorld) -> None:
    """Coffee and lunch in March, which is closed."""
    await world.hears(tells(COFFEE, LUNCH))
    await shut(world)


async def amounts(world: LedgerWorld) -> list[int]:
    return sorted(one.amount.minor for one in await world.shown())


async def test_a_late_booking_waits_and_the_rest_of_the_update_is_followed(
    world: LedgerWorld,
) -> None:
    await months_end(world)
    before = await nets(world, MARCH)
    forgotten = a_transaction("t-9", -77, booked_on=date(2026, 3, 31))

    await world.hears(tells(forgotten, APRIL))

    assert await amounts(world) == [-250, -100, -40]
    assert await nets(world, MARCH) == before
    (waits,) = await late(world)
    assert (waits.entry_id, waits.before) == (None, None)
    assert waits.after == Figures(forgotten.amount, forgotten.booked_on, forgotten.text)
    await world.ensure_sums_are_right()


async def test_it_is_followed_once_the_month_is_open(world: LedgerWorld) -> None:
    await months_end(world)
    await world.hears(tells(a_transaction("t-9", -77, booked_on=date(2026, 3, 31))))
    account_id, *_ = {one.account_id for one in await world.shown()}

    opened = await reopen(world, account_id)
    report = await follow(world)

    assert (opened.late_changes, report.followed, report.waiting) == (1, 1, 0)
    assert await amounts(world) == [-250, -100, -77]
    assert await late(world) == []
    await world.ensure_sums_are_right()


async def test_it_waits_by_the_update_that_said_it_whatever_job_applied_that(
    world: LedgerWorld,
) -> None:
    await months_end(world)
    account_id, *_ = {one.account_id for one in await world.shown()}
    await world.says(tells(a_transaction("t-9", -77, booked_on=date(2026, 3, 31))))
    # A job for the first update comes late, finds that done, and goes on with the second.
    await world.apply(1)
    assert await amounts(world) == [-250, -100]

    await reopen(world, account_id)
    await follow(world)

    assert await amounts(world) == [-250, -100, -77]
    await world.ensure_sums_are_right()


async def test_followed_twice_changes_nothing(world: LedgerWorld) -> None:
    await months_end(world)
    await world.hears(tells(a_transaction("t-9", -77, booked_on=date(2026, 3, 31))))
    account_id, *_ = {one.account_id for one in await world.shown()}
    await reopen(world, account_id)
    await follow(world)
    once = await world.books.entries(ANNA)

    assert (await follow(world)).followed == 0
    assert await world.books.entries(ANNA) == once


async def test_a_changed_amount_waits(world: LedgerWorld) -> None:
    await months_end(world)

    await world.hears(tells(replace(COFFEE, amount=Money(-120, "NOK"))))

    assert await amounts(world) == [-250, -100]
    (waits,) = await late(world)
    assert waits.before is not None
    assert waits.after is not None
    assert (waits.before.amount.minor, waits.after.amount.minor) == (-100, -120)


async def test_a_day_moved_out_of_the_month_waits(world: LedgerWorld) -> None:
    await months_end(world)
    coffee = next(one for one in await world.shown() if one.amount.minor == -100)

    await world.hears(tells(replace(COFFEE, booked_on=date(2026, 4, 1))))
    assert coffee in await world.shown()
    await reopen(world, coffee.account_id)
    await follow(world)

    moved = next(one for one in await world.shown() if one.id == coffee.id)
    assert moved.booked_on == date(2026, 4, 1)
    await world.ensure_sums_are_right()


async def test_what_the_bank_takes_back_waits(world: LedgerWorld) -> None:
    await months_end(world)

    await world.hears(tells(gone=("t-1",)))
    assert await amounts(world) == [-250, -100]
    (waits,) = await late(world)
    assert waits.after is None
    account_id = waits.account_id
    await reopen(world, account_id)
    await follow(world)

    assert await amounts(world) == [-250]
    await world.ensure_sums_are_right()


async def test_other_words_and_categories_are_no_late_change(world: LedgerWorld) -> None:
    await months_end(world)

    await world.hears(tells(replace(COFFEE, text="Kaffebrenneriet", category="food.restaurants")))

    assert await late(world) == []
    assert "Kaffebrenneriet" in [one.text for one in await world.shown()]
    await world.ensure_sums_are_right()


async def test_another_name_for_the_same_is_no_late_change(world: LedgerWorld) -> None:
    await months_end(world)
    coffee = next(one for one in await world.shown() if one.amount.minor == -100)
    await EditEntry(world.begin)(EditEntryCommand(ANNA, coffee.id, note="With Kari"))

    await world.hears(tells(replace(COFFEE, id=ExternalId("t-1b")), gone=("t-1",)))

    assert await late(world) == []
    same = next(one for one in await world.shown() if one.id == coffee.id)
    assert same.note == "With Kari"
    assert await amounts(world) == [-250, -100]


async def test_another_name_told_in_two_updates_keeps_the_entry_once_it_is_open(
    world: LedgerWorld,
) -> None:
    await months_end(world)
    coffee = next(one for one in await world.shown() if one.amount.minor == -100)
    await EditEntry(world.begin)(EditEntryCommand(ANNA, coffee.id, note="With Kari"))

    await world.hears(tells(gone=("t-1",)))
    await world.hears(tells(replace(COFFEE, id=ExternalId("t-1b"))))
    assert len(await late(world)) == 2
    await reopen(world, coffee.account_id)
    await follow(world)

    assert [(one.id, one.note) for one in await world.shown() if one.amount.minor == -100] == [
        (coffee.id, "With Kari")
    ]
    await world.ensure_sums_are_right()


async def test_the_bank_changes_its_mind_back_and_nothing_waits(world: LedgerWorld) -> None:
    await months_end(world)

    await world.hears(tells(replace(COFFEE, amount=Money(-120, "NOK"))))
    await world.hears(tells(COFFEE))

    assert await late(world) == []
    assert await amounts(world) == [-250, -100]


async def test_a_newer_word_takes_the_place_of_one_that_waits(world: LedgerWorld) -> None:
    await months_end(world)

    await world.hears(tells(replace(COFFEE, amount=Money(-120, "NOK"))))
    await world.hears(tells(replace(COFFEE, amount=Money(-130, "NOK"))))

    (waits,) = await late(world)
    assert waits.after is not None
    assert waits.after.amount.minor == -130
    await reopen(world, waits.account_id)
    await follow(world)
    assert await amounts(world) == [-250, -130]


async def waiting(world: LedgerWorld) -> int:
    """Words, shown or not."""
    async with world.begin(ANNA) as tx:
        return len(await tx.proofs.late_of(FEED))


async def test_a_plain_word_that_is_told_again_and_again_waits_once(world: LedgerWorld) -> None:
    await months_end(world)
    for minor in (-120, -120, -130, -130):
        await world.hears(tells(replace(COFFEE, amount=Money(minor, "NOK"))))
        assert await waiting(world) == 1

    (waits,) = await late(world)
    assert waits.after is not None
    assert waits.after.amount.minor == -130


async def test_a_row_of_words_that_is_told_again_and_again_does_not_grow(
    world: LedgerWorld,
) -> None:
    held = a_transaction("p-1", -80, booked_on=date(2026, 3, 31), status=EntryStatus.PENDING)
    await world.hears(tells(COFFEE, held))
    await shut(world)
    booked = replace(
        held, id=ExternalId("b-1"), status=EntryStatus.BOOKED, pending_id=ExternalId("p-1")
    )
    await world.hears(tells(booked, gone=("p-1",)))
    await world.hears(tells(replace(booked, text="Kiwi"), gone=("p-1",)))
    words = await waiting(world)

    for _ in range(3):
        await world.hears(tells(replace(booked, text="Kiwi"), gone=("p-1",)))
        assert await waiting(world) == words
    await world.hears(tells(gone=("b-1",)))
    assert await waiting(world) == words + 1
    await world.hears(tells(replace(booked, text="Kiwi")))
    assert await waiting(world) == words + 2, "said again after it was taken back is news"

    account_id = await the_account(world)
    await reopen(world, account_id)
    await follow(world)
    assert await waiting(world) == 0
    (done,) = [one for one in await world.shown() if one.amount.minor == -80]
    assert (done.text, done.status) == ("Kiwi", EntryStatus.BOOKED)
    await world.ensure_sums_are_right()


async def test_a_late_booking_that_moves_to_an_open_month_is_followed_there(
    world: LedgerWorld,
) -> None:
    await months_end(world)
    forgotten = a_transaction("t-9", -77, booked_on=date(2026, 3, 31))

    await world.hears(tells(forgotten))
    await world.hears(tells(replace(forgotten, booked_on=date(2026, 4, 1))))

    assert await late(world) == []
    assert await amounts(world) == [-250, -100, -77]


async def test_a_hold_that_books_in_a_closed_month_waits_and_keeps_its_entry(
    world: LedgerWorld,
) -> None:
    held = a_transaction("p-1", -80, booked_on=date(2026, 3, 31), status=EntryStatus.PENDING)
    await world.hears(tells(COFFEE, held))
    pending = next(one for one in await world.shown() if one.amount.minor == -80)
    await shut(world)
    booked = replace(
        held, id=ExternalId("b-1"), status=EntryStatus.BOOKED, pending_id=ExternalId("p-1")
    )

    await world.hears(tells(booked, gone=("p-1",)))
    (still,) = [one for one in await world.shown() if one.amount.minor == -80]
    assert (still.id, still.status) == (pending.id, EntryStatus.PENDING)
    assert len(await late(world)) == 1
    await reopen(world, pending.account_id)
    await follow(world)

    (done,) = [one for one in await world.shown() if one.amount.minor == -80]
    assert (done.id, done.status) == (pending.id, EntryStatus.BOOKED)
    await world.ensure_sums_are_right()


async def test_what_booked_is_there_also_when_its_hold_has_expired_long_ago(
    world: LedgerWorld,
) -> None:
    held = a_transaction("p-1", -80, booked_on=date(2026, 3, 31), status=EntryStatus.PENDING)
    await world.hears(tells(COFFEE, held))
    account_id = await shut(world)
    booked = replace(held, id=ExternalId("b-1"), status=EntryStatus.BOOKED)
    await world.hears(tells(booked, gone=("p-1",)))
    world.clock.forward(days=100)
    await world.hears(tells(APRIL))
    assert await amounts(world) == [-100, -40]

    await reopen(world, account_id)
    await follow(world)

    assert await amounts(world) == [-100, -80, -40]
    await world.ensure_sums_are_right()


async def test_what_belongs_to_a_month_that_is_closed_still_goes_on_waiting(
    world: LedgerWorld,
) -> None:
    await world.hears(tells(COFFEE, APRIL))
    account_id = await shut(world, MARCH, date(2026, 4, 1))
    await world.hears(
        tells(
            replace(COFFEE, amount=Money(-120, "NOK")),
            replace(APRIL, amount=Money(-50, "NOK")),
        )
    )

    opened = await reopen(world, account_id)
    report = await follow(world)

    assert (opened.late_changes, report.followed, report.waiting) == (1, 1, 1)
    assert await amounts(world) == [-120, -40]
    assert [sorted(one.months) for one in await late(world)] == [[date(2026, 4, 1)]]


async def test_updates_go_on_in_order_over_a_closed_month(world: LedgerWorld) -> None:
    await months_end(world)

    await world.hears(tells(a_transaction("t-9", -77, booked_on=date(2026, 3, 31))))
    report = await world.hears(tells(APRIL))

    assert (report.number, report.added) == (3, 1)


async def test_a_replay_leaves_alone_what_waits(world: LedgerWorld) -> None:
    await months_end(world)
    await world.hears(tells(replace(COFFEE, amount=Money(-120, "NOK")), gone=("t-2",)))
    await world.hears(tells(APRIL))

    report = await PreviewReplay(world.begin, world.ids)(ANNA, FEED)

    assert report.is_empty
    assert not report.closed


async def test_a_replay_that_would_change_a_closed_month_changes_nothing(
    world: LedgerWorld,
) -> None:
    """As a better matcher might: here, because the ledger was changed behind its back."""
    await world.hears(tells(COFFEE, LUNCH))
    coffee = next(one for one in await world.shown() if one.amount.minor == -100)
    async with world.begin(ANNA) as tx:
        await tx.accounts.get(coffee.account_id)
        await tx.entries.put(replace(coffee, status=EntryStatus.PENDING), 2)
        await tx.commit()
    await shut(world)
    before = await world.books.entries(ANNA)

    async with world.begin(ANNA) as tx:
        job = ReplayFeedJob(user_id=ANNA, feed_id=FEED)
        await tx.jobs.enqueue(job)
        await tx.commit()
    (leased,) = await world.board.claim(1)
    report = await ReplayFeed(world.begin, world.ids)(job, leased.lease)

    assert [one.month for one in report.closed] == [MARCH]
    assert await world.books.entries(ANNA) == before


async def test_erasing_a_connection_opens_the_months_that_rested_on_it(
    world: LedgerWorld,
) -> None:
    """Two feeds told of the account; the person has one of them erased."""
    other = FeedId(ConnectionId(FEED))
    await months_end(world)
    account_id = next(iter({one.account_id for one in await world.shown()}))
    second = FeedId(world.ids.one())
    async with world.begin(ANNA) as tx:
        await tx.feeds.end(other)
        await tx.commit()
    await world.hears(tells(APRIL), feed=second)
    assert {one.account_id for one in await world.shown()} == {account_id}

    async with world.begin(ANNA) as tx:
        job = EraseFeedJob(user_id=ANNA, feed_id=FEED, connection_id=ConnectionId(FEED), erase=True)
        await tx.jobs.enqueue(job)
        await tx.commit()
    leased = next(one for one in await world.board.claim(9) if one.name == EraseFeedJob.name)
    await EraseFeed(world.begin, world.clock)(job, leased.lease)

    assert await amounts(world) == [-40]
    async with world.begin(ANNA) as tx:
        assert await tx.proofs.closed_on([account_id]) == []
    await world.ensure_sums_are_right()
