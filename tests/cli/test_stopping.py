"""How the parts of one process end together."""

import asyncio

import pytest

from entrypoints.cli.roles import until_stopped


async def test_a_job_that_runs_may_end_while_answering_is_broken_off() -> None:
    stop, ended = asyncio.Event(), list[str]()

    async def answer() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)  # open requests
            ended.append("answering")

    async def work() -> None:
        await stop.wait()
        await asyncio.sleep(0.1)  # the job that runs
        ended.append("working")

    asyncio.get_running_loop().call_later(0.01, stop.set)
    await until_stopped(stop, asyncio.create_task(answer()), asyncio.create_task(work()))

    assert ended == ["answering", "working"]


async def test_a_part_that_fails_takes_the_others_along_and_its_fault_is_told() -> None:
    stop = asyncio.Event()

    async def answer() -> None:
        raise OSError("the port is taken")

    async def work() -> None:
        await stop.wait()

    working = asyncio.create_task(work())
    with pytest.raises(OSError, match="the port is taken"):
        await until_stopped(stop, asyncio.create_task(answer()), working)

    assert working.done()
