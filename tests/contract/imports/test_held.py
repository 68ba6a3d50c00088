"""What a file says of a closed month is neither new nor known: the import says that it waits."""

from datetime import date

from application.ledger.imports import HeldMonth, ImportId, ImportReport, StatementImport
from application.ledger.jobs import ReplayFeedJob
from application.ledger.proofs.apply_late import ApplyLate
from application.ledger.proofs.close_month import CloseMonth, CloseMonthCommand
from application.ledger.proofs.jobs import ApplyLateJob
from application.ledger.proofs.reopen_month import ReopenMonth, ReopenMonthCommand
from application.ledger.replay import ReplayFeed
from domain.ledger.proofs.closing import ReopenedFor
from domain.ledger.proofs.months import AccountMonth
from domain.shared.ids import AccountId
from entrypoints.worker.handlers import handler_of
from tests.support.imports import ImportWorld
from tests.support.ledger import ANNA

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
ROWS = b"date,amount,text,balance\n2025-12-31,-5.00,Bun,100.00\n2026-01-05,-40.00,Coffee,60.00\n"
WAGES = b"2026-01-20,1000.00,Wages,1060.00\n2026-02-28,-1.00,Bus,1059.00\n"
PROVED = ROWS + WAGES
WITH_CHARGES = (
    ROWS + b"2026-01-06,-10.00,Charge,50.00\n2026-01-07,-20.00,Charge,30.00\n"
    b"2026-01-20,1000.00,Wages,1030.00\n2026-02-10,-3.00,Pen,1027.00\n2026-02-28,-1.00,Bus,1026.00\n"
)


def figures(one: ImportReport | None) -> tuple[int | None, int | None, int | None]:
    """New, known, held."""
    assert one is not None
    return one.new, one.known, one.held


async def imports(world: ImportWorld, file: bytes, *, dry_run: bool = False) -> StatementImport:
    return await world.imports(file, account_name="Salary", dry_run=dry_run)


async def account_of(world: ImportWorld) -> AccountId:
    (account,) = await world.books.accounts(ANNA)
    return account.id


async def close(world: ImportWorld, month: date = JANUARY) -> AccountMonth:
    which = AccountMonth(await account_of(world), month)
    await CloseMonth(world.begin_ledger, world.clock)(CloseMonthCommand(ANNA, which))
    return which


async def opens(world: ImportWorld, which: AccountMonth) -> None:
    """Open the month again, and let what waited be followed."""
    await ReopenMonth(world.begin_ledger)(ReopenMonthCommand(ANNA, which, ReopenedFor.LATE_CHANGE))
    follow = handler_of(ApplyLateJob, ApplyLate(world.begin_ledger, world.clock, world.ids))
    for job in await world.board.claim(10):
        await {**world.handlers(), ApplyLateJob.name: follow}[job.name](job.payload, job.lease)


async def report_of(world: ImportWorld, import_id: ImportId) -> ImportReport | None:
    return (await world.reader.get(ANNA, import_id)).report


async def test_what_waits_for_a_closed_month_is_counted_as_held(world: ImportWorld) -> None:
    first = await imports(world, PROVED)
    which = await close(world)

    done = await imports(world, WITH_CHARGES)

    assert figures(first.report) == (4, 0, 0)
    assert figures(done.report) == (1, 4, 2)
    assert done.report is not None
    assert done.report.held_months == (HeldMonth(which.account_id, "2026-01", 2),)
    (note,) = [one for one in done.report.notes if "closed" in one]
    assert "2 transactions wait: 2026-01 is closed" in note
    assert f"DELETE /api/v1/accounts/{which.account_id}/months/2026-01/close" in note


async def test_a_dry_run_says_what_would_have_to_wait(world: ImportWorld) -> None:
    await imports(world, PROVED)
    which = await close(world)

    done = await imports(world, WITH_CHARGES, dry_run=True)

    assert figures(done.report) == (1, 4, 2)
    assert done.report is not None
    assert done.report.held_months == (HeldMonth(which.account_id, "2026-01", 2),)


async def test_what_waited_is_new_once_the_month_is_open(world: ImportWorld) -> None:
    await imports(world, PROVED)
    which = await close(world)
    done = await imports(world, WITH_CHARGES)

    await opens(world, which)

    report = await report_of(world, done.id)
    assert figures(report) == (3, 4, 0)
    assert report is not None
    assert report.held_months == ()


async def test_what_waited_of_two_files_is_new_by_each_of_them(world: ImportWorld) -> None:
    await imports(world, PROVED)
    which = await close(world)
    one = await imports(world, ROWS + b"2026-01-06,-10.00,Charge,50.00\n")
    other = await imports(world, ROWS + b"2026-01-08,-7.00,Stamp,53.00\n")

    assert figures(one.report) == (0, 2, 1)
    assert figures(other.report) == (0, 2, 1)
    await opens(world, which)

    assert figures(await report_of(world, one.id)) == (1, 2, 0)
    assert figures(await report_of(world, other.id)) == (1, 2, 0)


async def test_each_closed_month_is_named(world: ImportWorld) -> None:
    await imports(world, PROVED)
    january, february = await close(world), await close(world, FEBRUARY)

    done = await imports(world, WITH_CHARGES)

    assert done.report is not None
    assert done.report.held_months == (HeldMonth.of(january, 2), HeldMonth.of(february, 1))
    assert figures(done.report) == (0, 4, 3)


async def test_what_an_earlier_file_told_is_held_by_that_one_for_good(world: ImportWorld) -> None:
    await imports(world, PROVED)
    which = await close(world)
    first = await imports(world, WITH_CHARGES)
    dry = await imports(world, WITH_CHARGES, dry_run=True)

    second = await imports(world, WITH_CHARGES)

    assert figures(dry.report) == figures(second.report) == (0, 7, 0)
    report = await report_of(world, first.id)
    assert figures(report) == (1, 4, 2)
    assert report is not None
    assert report.held_months == (HeldMonth(which.account_id, "2026-01", 2),)


async def test_followed_it_is_new_by_the_file_that_told_it_first(world: ImportWorld) -> None:
    await imports(world, PROVED)
    which = await close(world)
    first = await imports(world, WITH_CHARGES)
    second = await imports(world, WITH_CHARGES)

    await opens(world, which)

    assert figures(await report_of(world, first.id)) == (3, 4, 0)
    assert figures(await report_of(world, second.id)) == (0, 7, 0)
    entries = await world.books.entries(ANNA)
    assert sorted(one.amount.minor for one in entries if one.removed is None) == sorted(
        [-500, -4_000, 100_000, -100, -1_000, -2_000, -300]
    )


async def test_a_later_file_that_tells_more_holds_only_what_is_more(world: ImportWorld) -> None:
    await imports(world, PROVED)
    which = await close(world)
    charge = ROWS + b"2026-01-06,-10.00,Charge,50.00\n"
    one = await imports(world, charge)
    other = await imports(world, charge + b"2026-01-08,-7.00,Stamp,43.00\n")

    assert figures(await report_of(world, one.id)) == (0, 2, 1)
    assert figures(other.report) == (0, 3, 1)
    await opens(world, which)

    assert figures(await report_of(world, one.id)) == (1, 2, 0)
    assert figures(await report_of(world, other.id)) == (1, 3, 0)


async def test_a_replay_lets_wait_what_several_files_tell(world: ImportWorld) -> None:
    await imports(world, PROVED)
    await close(world)
    first = await imports(world, WITH_CHARGES)
    await imports(world, WITH_CHARGES)
    before = await world.books.entries(ANNA)

    job = ReplayFeedJob(user_id=ANNA, feed_id=first.feeds[0].feed_id)
    async with world.begin_ledger(ANNA) as tx:
        await tx.jobs.enqueue(job)
        await tx.commit()
    (due,) = await world.board.claim(10)
    report = await ReplayFeed(world.begin_ledger, world.ids)(job, due.lease)

    assert report.is_empty
    assert await world.books.entries(ANNA) == before
    assert figures(await report_of(world, first.id)) == (1, 4, 2)


async def test_a_dry_run_says_that_what_is_known_would_have_to_wait(world: ImportWorld) -> None:
    head = b"id,date,amount,text,balance\na,2025-12-31,-5.00,Bun,100.00\n"
    end = b"d,2026-02-28,-1.00,Bus,59.00\n"
    await imports(world, head + b"b,2026-01-05,-40.00,Coffee,60.00\n" + end)
    which = await close(world)
    corrected = head + b"b,2026-01-05,-45.00,Coffee,55.00\n" + end

    dry = await imports(world, corrected, dry_run=True)
    done = await imports(world, corrected)

    assert figures(dry.report) == figures(done.report) == (0, 2, 1)
    assert dry.report is not None
    assert dry.report.held_months == (HeldMonth.of(which, 1),)
