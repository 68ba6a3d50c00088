"""ApplyFeed over memory and PostgreSQL: from what was said to what is so."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from application.ledger.apply_feed import ApplyFeed, ApplyReport
from application.ledger.jobs import ApplyFeedJob
from application.shared.jobs import LeaseLostError
from domain.ledger.account import AccountOrigin
from domain.ledger.entry import Removed
from domain.shared.ids import ExternalId, FeedId
from domain.shared.money import Money
from domain.shared.observations import (
    AccountKind,
    BalanceSeen,
    EntryStatus,
    Observations,
    TransactionGone,
    TransactionSeen,
)
from tests.support.ledger import ANNA, BJORN, FEED, LedgerWorld
from tests.support.observations import CURRENT, a_transaction, an_account

MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
EVENING = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
SAVINGS = ExternalId("account-2")


def a_balance(minor: int, at: datetime = MORNING) -> BalanceSeen:
    return BalanceSeen(Money(minor, "NOK"), None, at)


def page(*seen: TransactionSeen, lists_all: bool = False, balance: int = 1000_00) -> Observations:
    account = an_account(balance=a_balance(balance))
    return Observations((account,), seen, lists_all_pending=lists_all)


def gone(*names: str) -> Observations:
    return Observations(gone=tuple(TransactionGone(CURRENT, ExternalId(name)) for name in names))


def pending(name: str, minor: int = -12990, **facts: object) -> TransactionSeen:
    return a_transaction(name, minor, status=EntryStatus.PENDING, **facts)


async def test_a_first_update_brings_account_entries_sums_and_the_news(world: LedgerWorld) -> None:
    report = await world.hears(page(a_transaction("t-1"), a_transaction("t-2", 500_00)))

    assert report == ApplyReport(1, added=2)
    (account,) = await world.books.accounts(ANNA)
    assert (account.name, account.origin) == ("Brukskonto", AccountOrigin.CONNECTION)
    assert await world.balance() == 1000_00
    assert [one.amount.minor for one in await world.shown()] == [-12990, 500_00]
    await world.ensure_sums_are_right()
    (told,) = await world.books.told(ANNA)
    assert (told.from_revision, told.to_revision, told.account_ids) == (0, 1, (account.id,))
    assert await world.books.revisions(ANNA) == [1]


async def test_updates_are_applied_in_number_order_and_only_the_next_one(
    world: LedgerWorld,
) -> None:
    await world.says(page(a_transaction("t-1", -100)))
    await world.says(page(a_transaction("t-1", -200)))

    report = await world.apply(2)

    assert report.number == 1, "number two has to wait for number one"
    assert [one.amount.minor for one in await world.shown()] == [-100]
    assert await world.books.waiting() == [2], "and its successor is under way"

    assert (await world.apply(2)).number == 2
    assert [one.amount.minor for one in await world.shown()] == [-200]
    await world.ensure_sums_are_right()


async def test_an_update_that_was_applied_is_not_applied_again(world: LedgerWorld) -> None:
    await world.hears(page(a_transaction("t-1")))

    assert await world.apply(1) == ApplyReport(None)

    assert len(await world.shown()) == 1
    assert await world.books.revisions(ANNA) == [1]


async def test_a_job_whose_lease_was_lost_writes_nothing(world: LedgerWorld) -> None:
    number = await world.says(page(a_transaction("t-1")))
    leased = await world.job(number)
    old = replace(leased.lease, fence=leased.lease.fence - 1)

    with pytest.raises(LeaseLostError):
        await ApplyFeed(world.begin, world.clock, world.ids)(
            ApplyFeedJob(user_id=ANNA, feed_id=FEED, number=number), old
        )

    assert not await world.books.entries(ANNA)
    assert not await world.books.accounts(ANNA)


async def test_the_same_words_again_change_nothing(world: LedgerWorld) -> None:
    said = page(a_transaction("t-1"), pending("t-2"), lists_all=True)
    await world.hears(said)
    before = await world.books.entries(ANNA)

    report = await world.hears(said)

    assert report == ApplyReport(2, unchanged=2)
    assert await world.books.entries(ANNA) == before
    assert len(await world.books.told(ANNA)) == 1


async def test_a_figure_that_is_only_newer_is_kept_and_is_no_news(world: LedgerWorld) -> None:
    await world.hears(Observations((an_account(balance=a_balance(5, MORNING)),)))

    await world.hears(Observations((an_account(balance=a_balance(5, EVENING)),)))

    (account,) = await world.books.accounts(ANNA)
    assert account.anchor is not None
    assert account.anchor.as_of == EVENING
    assert await world.books.revisions(ANNA) == [1]
    assert len(await world.books.told(ANNA)) == 1


async def test_another_figure_is_news_and_an_older_one_is_not(world: LedgerWorld) -> None:
    await world.hears(Observations((an_account(balance=a_balance(5, MORNING)),)))
    await world.hears(Observations((an_account(balance=a_balance(7, EVENING)),)))
    await world.hears(Observations((an_account(balance=a_balance(6, MORNING)),)))

    assert await world.balance() == 7
    assert await world.books.revisions(ANNA) == [1, 2]


async def test_an_account_that_was_never_announced_is_made(world: LedgerWorld) -> None:
    strange = a_transaction("t-1", -5, account=SAVINGS, amount=Money(-5, "EUR"))

    report = await world.hears(Observations(transactions=(strange,)))

    assert report.added == 1
    (account,) = await world.books.accounts(ANNA)
    assert (account.name, account.kind, account.currency) == ("account-2", AccountKind.OTHER, "EUR")
    assert await world.balance() == -5

    await world.hears(Observations((an_account(id=SAVINGS, name="Sparing", currency="EUR"),)))

    (account,) = await world.books.accounts(ANNA)
    assert (account.name, account.kind) == ("Sparing", AccountKind.CHECKING)


async def test_without_a_figure_the_balance_is_what_was_booked(world: LedgerWorld) -> None:
    await world.hears(
        Observations((an_account(),), (a_transaction("t-1", 300), pending("t-2", -100)))
    )

    assert await world.balance() == 300


async def test_pages_of_any_size_and_number_come_in_whole(world: LedgerWorld) -> None:
    pages = [page(*(a_transaction(f"t-{p}-{n}", -1) for n in range(700))) for p in range(7)]

    report = await world.hears(*pages)

    assert report.added == 4_900
    assert len(await world.shown()) == 4_900
    await world.ensure_sums_are_right()


async def test_what_books_keeps_its_entry_whatever_it_is_called_now(world: LedgerWorld) -> None:
    await world.hears(page(pending("p-1", -100), lists_all=True))
    (held,) = await world.shown()

    await world.hears(page(a_transaction("b-1", -100, text="Purchase p-1"), lists_all=True))

    (booked,) = await world.shown()
    assert (booked.id, booked.status) == (held.id, EntryStatus.BOOKED)
    await world.ensure_sums_are_right()


async def test_what_is_taken_back_leaves_the_sums_and_may_come_again(world: LedgerWorld) -> None:
    await world.hears(page(a_transaction("t-1", -100), a_transaction("t-2", -50)))

    assert (await world.hears(gone("t-1"))).removed == 1

    assert [one.amount.minor for one in await world.shown()] == [-50]
    await world.ensure_sums_are_right()

    await world.hears(page(a_transaction("t-1", -100)))

    assert sorted(one.amount.minor for one in await world.shown()) == [-100, -50]
    await world.ensure_sums_are_right()


async def test_given_and_taken_back_in_one_update_it_never_was(world: LedgerWorld) -> None:
    await world.hears(page(a_transaction("t-1", -100)), gone("t-1"))

    assert not await world.shown()
    await world.ensure_sums_are_right()


async def test_a_hold_nobody_booked_expires_and_may_still_be_claimed_late(
    world: LedgerWorld,
) -> None:
    await world.hears(page(pending("p-1", -100), lists_all=True))
    world.clock.forward(days=20)
    await world.hears(page(lists_all=True))
    (expired,) = await world.books.entries(ANNA)
    assert expired.removed is Removed.EXPIRED

    late = a_transaction("b-1", -100, text="Purchase p-1", booked_on=date(2026, 3, 9))
    await world.hears(page(late, lists_all=True))

    (claimed,) = await world.shown()
    assert claimed.id == expired.id


async def test_a_very_old_hold_expires_once_its_feed_drops_it(world: LedgerWorld) -> None:
    await world.hears(page(pending("p-1", booked_on=date(2026, 1, 2)), lists_all=True))

    await world.hears(page(lists_all=True))

    assert not await world.shown()


async def test_a_person_never_sees_what_somebody_elses_feed_says(world: LedgerWorld) -> None:
    await world.hears(page(a_transaction("t-1")), person=ANNA)
    await world.hears(page(a_transaction("t-1", -7)), person=BJORN, feed=FeedId(UUID(int=0xB1)))

    assert [one.amount.minor for one in await world.shown(ANNA)] == [-12990]
    assert [one.amount.minor for one in await world.shown(BJORN)] == [-7]


async def test_accounts_of_two_names_keep_what_either_name_says(world: LedgerWorld) -> None:
    await world.hears(Observations((an_account(balance=a_balance(5)),)))
    (account,) = await world.books.accounts(ANNA)
    async with world.begin(ANNA) as tx:
        known = await tx.accounts.feed_of(account.id)
        assert known is not None
        await tx.accounts.link(replace(known, external_id=ExternalId("iban")))
        await tx.commit()

    await world.hears(Observations((an_account(balance=a_balance(9, EVENING)),)))

    assert await world.balance() == 9
