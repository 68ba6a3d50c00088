"""What an import promises: all or nothing, once, into the right account."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from application.ledger.close_account import CloseAccount, CloseAccountCommand
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.imports import ImportState, StatementImport
from application.ledger.jobs import ImportStatementJob
from application.ledger.open_account import OpenAccount, OpenAccountCommand
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from application.ledger.statements import CsvMapping
from application.shared.feeds import FeedKind, FeedPage
from application.shared.idempotency import IdempotencyKey, IdempotencyKeyReusedError
from domain.ledger.account import Account
from domain.ledger.errors import (
    AccountFedByBankError,
    AccountNotFoundError,
    ImportNotFoundError,
)
from domain.ledger.statement import StatementRefusedError
from domain.shared.events import FeedReceived
from domain.shared.ids import AccountId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, Observations
from tests.contract.imports.test_samples import amounts, balance_of, the_report
from tests.support.imports import ImportWorld, sample
from tests.support.ledger import ANNA, BJORN, FEED
from tests.support.observations import an_account

MT940 = sample("asn-bank.mt940")
CAMT = sample("camt053-v2-two-statements.xml")
CSV = sample("plain.csv")
IBAN = "NL81ASNB9999999999"
NOBODY = AccountId(UUID(int=0xDEAD))


def why(one: StatementImport) -> tuple[str, list[str]]:
    assert one.state is ImportState.REFUSED
    assert one.refusal is not None
    return one.refusal.code, [problem.field for problem in one.refusal.details]


async def a_bank_account(world: ImportWorld, number: str = IBAN, name: str = "Current") -> None:
    """An account that a linked bank tells about."""
    seen = an_account(number=number, name=name, currency="EUR")
    async with world.begin_ledger(ANNA) as tx:
        await tx.updates.create(FEED, FeedKind.CONNECTION)
        update = await tx.updates.open(FEED)
        page = FeedPage(b"", Observations(accounts=(seen,)))
        await tx.updates.keep(update.id, [page], None)
        number_of_update = await tx.updates.complete(update.id)
        await tx.outbox.append(FeedReceived(ANNA, FEED, number_of_update))
        await tx.commit()
    await world.works()


async def a_manual_account(world: ImportWorld, name: str = "Cash") -> AccountId:
    command = OpenAccountCommand(ANNA, name, AccountKind.CASH, Money(10_000, "NOK"))
    opened = await OpenAccount(world.begin_ledger, world.clock, world.ids)(command)
    return opened.id


async def the_account(world: ImportWorld) -> Account:
    ((account, _),) = (await world.accounts()).values()
    return account


@pytest.mark.parametrize(
    ("file", "where"),
    [
        (MT940.replace(b"D65,00NOVBNL47", b"D66,00NOVBNL47"), "line 14"),
        (MT940[:-400], "line"),
        (CAMT.replace(b'<Amt Ccy="EUR">8.85</Amt>', b'<Amt Ccy="EUR">8.86</Amt>'), "Stmt[1]"),
        (CAMT[:-300], "line"),
        (CSV.replace(b"-12.90", b"12,9,0", 1), "line"),
        (CSV + b"2026-13-45,-1.00,Food,Somewhere\n", "line 6"),
    ],
    ids=["mt940 sum", "mt940 cut", "camt sum", "camt cut", "csv amount", "csv day"],
)
async def test_of_a_damaged_file_nothing_is_kept(
    world: ImportWorld, file: bytes, where: str
) -> None:
    before = await world.rows()

    one = await world.imports(file)

    code, places = why(one)
    assert code == "statement_refused"
    assert places[0].startswith(where), places
    assert await world.rows() == before
    assert await world.board.claim(10) == ()
    async with world.begin(ANNA) as tx:
        assert await tx.imports.file(one.id) is None


async def test_what_is_no_statement_at_all_is_refused_at_once(world: ImportWorld) -> None:
    with pytest.raises(StatementRefusedError, match="a PDF"):
        await world.sends(b"%PDF-1.7 ...")

    assert await world.reader.newest(ANNA, 10) == []


async def test_a_dry_run_says_what_would_happen_and_keeps_nothing(world: ImportWorld) -> None:
    before = await world.rows()

    one = await world.imports(MT940, dry_run=True)

    assert one.state is ImportState.CHECKED
    assert (the_report(one).new, the_report(one).known) == (8, 0)
    assert the_report(one).statements[-1].account_id is None
    assert await world.rows() == before


async def test_a_dry_run_of_a_known_file_says_that_nothing_is_new(world: ImportWorld) -> None:
    await world.imports(MT940)

    one = await world.imports(MT940, dry_run=True)

    assert (the_report(one).new, the_report(one).known) == (0, 8)
    assert the_report(one).statements[-1].account_id == (await the_account(world)).id


async def test_an_import_is_received_before_the_ledger_has_it(world: ImportWorld) -> None:
    ticket = await world.sends(CSV)
    waiting = await world.reader.get(ANNA, ticket.import_id)
    await world.works(only=ImportStatementJob.name)

    received = await world.reader.get(ANNA, ticket.import_id)
    await world.works()
    applied = await world.reader.get(ANNA, ticket.import_id)

    assert [one.state for one in (waiting, received, applied)] == [
        ImportState.WAITING,
        ImportState.RECEIVED,
        ImportState.APPLIED,
    ]


async def test_the_same_file_sent_twice_before_either_is_read_is_new_once(
    world: ImportWorld,
) -> None:
    first, second = await world.sends(CSV), await world.sends(CSV)
    await world.works()

    reports = [
        the_report(await world.reader.get(ANNA, ticket.import_id)) for ticket in (first, second)
    ]

    assert {report.new for report in reports} == {0, 4}
    assert len(await world.accounts()) == 1
    assert len(await amounts(world)) == 4


async def test_two_imports_of_a_new_account_at_once_make_it_once(world: ImportWorld) -> None:
    await world.sends(MT940)
    await world.sends(MT940)
    jobs = await world.board.claim(2)
    read = world.handlers()[ImportStatementJob.name]

    await asyncio.gather(*(read(job.payload, job.lease) for job in jobs))
    await world.works()

    assert await balance_of(world) == (IBAN, "501.23 EUR")
    assert len(await amounts(world)) == 8


async def test_a_daily_file_and_the_monthly_one_overlap_and_count_once(world: ImportWorld) -> None:
    header, *rows = CSV.decode().splitlines(keepends=True)
    first_days = "".join([header, *rows[:3]]).encode()

    await world.imports(first_days)
    month = await world.imports(CSV)
    again = await world.imports(first_days)

    assert (the_report(month).new, the_report(month).known) == (1, 3)
    assert the_report(again).new == 0
    assert await balance_of(world) == ("Imported account", "924.20 NOK")


async def test_what_a_person_has_said_survives_the_same_file(world: ImportWorld) -> None:
    await world.imports(CSV)
    coffee, _, bus, _ = sorted(await world.books.entries(ANNA), key=lambda one: one.amount.minor)[
        :4
    ]
    edit = EditEntry(world.begin_ledger)
    await edit(EditEntryCommand(ANNA, coffee.id, category="leisure.culture", text="With Kari"))
    await RemoveEntry(world.begin_ledger)(RemoveEntryCommand(ANNA, bus.id))
    before = await world.books.entries(ANNA)

    again = await world.imports(CSV)

    assert the_report(again).new == 0
    assert await world.books.entries(ANNA) == before


async def test_a_file_of_an_account_that_the_bank_feeds_is_refused(world: ImportWorld) -> None:
    await a_bank_account(world)
    before = await world.rows()

    one = await world.imports(MT940)

    assert why(one)[0] == "account_fed_by_bank"
    assert one.refusal is not None
    assert "'Current' is linked to its bank" in one.refusal.message
    assert await world.rows() == before


async def test_neither_number_nor_name_nor_id_leads_into_a_bank_account(
    world: ImportWorld,
) -> None:
    await a_bank_account(world, name="Everyday")
    account = await the_account(world)

    by_name = await world.imports(CSV, account_name="Everyday", currency="EUR")

    assert why(by_name)[0] == "account_fed_by_bank"
    with pytest.raises(AccountFedByBankError):
        await world.sends(CSV, account_id=account.id)


async def test_a_file_goes_into_the_account_that_the_person_names(world: ImportWorld) -> None:
    cash = await a_manual_account(world)

    one = await world.imports(CSV, account_id=cash)

    (account, balance) = (await world.accounts())["Cash"]
    assert (account.id, account.kind) == (cash, AccountKind.CASH)
    assert balance == 10_000 + 92_420
    assert the_report(one).statements[0].account == "Cash"


@pytest.mark.parametrize("name", ["Imported account", "Everyday"])
async def test_an_account_is_the_same_by_its_id_and_by_its_name(
    world: ImportWorld, name: str
) -> None:
    await world.imports(CSV, account_name=name)
    account = await the_account(world)

    by_id = await world.imports(CSV, account_id=account.id)
    by_name = await world.imports(CSV, account_name=name)

    assert [the_report(one).new for one in (by_id, by_name)] == [0, 0]
    assert (await balance_of(world))[1] == "924.20 NOK"


async def test_a_manual_account_is_the_same_by_its_id_and_by_its_name(world: ImportWorld) -> None:
    cash = await a_manual_account(world)

    by_name = await world.imports(CSV, account_name="Cash")
    by_id = await world.imports(CSV, account_id=cash)

    assert [the_report(one).new for one in (by_name, by_id)] == [4, 0]
    assert set(await world.accounts()) == {"Cash"}
    assert (await the_account(world)).kind is AccountKind.CASH


async def test_a_file_of_another_account_does_not_go_into_this_one(world: ImportWorld) -> None:
    await world.imports(MT940)
    account = await the_account(world)
    before = await world.rows()

    other_number = await world.imports(CAMT, account_id=account.id)
    cash = await a_manual_account(world)
    other_currency = await world.imports(MT940, account_id=cash)

    assert why(other_number)[0] == why(other_currency)[0] == "statement_of_another_account"
    assert {name: n for name, n in (await world.rows()).items() if name == "entries"} == {
        "entries": before["entries"]
    }


async def test_a_file_of_two_accounts_does_not_go_into_one(world: ImportWorld) -> None:
    cash = await a_manual_account(world)
    file = b"date,amount,account\n2026-01-01,1.00,111\n2026-01-02,2.00,222\n"

    one = await world.imports(file, account_id=cash, csv=CsvMapping())

    assert why(one)[0] == "statement_of_another_account"
    assert await amounts(world) == []


async def test_without_a_currency_the_persons_own_is_taken(world: ImportWorld) -> None:
    his = await world.imports(CSV, BJORN)
    told = await world.imports(CSV, currency="DKK")

    assert the_report(his).statements[0].currency == "SEK"
    assert any("SEK was taken" in note for note in the_report(his).notes)
    assert the_report(told).statements[0].currency == "DKK"
    assert not any("was taken" in note for note in the_report(told).notes)


async def test_a_file_that_names_no_account_says_where_it_goes(world: ImportWorld) -> None:
    said = the_report(await world.imports(CSV)).notes

    (note,) = [one for one in said if "names no account" in one]
    assert "'Imported account'" in note
    assert "`account_name`" in note
    assert (await the_account(world)).name == "Imported account"


async def test_where_the_person_or_the_file_names_the_account_nothing_is_noted(
    world: ImportWorld,
) -> None:
    named = the_report(await world.imports(CSV, account_name="Everyday")).notes
    by_id = the_report(await world.imports(CSV, account_id=(await the_account(world)).id)).notes
    by_number = the_report(await world.imports(MT940)).notes

    assert not [one for one in (*named, *by_id, *by_number) if "names no account" in one]


async def test_a_category_of_the_persons_own_becomes_the_note(world: ImportWorld) -> None:
    file = (
        b"date,amount,category,merchant\n2026-01-01,-1.00,Groceries,Rema\n"
        b"2026-01-02,-2.00,Knitting,Yarn & Co\n2026-01-03,-3.00,Knitting,Yarn & Co\n"
    )

    one = await world.imports(file)

    entries = sorted(await world.books.entries(ANNA), key=lambda entry: entry.booked_on)
    assert [(entry.category, entry.note) for entry in entries] == [
        ("food.groceries", None),
        ("other.uncategorised", "Knitting"),
        ("other.uncategorised", "Knitting"),
    ]
    assert (
        "category 'Knitting' is not known; 2 transactions are uncategorised, with the word as"
        " their note"
    ) in the_report(one).notes
    assert the_report(await world.imports(file)).new == 0


async def test_an_older_file_does_not_move_the_balance_back(world: ImportWorld) -> None:
    old = b"date,amount,text,balance\n2026-01-01,-1.00,a,99.00\n2026-01-02,-1.00,b,98.00\n"
    new = b"date,amount,text,balance\n2026-01-03,-1.00,c,97.00\n2026-01-04,-1.00,d,96.00\n"

    await world.imports(new)
    await world.imports(old)

    assert await balance_of(world) == ("Imported account", "96.00 NOK")


async def test_another_persons_account_is_not_there(world: ImportWorld) -> None:
    await world.imports(CSV)
    account = await the_account(world)

    with pytest.raises(AccountNotFoundError):
        await world.sends(CSV, BJORN, account_id=account.id)


async def test_an_account_that_was_closed_meanwhile_refuses_the_import(world: ImportWorld) -> None:
    cash = await a_manual_account(world)
    ticket = await world.sends(CSV, account_id=cash)
    await CloseAccount(world.begin_ledger)(CloseAccountCommand(ANNA, cash))

    await world.works()

    assert why(await world.reader.get(ANNA, ticket.import_id))[0] == "account_not_found"


async def test_a_closed_account_takes_its_imported_entries_with_it(world: ImportWorld) -> None:
    empty = await world.rows()
    one = await world.imports(CSV)
    await CloseAccount(world.begin_ledger)(CloseAccountCommand(ANNA, (await the_account(world)).id))

    left = await world.rows()
    assert await world.books.entries(ANNA) == []
    assert set(left) - set(empty) <= {
        "ledger_feeds",
        "ledger_revisions",
        "ledger_changes",
        "outbox",
    }
    assert (await world.reader.get(ANNA, one.id)).state is ImportState.APPLIED
    assert the_report(await world.imports(CSV)).new == 4


async def test_an_import_belongs_to_the_person_who_sent_it(world: ImportWorld) -> None:
    one = await world.imports(CSV)

    with pytest.raises(ImportNotFoundError):
        await world.reader.get(BJORN, one.id)
    with pytest.raises(ImportNotFoundError):
        async with world.begin(BJORN) as tx:
            await tx.imports.get(one.id)
    assert await world.reader.newest(BJORN, 10) == []


async def test_imports_come_newest_first_and_in_pages(world: ImportWorld) -> None:
    sent = [(await world.imports(CSV)).id for _ in range(3)]

    first = await world.reader.newest(ANNA, 2)
    rest = await world.reader.newest(ANNA, 2, before=first[-1].id)

    assert [one.id for one in (*first, *rest)] == sent[::-1]


async def test_what_was_kept_of_an_import_comes_out_whole(world: ImportWorld) -> None:
    mapping = CsvMapping(date="#1", amount="#2", text=("#4", "#3"), skip_lines=0)
    ticket = await world.sends(CSV, csv=mapping, account_name="Everyday")

    async with world.begin(ANNA) as tx:
        one = await tx.imports.get(ticket.import_id)
        assert await tx.imports.file(one.id) == CSV

    assert one.options.csv == mapping
    assert one.options.account_name == "Everyday"
    assert one.created_at == world.clock.now()


async def test_files_are_forgotten_and_outcomes_stay(world: ImportWorld) -> None:
    old = await world.imports(CSV)
    world.clock.forward(days=91)
    new = await world.imports(CSV)

    async with world.begin(ANNA) as tx:
        assert await tx.imports.file(old.id) is None
        assert await tx.imports.file(new.id) == CSV
    assert (await world.reader.get(ANNA, old.id)).state is ImportState.APPLIED


async def test_a_job_that_comes_too_late_for_its_file_says_so(world: ImportWorld) -> None:
    ticket = await world.sends(CSV)
    async with world.begin(ANNA) as tx:
        await tx.imports.drop_files_before(world.clock.now() + timedelta(seconds=1))
        await tx.ledger.commit()

    await world.works()

    assert why(await world.reader.get(ANNA, ticket.import_id))[0] == "import_file_gone"


async def test_the_same_key_asks_once(world: ImportWorld) -> None:
    key = IdempotencyKey("k-1", "imports.request", b"1" * 32)
    first = await world.sends(CSV, key=key)
    again = await world.sends(CSV, key=key)

    assert (again.import_id, again.job_id, again.replayed) == (first.import_id, first.job_id, True)
    assert len(await world.reader.newest(ANNA, 10)) == 1
    other = IdempotencyKey("k-1", "imports.request", b"2" * 32)
    with pytest.raises(IdempotencyKeyReusedError):
        await world.sends(CSV, key=other)


async def test_a_job_that_runs_twice_reads_the_file_once(world: ImportWorld) -> None:
    ticket = await world.sends(CSV)
    async with world.begin(ANNA) as tx:
        await tx.ledger.jobs.enqueue(ImportStatementJob(user_id=ANNA, import_id=ticket.import_id))
        await tx.ledger.commit()

    await world.works()

    assert len(await amounts(world)) == 4
    assert [one.feeds[0].number for one in await world.reader.newest(ANNA, 10)] == [1]
