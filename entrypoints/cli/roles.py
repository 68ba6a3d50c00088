"""The parts of a server installation, a process each; as many of each as are wanted."""

import asyncio

from entrypoints.cli.say import complain
from entrypoints.cli.version import installed_version
from entrypoints.composition.house import House
from entrypoints.composition.running import answer, keep_time
from entrypoints.composition.running import work as work_jobs


async def serve(house: House, stop: asyncio.Event) -> int:
    def ready(address: str) -> None:
        complain(f"answering on {address}")

    answering = asyncio.create_task(
        answer(house.container, house.settings, installed_version(), ready), name="api"
    )
    await until_stopped(stop, answering)
    return 0


async def work(house: House, stop: asyncio.Event) -> int:
    complain("working")
    await work_jobs(house.container, house.settings, stop)
    return 0


async def schedule(house: House, stop: asyncio.Event) -> int:
    complain("keeping time")
    await keep_time(house.container, stop)
    return 0


async def until_stopped(
    stop: asyncio.Event, answering: "asyncio.Task[None]", *others: "asyncio.Task[None]"
) -> None:
    """Until asked to stop or one task ends by itself; then end them all.

    Answering is broken off, which lets open requests finish. The others heed `stop` themselves,
    and are waited for: a job that runs may end, and what is left is given back.

    A task's own fault is raised.
    """
    tasks = (answering, *others)
    stopped = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({stopped, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        stop.set()
        stopped.cancel()
        answering.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
