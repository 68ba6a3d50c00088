"""What `daler matcher` does in the open house."""

import asyncio
from typing import Final
from uuid import UUID

from rich.console import Console
from rich.table import Table

from application.connections.ports import BeginConnectionsTx, BeginHouseTx, LinkedName
from application.ledger.replay import PreviewReplay, ReplayReport
from application.ledger.replay_request import RequestReplay
from application.shared.jobs import JobBoard, JobState
from domain.connections.connection import Connection
from domain.shared.ids import ConnectionId, FeedId, UserId
from entrypoints.cli.administration import WIDE
from entrypoints.cli.importing import LOOK_EVERY_S, NobodyError, owner_named
from entrypoints.cli.say import complain, say
from entrypoints.composition.house import House
from entrypoints.composition.running import work

_ENDED: Final = (JobState.DONE, JobState.DEAD)


async def replay(
    house: House, stop: asyncio.Event, *, connection: UUID, email: str | None, dry_run: bool
) -> int:
    """Show what a replay would change; without `dry_run`, have a job change it and wait for it."""
    owner = await _owner_of(house, ConnectionId(connection), email)
    feed_id = await _feed_of(house, owner, ConnectionId(connection))
    preview = await house.container.get(PreviewReplay)
    report = await preview(owner, feed_id)
    _tell(report)
    if dry_run or (report.is_empty and not report.suggested):
        return 0
    if report.closed:
        complain("nothing was changed: open these months again first")
        return 1
    request = await house.container.get(RequestReplay)
    job_id = await request(owner, feed_id)
    board = await house.container.get(JobBoard)
    working = asyncio.create_task(work(house.container, house.settings, stop))
    try:
        while (state := (await board.get(job_id)).state) not in _ENDED:
            if stop.is_set():
                complain("stopped; the replay goes on when a worker runs")
                return 1
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        stop.set()
        await working
    if state is JobState.DEAD:
        complain(f"the replay failed; 'daler jobs requeue {job_id}' tries again")
        return 1
    say("Done.")
    return 0


async def _owner_of(house: House, connection_id: ConnectionId, email: str | None) -> UserId:
    """As the house's own list of linked names says; it forgets what is disconnected."""
    if email is not None:
        return await owner_named(house, email)
    begin = await house.container.get(BeginHouseTx)
    async with begin() as tx:
        name: LinkedName | None = await tx.names.of(connection_id)
    if name is None:
        raise NobodyError(
            f"no connection {connection_id} is linked; if it was disconnected and its history"
            " kept, say whose it is: --email anna@example.org"
        )
    return name.user_id


async def _feed_of(house: House, owner: UserId, connection_id: ConnectionId) -> FeedId:
    begin = await house.container.get(BeginConnectionsTx)
    async with begin(owner) as tx:
        connection: Connection = await tx.connections.get(connection_id)
    return connection.feed_id


def _tell(report: ReplayReport) -> None:
    say(f"Matcher {report.matcher} over {report.updates} updates: {_counts(report)}.")
    for closed in report.closed:
        say(f"{closed.name} of account {closed.account_id} is closed: {closed.because}.")
    if not report.rows:
        return
    table = Table("transaction", "day", "now", "then")
    for row in report.rows:
        table.add_row(str(row.entry_id), row.booked_on.isoformat(), row.before, row.after)
    Console(width=WIDE, highlight=False, markup=False).print(table)
    left = report.added + report.changed - len(report.rows)
    if left > 0:
        say(f"... and {left} more.")


def _counts(report: ReplayReport) -> str:
    if report.is_empty and not report.suggested:
        return "nothing changes"
    return (
        f"{report.added} new, {report.changed} changed ({report.removed} of them not shown any"
        f" more), {report.relinked} names of another entry, {report.suggested} to ask about"
    )
