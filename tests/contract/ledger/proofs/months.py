"""Closing and opening months of the world's accounts, past the proof or through it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from application.ledger.proofs.apply_late import ApplyLate, LateReport
from application.ledger.proofs.jobs import ApplyLateJob
from application.ledger.proofs.reopen_month import ReopenedMonth, ReopenMonth, ReopenMonthCommand
from domain.ledger.proofs.closing import ClosedMonth, ReopenedFor, Witness
from domain.ledger.proofs.late import LateChange
from domain.ledger.proofs.months import AccountMonth, months_between
from domain.shared.ids import AccountId, FeedId, UserId
from tests.support.ledger import ANNA, FEED, LedgerWorld

MARCH = date(2026, 3, 1)
PAPER = Witness(
    statement_id=UUID(int=0x57A7),
    reference="3/1",
    first=MARCH,
    last=date(2026, 3, 31),
    imported_at=datetime(2026, 4, 2, tzinfo=UTC),
    import_id=UUID(int=0x1347),
)


async def the_account(world: LedgerWorld, person: UserId = ANNA) -> AccountId:
    (account,) = await world.books.accounts(person)
    return account.id


async def shut(
    world: LedgerWorld, *months: date, account_id: AccountId | None = None, person: UserId = ANNA
) -> AccountId:
    """The months are closed by a statement that nobody asks for."""
    of = account_id or await the_account(world, person)
    async with world.begin(person) as tx:
        await tx.accounts.get(of)
        for month in months or (MARCH,):
            await tx.proofs.close(
                ClosedMonth(
                    account_id=of,
                    month=month,
                    closed_at=world.clock.now(),
                    opening=None,
                    closing=None,
                    witnesses=(PAPER,),
                )
            )
        await tx.commit()
    return of


async def reopen(
    world: LedgerWorld, account_id: AccountId, month: date = MARCH, person: UserId = ANNA
) -> ReopenedMonth:
    command = ReopenMonthCommand(person, AccountMonth(account_id, month), ReopenedFor.CORRECTION)
    return await ReopenMonth(world.begin)(command)


async def follow(world: LedgerWorld, feed: FeedId = FEED, person: UserId = ANNA) -> LateReport:
    """What waits is told again, as the job does that a reopened month brings."""
    async with world.begin(person) as tx:
        job = ApplyLateJob(user_id=person, feed_id=feed)
        job_id = await tx.jobs.enqueue(job)
        await tx.commit()
    leased = {one.lease.job_id: one for one in await world.board.claim(100)}
    return await ApplyLate(world.begin, world.clock, world.ids)(job, leased[job_id].lease)


async def late(world: LedgerWorld, person: UserId = ANNA) -> Sequence[LateChange]:
    """What a person is shown of it."""
    async with world.begin(person) as tx:
        accounts = await world.books.accounts(person)
        waiting = await tx.proofs.late_on([one.id for one in accounts])
    return [one for one in waiting if one.shown]


async def nets(world: LedgerWorld, *months: date, person: UserId = ANNA) -> dict[object, int]:
    """What the days of these months come to."""
    days = await world.books.days(person)
    return {key: net for key, net in days.items() if key.day.replace(day=1) in months}


def months_of(first: date, last: date) -> list[date]:
    return list(months_between(first, last))
