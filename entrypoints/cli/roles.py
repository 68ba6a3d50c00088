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


async def until_stopped(stop: asyncio.Event, *tasks: "asyncio.Task[None]") -> None:
    """Until asked to stop or one task ends by itself; then end the others, in order.

    A task's own fault is raised.
    """
    stopped = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({stopped, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        stop.set()
        stopped.cancel()
        for task in tasks:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
