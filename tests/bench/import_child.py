"""A statement file through RequestImport, ImportStatement and ApplyFeed, as production composes."""

import asyncio
import gc
import os
import time
from pathlib import Path

import msgspec
import uvloop
from dishka import AsyncContainer

from application.jobs.work import Worker
from application.ledger.imports import ImportOptions, ImportsReader, ImportState
from application.ledger.request_import import RequestImport, RequestImportCommand
from application.shared.chance import Chance
from application.shared.clock import Clock
from application.shared.jobs import JobBoard
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from entrypoints.composition.settings import load_settings
from entrypoints.composition.world import production_world
from entrypoints.http.server import settle_garbage_collection
from entrypoints.logs import configure_logs
from entrypoints.worker.handlers import handlers_from
from tests.bench.children import peak_mb, resident_mb, tell, told
from tests.bench.sync_child import Done, LoudLog
from tests.support.joining import joining


class ImportTask(msgspec.Struct):
    settings: dict[str, str]
    path: str
    entries: int


async def measure(task: ImportTask) -> Done:
    os.environ.update(task.settings)
    container = production_world(load_settings(os.environ))
    try:
        worker = Worker(
            await container.get(JobBoard),
            await handlers_from(container),
            await container.get(Clock),
            await container.get(Chance),
            LoudLog(),
        )
        request, reader = await container.get(RequestImport), await container.get(ImportsReader)
        owner = await _somebody(container)
        settle_garbage_collection()
        gc.collect()
        idle, started = resident_mb(), time.perf_counter()
        options = ImportOptions(account_name="Bench", currency="NOK")
        content = await asyncio.to_thread(Path(task.path).read_bytes)
        ticket = await request(RequestImportCommand(owner, content, options))
        await worker.run_due()
        seconds = time.perf_counter() - started
        found = await reader.get(owner, ticket.import_id)
        assert found.state is ImportState.APPLIED, found
        assert found.report is not None
        assert found.report.new == task.entries, found.report
        return Done(seconds, idle, peak_mb() - idle)
    finally:
        await container.close()


async def _somebody(container: AsyncContainer) -> UserId:
    email = f"bench-{time.time_ns()}@example.org"
    join = await joining(container)
    return (await join("Bench", email, Secret("four quiet words here"))).id


if __name__ == "__main__":
    configure_logs("json", "WARNING")
    tell(uvloop.run(measure(told(ImportTask))))
