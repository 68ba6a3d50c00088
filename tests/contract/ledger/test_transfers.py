"""Transfers between own accounts: found, kept, taken apart; over memory and PostgreSQL."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from application.ledger.decide_transfer import (
    ConfirmTransfer,
    DismissTransfer,
    TransferCommand,
    UndoTransfer,
)
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.erase_feed import EraseFeed
from application.ledger.jobs import EraseFeedJob
from application.ledger.make_transfer import MakeTransfer, MakeTransferCommand
from application.ledger.pair_transfers import PairingReport, PairTransfers, stretches
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from application.shared.jobs import JobState, Lease, LeaseLostError
from domain.ledger.errors import EntryNotFoundError
from domain.ledger.errors_transfers import (
    AlreadyInTransferError,
    NoSuggestionError,
    TransferNotFoundError,
)
from domain.ledger.rates import FIRST_QUOTED, Quote
from domain.ledger.transfers import TransferState
from domain.shared.ids import ConnectionId, EntryId, ExternalId, FeedId
from domain.shared.money import Money
from domain.shared.observations import (
    AccountKind,
    EntryStatus,
    Observations,
    TransactionGone,
    TransactionSeen,
)
from tests.support.ledger import ANNA, BJORN, LedgerWorld
from tests.support.observations import CURRENT, a_transaction, an_account
from tests.support.transfers import Moves

SAVINGS, CARD, EUROS = ExternalId("savings"), ExternalId("card"), ExternalId("euros")
SECOND = FeedId(UUID(int=0xFEED2))
DAY = date(2026, 3, 2)
ACCOUNTS = (
    an_account(),
    an_account(id=SAVINGS, name="Sparekonto", kind=AccountKind.SAVINGS, number="97100512345"),
    an_account(id=CARD, name="Mastercard", kind=AccountKind.CREDIT_CARD, number=None),
    an_account(id=EUROS, name="Euro", currency="EUR", number=None),
)
UNDER_WAY = EntryStatus.PENDING


@pytest.fixture
def moves(world: LedgerWorld) -> Moves:
    return Moves(world)


def moved(
    text: str, amount: str, account: ExternalId = CURRENT, days: int = 0, **facts: object
) -> TransactionSeen:
    legal: dict[str, Any] = {
        "account": account,
        "amount": Money.parse(amount, "EUR" if account == EUROS else "NOK"),
        "booked_on": DAY + timedelta(days=days),
        "text": text,
    }
    return a_transaction(text, **(legal | facts))


async def given(moves: Moves, *seen: TransactionSeen) -> PairingReport:
    await moves.world.hears(Observations(ACCOUNTS, seen))
    return await moves.paired()


async def saved(moves: Moves, days: int = 0) -> tuple[EntryId, EntryId]:
    await given(moves, moved("out", "-500.00"), moved("in", "500.00", SAVINGS, days))
    return (await moves.named("out")).id, (await moves.named("in")).id


async def flow(moves: Moves) -> dict[str, int]:
    """Month sums by category: what came in and went out together."""
    found: dict[str, int] = {}
    for key, (money_in, money_out, parts) in (await moves.world.books.months(ANNA)).items():
        if parts:
            found[key.category] = found.get(key.category, 0) + money_in - money_out
    return found


async def test_opposite_entries_of_two_accounts_become_a_transfer(moves: Moves) -> None:
    report = await given(
        moves, moved("out", "-500.00"), moved("in", "500.00", SAVINGS, 1), moved("shop", "-20.00")
    )

    assert report == PairingReport(paired=1)
    assert await moves.texts() == {("out", "in")}
    assert await flow(moves) == {"transfer.savings": 1000_00, "other.uncategorised": 20_00}
    await moves.ensure_whole()


async def test_balances_and_days_are_as_before(moves: Moves) -> None:
    await moves.world.hears(
        Observations(ACCOUNTS, (moved("out", "-500.00"), moved("in", "500.00", SAVINGS)))
    )
    before = await moves.world.books.accounts(ANNA), await moves.world.books.days(ANNA)

    await moves.paired()

    assert before == (await moves.world.books.accounts(ANNA), await moves.world.books.days(ANNA))


async def test_paired_again_from_the_beginning_nothing_changes(moves: Moves) -> None:
    await saved(moves)
    before = await moves.known(), await moves.world.shown()

    assert await moves.paired(since=0) == PairingReport()
    assert before == (await moves.known(), await moves.world.shown())


async def test_finding_one_is_a_revision_that_others_hear_of(moves: Moves) -> None:
    await saved(moves)

    revisions = await moves.world.books.revisions(ANNA)
    last = (await moves.world.books.told(ANNA))[-1]

    assert (last.from_revision, last.to_revision) == (revisions[-2], revisions[-1])
    assert len(last.account_ids) == 2


async def test_the_other_side_may_come_much_later_from_another_bank(moves: Moves) -> None:
    assert await given(moves, moved("out", "-500.00")) == PairingReport()
    await moves.world.hears(
        Observations((an_account(id=SAVINGS, name="Elsewhere", number=None),), ()), feed=SECOND
    )
    await moves.world.hears(Observations((), (moved("in", "500.00", SAVINGS, 2),)), feed=SECOND)

    assert await moves.paired() == PairingReport(paired=1)
    await moves.ensure_whole()


async def test_a_nearer_one_takes_the_place_of_what_was_there_first(moves: Moves) -> None:
    await given(moves, moved("out", "-500.00", days=2), moved("late", "500.00", SAVINGS, 4))

    report = await given(moves, moved("same day", "500.00", SAVINGS, 2))

    assert report == PairingReport(paired=1, dissolved=1)
    assert await moves.texts() == {("out", "same day")}
    assert (await moves.named("late")).category == "other.uncategorised"
    await moves.ensure_whole()


async def test_a_rival_as_good_turns_it_into_a_question(moves: Moves) -> None:
    await saved(moves)

    report = await given(moves, moved("rival", "500.00", CARD))

    assert report == PairingReport(dissolved=1, suggested=2)
    assert await moves.texts() == set()
    await moves.ensure_whole()


async def test_another_currency_is_paired_by_that_days_rate(moves: Moves) -> None:
    await moves.knows(*(Quote(DAY - timedelta(days=n), "EUR", Decimal("11.7")) for n in range(99)))

    await given(
        moves,
        moved("out", "-1200.00", category="transfer.own"),
        moved("in", "102.40", EUROS),
        moved("face value", "1200.00", EUROS),
    )

    assert await moves.texts() == {("out", "in")}
    await moves.ensure_whole()


async def test_rates_that_are_not_there_yet_are_waited_for(moves: Moves) -> None:
    await given(
        moves, moved("out", "-1200.00", category="transfer.own"), moved("in", "102.40", EUROS)
    )
    assert await moves.texts() == set()
    waiting = [one.name for one in await moves.world.board.list(JobState.READY, 10)]
    leased = [one.name for one in await moves.world.board.list(JobState.LEASED, 10)]
    assert sorted(waiting + leased) == ["ledger.keep_rates", "ledger.pair_transfers"]

    await moves.knows(*(Quote(DAY - timedelta(days=n), "EUR", Decimal("11.7")) for n in range(99)))
    await moves.paired(since=0)

    assert await moves.texts() == {("out", "in")}


@pytest.mark.parametrize("day", [date(1902, 3, 1), FIRST_QUOTED])
async def test_days_before_the_first_quote_wait_for_no_rates(moves: Moves, day: date) -> None:
    since = FIRST_QUOTED + timedelta(days=1)
    await moves.knows(Quote(since, "EUR", Decimal("11.7")), Quote(DAY, "EUR", Decimal("11.7")))
    async with moves.begin_rates() as tx:
        await tx.rates.reached(FIRST_QUOTED)
        await tx.commit()

    await given(
        moves,
        moved("out", "-1200.00", category="transfer.own", booked_on=day),
        moved("in", "102.40", EUROS, booked_on=day),
    )

    assert [one.name for one in await moves.world.board.list(JobState.READY, 10)] == []


async def test_a_person_with_one_account_has_none(moves: Moves) -> None:
    await moves.world.hears(Observations(ACCOUNTS[:1], (moved("out", "-500.00"),)))

    assert await moves.paired() == PairingReport()


# What a bank does


async def test_it_dissolves_when_the_bank_takes_a_side_back(moves: Moves) -> None:
    await saved(moves)
    await moves.world.hears(Observations(gone=(TransactionGone(SAVINGS, ExternalId("in")),)))

    assert await moves.paired() == PairingReport(dissolved=1)
    assert (await moves.named("out")).category == "other.uncategorised"
    assert await moves.known() == []
    await moves.ensure_whole()


async def test_it_is_found_again_when_the_bank_gives_the_side_again(moves: Moves) -> None:
    await saved(moves)
    await moves.world.hears(Observations(gone=(TransactionGone(SAVINGS, ExternalId("in")),)))
    await moves.paired()

    assert await given(moves, moved("in", "500.00", SAVINGS)) == PairingReport(paired=1)
    await moves.ensure_whole()


async def test_it_follows_what_the_bank_says_of_a_side(moves: Moves) -> None:
    await saved(moves)

    report = await given(moves, moved("in", "510.00", SAVINGS))

    assert report == PairingReport(dissolved=1)
    await moves.ensure_whole()


async def test_new_words_of_the_bank_do_not_make_it_spending_again(moves: Moves) -> None:
    await saved(moves)

    await moves.world.hears(
        Observations((), (moved("out", "-500.00", counterparty="Anna", category="transfer.other"),))
    )

    assert (await moves.named("out")).category == "transfer.savings"
    await moves.ensure_whole()
    assert await moves.paired() == PairingReport()


async def test_what_is_under_way_is_paired_and_stays_so_when_it_books(moves: Moves) -> None:
    await given(
        moves,
        moved("out", "-500.00", status=UNDER_WAY),
        moved("in", "500.00", SAVINGS, status=UNDER_WAY),
    )
    before = await moves.now()
    assert len(before) == 2

    await given(
        moves,
        moved("out booked", "-500.00", days=1, pending_id=ExternalId("out")),
        moved("in booked", "500.00", SAVINGS, 1, pending_id=ExternalId("in")),
    )

    assert await moves.now() == before
    assert await flow(moves) == {"transfer.savings": 1000_00}
    await moves.ensure_whole()


async def test_what_books_differently_is_looked_at_again(moves: Moves) -> None:
    await given(
        moves,
        moved("out", "-500.00", status=UNDER_WAY),
        moved("in", "500.00", SAVINGS, status=UNDER_WAY),
    )

    await given(moves, moved("out booked", "-480.00", pending_id=ExternalId("out")))

    assert await moves.texts() == set()
    await moves.ensure_whole()


async def the_second_is_erased(moves: Moves) -> None:
    erase = EraseFeedJob(
        user_id=ANNA, feed_id=SECOND, connection_id=ConnectionId(SECOND), erase=True
    )
    async with moves.world.begin(ANNA) as tx:
        job_id = await tx.jobs.enqueue(erase)
        await tx.commit()
    leased = {one.lease.job_id: one for one in await moves.world.board.claim(100)}
    await EraseFeed(moves.world.begin, moves.world.clock)(erase, leased[job_id].lease)


async def test_erasing_a_bank_frees_what_it_was_paired_with(moves: Moves) -> None:
    await moves.world.hears(
        Observations((an_account(id=SAVINGS, name="Elsewhere", number=None),), ()), feed=SECOND
    )
    await moves.world.hears(Observations((), (moved("in", "500.00", SAVINGS),)), feed=SECOND)
    await given(moves, moved("out", "-500.00"))
    assert await moves.texts() == {("out", "in")}

    await the_second_is_erased(moves)

    assert await moves.paired() == PairingReport(dissolved=1)
    assert (await moves.named("out")).category == "other.uncategorised"
    assert await moves.known() == []
    await moves.ensure_whole()


async def test_what_was_doubtful_is_paired_once_the_other_one_is_erased(moves: Moves) -> None:
    """Two accounts had the same deposit: one bank, linked twice."""
    await moves.world.hears(
        Observations((an_account(id=SAVINGS, name="Elsewhere", number=None),), ()), feed=SECOND
    )
    twice = Observations((), (moved("again", "500.00", SAVINGS),))
    await moves.world.hears(twice, feed=SECOND)
    await given(moves, moved("out", "-500.00"), moved("in", "500.00", SAVINGS))
    assert await moves.texts() == set()
    assert TransferState.SUGGESTED in {one.state for one in await moves.known()}

    await the_second_is_erased(moves)

    assert (await moves.paired()).paired == 1
    assert await moves.texts() == {("out", "in")}
    await moves.ensure_whole()


# What the person says


async def command(moves: Moves, number: int = 0) -> TransferCommand:
    return TransferCommand(ANNA, (await moves.known())[number].id)


async def test_what_the_person_takes_apart_is_never_paired_again(moves: Moves) -> None:
    await saved(moves)

    await UndoTransfer(moves.begin, moves.world.clock)(await command(moves))

    await moves.ensure_whole()
    assert await flow(moves) == {"other.uncategorised": 1000_00}
    assert await moves.paired(since=0) == PairingReport()
    assert [one.state for one in await moves.known()] == [TransferState.REJECTED]


async def test_unless_the_person_says_so(moves: Moves) -> None:
    out, into = await saved(moves)
    await UndoTransfer(moves.begin, moves.world.clock)(await command(moves))

    make = MakeTransfer(moves.begin, moves.world.clock, moves.world.ids)
    made = await make(MakeTransferCommand(ANNA, into, out))

    assert [one.id for one in await moves.known()] == [made.id]
    assert await moves.texts() == {("out", "in")}
    await moves.ensure_whole()


async def test_what_the_person_paired_stays_whatever_the_rules_say(moves: Moves) -> None:
    await given(
        moves,
        moved("rent", "-500.00", category="housing.rent"),
        moved("salary", "480.00", SAVINGS, 40, category="income.salary"),
        moved("tempting", "500.00", SAVINGS),
    )
    rent, salary = await moves.named("rent"), await moves.named("salary")
    make = MakeTransfer(moves.begin, moves.world.clock, moves.world.ids)

    await make(MakeTransferCommand(ANNA, rent.id, salary.id))

    await moves.paired(since=0)
    assert await moves.texts() == {("rent", "salary")}
    assert (await moves.named("salary")).category == "transfer.savings"
    await moves.ensure_whole()


async def test_it_comes_together_again_when_a_lost_side_does(moves: Moves) -> None:
    await given(
        moves,
        moved("rent", "-500.00", category="housing.rent"),
        moved("salary", "480.00", SAVINGS, 1, category="income.salary"),
    )
    rent, salary = await moves.named("rent"), await moves.named("salary")
    make = MakeTransfer(moves.begin, moves.world.clock, moves.world.ids)
    made = await make(MakeTransferCommand(ANNA, rent.id, salary.id))
    await moves.world.hears(Observations(gone=(TransactionGone(SAVINGS, ExternalId("salary")),)))
    await moves.paired()
    assert [one.state for one in await moves.known()] == [TransferState.DISSOLVED]
    await moves.ensure_whole()

    await given(moves, moved("salary", "480.00", SAVINGS, 1, category="income.salary"))

    assert set((await moves.now()).values()) == {made.id}
    await moves.ensure_whole()


async def test_the_persons_own_category_wins(moves: Moves) -> None:
    await saved(moves)
    out = await moves.named("out")

    await EditEntry(moves.world.begin)(EditEntryCommand(ANNA, out.id, category="family.children"))
    await moves.paired()

    assert (await moves.named("out")).category == "family.children"
    assert await flow(moves) == {"family.children": 500_00, "transfer.savings": 500_00}
    await moves.ensure_whole()
    await UndoTransfer(moves.begin, moves.world.clock)(await command(moves))
    assert (await moves.named("out")).category == "family.children"


async def test_deleting_a_side_dissolves_it(moves: Moves) -> None:
    out, _ = await saved(moves)

    await RemoveEntry(moves.world.begin)(RemoveEntryCommand(ANNA, out))

    assert await moves.paired() == PairingReport(dissolved=1)
    assert await flow(moves) == {"other.uncategorised": 500_00}
    await moves.ensure_whole()


async def test_a_suggestion_is_confirmed_and_the_others_are_withdrawn(moves: Moves) -> None:
    await saved(moves)
    await given(moves, moved("rival", "500.00", CARD))
    confirm = ConfirmTransfer(moves.begin, moves.world.clock)
    confirmed = await command(moves)

    await confirm(confirmed)

    assert await moves.paired() == PairingReport(withdrawn=1)
    (kept,) = await moves.known()
    assert (kept.state, kept.by_person) == (TransferState.PAIRED, True)
    await moves.ensure_whole()
    await confirm(confirmed)
    assert await moves.known() == [kept]
    with pytest.raises(NoSuggestionError):
        await DismissTransfer(moves.begin, moves.world.clock)(confirmed)


async def test_a_suggestion_that_is_dismissed_is_not_made_again(moves: Moves) -> None:
    await saved(moves)
    await given(moves, moved("rival", "500.00", CARD))
    dismiss = DismissTransfer(moves.begin, moves.world.clock)
    dismissed = await command(moves)

    await dismiss(dismissed)
    await moves.paired(since=0)

    states = {one.id: one.state for one in await moves.known()}
    assert states.pop(dismissed.transfer_id) is TransferState.REJECTED
    assert list(states.values()) == [TransferState.SUGGESTED]
    before = await moves.known()
    await dismiss(dismissed)
    assert await moves.known() == before
    with pytest.raises(NoSuggestionError):
        await ConfirmTransfer(moves.begin, moves.world.clock)(dismissed)


async def test_nothing_is_in_two(moves: Moves) -> None:
    out, _ = await saved(moves)
    await given(moves, moved("more", "70.00", CARD))
    make = MakeTransfer(moves.begin, moves.world.clock, moves.world.ids)

    with pytest.raises(AlreadyInTransferError):
        await make(MakeTransferCommand(ANNA, out, (await moves.named("more")).id))


async def test_a_stranger_finds_nothing(moves: Moves) -> None:
    out, into = await saved(moves)
    transfer_id = (await moves.known())[0].id
    mine = TransferCommand(BJORN, transfer_id)
    make = MakeTransfer(moves.begin, moves.world.clock, moves.world.ids)

    for use_case in (UndoTransfer, ConfirmTransfer, DismissTransfer):
        with pytest.raises(TransferNotFoundError):
            await use_case(moves.begin, moves.world.clock)(mine)
    with pytest.raises(EntryNotFoundError):
        await make(MakeTransferCommand(BJORN, out, into))
    await moves.ensure_whole()


# Crashes


async def test_a_worker_that_lost_its_lease_writes_nothing(moves: Moves) -> None:
    await moves.world.hears(
        Observations(ACCOUNTS, (moved("out", "-500.00"), moved("in", "500.00", SAVINGS)))
    )
    job, leased = await moves.job()
    pair = PairTransfers(moves.begin, moves.world.clock, moves.world.ids)

    with pytest.raises(LeaseLostError):
        await pair(job, Lease(leased.lease.job_id, leased.lease.fence - 1))

    assert await moves.known() == []
    await pair(job, leased.lease)
    assert await moves.texts() == {("out", "in")}
    await moves.ensure_whole()


async def test_much_is_done_in_stretches(moves: Moves) -> None:
    """Far apart, so that each needs a transaction of its own."""
    far = [
        one
        for n in range(5)
        for one in (
            moved(f"out {n}", "-500.00", days=-130 * n),
            moved(f"in {n}", "500.00", SAVINGS, -130 * n),
        )
    ]

    assert await given(moves, *far) == PairingReport(paired=5)
    assert len(await moves.world.books.revisions(ANNA)) == 6
    await moves.ensure_whole()


def test_stretches_hold_near_days_together() -> None:
    days = [DAY + timedelta(days=n) for n in (0, 3, 122, 123, 300)]
    assert list(stretches(days)) == [(days[0], days[2]), (days[3], days[3]), (days[4], days[4])]
