"""Updates so large that one batch is written while the next one is planned."""

from domain.shared.ids import ExternalId
from domain.shared.observations import EntryStatus, Observations, TransactionSeen
from tests.support.ledger import ANNA, LedgerWorld
from tests.support.observations import a_transaction, an_account

MANY = 2_000
"""As many as are planned at once."""


def purchases(first: int, count: int, *, minor: int = -100) -> list[TransactionSeen]:
    return [a_transaction(f"t-{first + n}", minor) for n in range(count)]


def a_page(seen: list[TransactionSeen]) -> Observations:
    return Observations((an_account(),), tuple(seen))


async def test_batches_that_have_nothing_in_common_are_all_written(world: LedgerWorld) -> None:
    pages = [a_page(purchases(n * MANY, MANY)) for n in range(3)]
    report = await world.hears(*pages)
    assert report.added == 3 * MANY
    assert len(await world.shown()) == 3 * MANY
    await world.ensure_sums_are_right()


async def test_a_batch_may_correct_what_the_one_before_it_brought(world: LedgerWorld) -> None:
    corrected = purchases(MANY // 2, MANY, minor=-250)
    report = await world.hears(a_page(purchases(0, MANY)), a_page(corrected))
    shown = await world.shown()
    assert report.added == len(shown) == MANY + MANY // 2
    assert sum(entry.amount.minor for entry in shown) == MANY // 2 * -100 + MANY * -250
    await world.ensure_sums_are_right()


async def test_a_batch_may_book_what_was_pending_in_the_one_before_it(world: LedgerWorld) -> None:
    held = [a_transaction(f"hold-{n}", -90, status=EntryStatus.PENDING) for n in range(MANY)]
    booked = [
        a_transaction(f"t-{n}", -100, pending_id=ExternalId(f"hold-{n}")) for n in range(MANY)
    ]
    report = await world.hears(a_page(held), a_page(booked))
    shown = await world.shown()
    assert report.added == len(shown) == MANY
    assert {entry.status for entry in shown} == {EntryStatus.BOOKED}
    await world.ensure_sums_are_right()


async def test_the_last_word_on_an_entry_wins_whichever_of_its_names_says_it(
    world: LedgerWorld,
) -> None:
    # Both names stand for one entry: the second batch must not plan from what it was before.
    await world.hears(a_page([a_transaction("hold", -90, status=EntryStatus.PENDING)]))
    await world.hears(a_page([a_transaction("t", -100, pending_id=ExternalId("hold"))]))
    first = [a_transaction("t", -110), *purchases(0, MANY)]
    second = [a_transaction("t", -120), *purchases(MANY, MANY)]
    await world.hears(a_page(first), a_page(second))
    assert -120 in {entry.amount.minor for entry in await world.shown()}
    await world.ensure_sums_are_right()


async def test_a_large_update_that_repeats_itself_changes_nothing(world: LedgerWorld) -> None:
    pages = [a_page(purchases(n * MANY, MANY)) for n in range(2)]
    await world.hears(*pages)
    report = await world.hears(*pages)
    assert (report.added, report.changed, report.unchanged) == (0, 0, 2 * MANY)
    assert await world.books.revisions(ANNA) == [1]
