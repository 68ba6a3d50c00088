"""What an administrator does at the command line."""

import asyncio
from typing import Final
from uuid import UUID

from rich.console import Console
from rich.table import Table

from application.audit.verify_trail import VerifyTrail
from application.shared.jobs import JobBoard, JobState
from domain.shared.ids import JobId
from entrypoints.cli.say import complain, say
from entrypoints.composition.begin import Beginning
from entrypoints.composition.house import House, migrate_house

WIDE: Final = 140


async def migrate(beginning: Beginning) -> int:
    await migrate_house(beginning.settings, beginning.database, complain)
    say("The database's schema is up to date.")
    return 0


async def list_jobs(house: House, stop: asyncio.Event, *, state: str | None, limit: int) -> int:
    del stop
    board = await house.container.get(JobBoard)
    found = await board.list(None if state is None else JobState(state), limit)
    if not found:
        say("No jobs." if state is None else f"No {state} jobs.")
        return 0
    table = Table()
    for heading in ("id", "name", "state", "attempts", "runs at", "error"):
        table.add_column(heading, no_wrap=True)
    for job in found:
        table.add_row(
            str(job.id),
            job.name,
            job.state,
            str(job.attempts),
            f"{job.run_at:%Y-%m-%d %H:%M:%S}",
            job.error or "",
        )
    # Ids are there to be copied: better a wide line than half an id.
    Console(width=max(WIDE, Console().width)).print(table)
    return 0


async def requeue_job(house: House, stop: asyncio.Event, *, job_id: UUID) -> int:
    del stop
    board = await house.container.get(JobBoard)
    await board.requeue(JobId(job_id))
    say(f"Job {job_id} will run again.")
    return 0


async def verify_audit(house: House, stop: asyncio.Event) -> int:
    del stop
    verify = await house.container.get(VerifyTrail)
    report = await verify()
    for broken in report.breaks:
        say(f"BROKEN: person {broken.user_id}, entry {broken.seq}: {broken.what}")
    say(
        f"{report.rows} entries of {report.persons} persons: "
        + ("whole" if report.whole else "NOT whole")
    )
    return 0 if report.whole else 1
