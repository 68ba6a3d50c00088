"""`daler import FILE`."""

import asyncio
from pathlib import Path
from typing import Final

from application.identity.ports import Directory
from application.ledger.imports import ImportOptions, ImportsReader, ImportState, StatementImport
from application.ledger.request_import import RequestImport, RequestImportCommand
from application.shared.jobs import JobBoard, JobState
from domain.identity.email import EmailAddress
from domain.shared.errors import RuleError
from domain.shared.ids import UserId
from entrypoints.cli.demo import Login, login_file
from entrypoints.cli.say import complain, say
from entrypoints.composition.house import House
from entrypoints.composition.running import work

LOOK_EVERY_S: Final = 0.05
UNDER_WAY: Final = (ImportState.WAITING, ImportState.RECEIVED)


class NobodyError(RuleError):
    code = "nobody"


async def import_file(
    house: House,
    stop: asyncio.Event,
    *,
    file: Path,
    email: str | None,
    account: str | None,
    currency: str | None,
    dry_run: bool,
) -> int:
    """Import a file as the API would, with a worker of its own, and say what became of it."""
    try:
        content = await asyncio.to_thread(file.read_bytes)
    except OSError as error:
        complain(f"{file} cannot be read: {error.strerror}")
        return 1
    owner = await owner_named(house, email)
    options = ImportOptions(account_name=account, currency=currency, dry_run=dry_run)
    request = await house.container.get(RequestImport)
    ticket = await request(RequestImportCommand(owner, content, options))
    working = asyncio.create_task(work(house.container, house.settings, stop))
    reader = await house.container.get(ImportsReader)
    board = await house.container.get(JobBoard)
    try:
        while (found := await reader.get(owner, ticket.import_id)).state in UNDER_WAY:
            if (await board.get(ticket.job_id)).state is JobState.DEAD:
                complain(f"the import failed; 'daler jobs requeue {ticket.job_id}' tries again")
                return 1
            if stop.is_set():
                complain("stopped; the import goes on when a worker runs")
                return 1
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        stop.set()
        await working
    return _tell(file, found)


async def owner_named(house: House, email: str | None) -> UserId:
    if email is None:
        if not login_file(house.settings.home).exists():
            raise NobodyError("say whose ledger it is for: --email anna@example.org")
        email = Login.kept_in(house.settings.home).email
    directory = await house.container.get(Directory)
    owner: UserId | None = await directory.owner_of_email(EmailAddress.parse(email))
    if owner is None:
        raise NobodyError(f"nobody is registered with {email}")
    return owner


def _tell(file: Path, found: StatementImport) -> int:
    if found.refusal is not None:
        complain(f"{file} was refused, and nothing of it was kept:")
        for problem in found.refusal.details:
            complain(f"  {problem.field}: {problem.message}")
        if not found.refusal.details:
            complain(f"  {found.refusal.message}")
        return 1
    if found.report is None:
        return 1
    report = found.report
    for statement in report.statements:
        line = f"{statement.account}: {statement.entries} entries, {statement.total}"
        if statement.opening is not None and statement.closing is not None:
            line += f" (from {statement.opening} to {statement.closing})"
        say(line)
    for note in report.notes:
        say(f"note: {note}")
    done = "would be new" if found.state is ImportState.CHECKED else "new"
    counts = f"{report.new} {done}, {report.known} known"
    say(f"{report.entries} entries read as {report.format}: {counts}.")
    return 0
