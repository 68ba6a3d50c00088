"""The receiving end of wake-ups: taskiq's receiver, kept alive."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from taskiq import AsyncBroker
from taskiq.receiver import Receiver

from adapters.wakeups.brokers import TASK_NAME

_AGAIN_AFTER_S: Final = 1.0
_AT_THE_LATEST_S: Final = 15.0
_LET_GO_S: Final = 2.0
_HELD_S: Final = 10.0
"""A broker that was heard for so long was there; losing it is news again."""


async def listen_for_wakeups(
    make_broker: Callable[[], AsyncBroker],
    look: Callable[[], None],
    trouble: Callable[[BaseException], None],
    stop: asyncio.Event,
) -> None:
    """Call `look` for every message until `stop`. A broker that fails is made anew.

    While it is out of reach workers live on their own looks, every few seconds. `trouble` is
    told once for each time that it is lost, and it is tried less and less often.
    """
    loop = asyncio.get_running_loop()
    wait_s, told = _AGAIN_AFTER_S, False
    # It logs whole messages and tracebacks of every lost connection; `trouble` says it once.
    logging.getLogger("taskiq").setLevel(logging.CRITICAL)
    while not stop.is_set():
        broker = make_broker()
        broker.is_worker_process = True
        began = loop.time()
        try:
            await _receive(broker, look, stop)
        except Exception as error:  # noqa: BLE001 - whatever it is, try again
            if loop.time() - began > _HELD_S:
                wait_s, told = _AGAIN_AFTER_S, False
            if not told:
                trouble(error)
            told = True
        finally:
            with suppress(Exception):
                await asyncio.wait_for(broker.shutdown(), _AGAIN_AFTER_S)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), wait_s)
        wait_s = min(2 * wait_s, _AT_THE_LATEST_S)


async def _receive(broker: AsyncBroker, look: Callable[[], None], stop: asyncio.Event) -> None:
    async def run_job(job_id: str) -> None:
        # Which job it is does not matter: whoever is free takes what is due.
        del job_id
        look()

    broker.register_task(run_job, task_name=TASK_NAME)
    receiver = Receiver(broker, max_async_tasks=10, run_startup=True)
    receiving = asyncio.create_task(receiver.listen(stop))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({receiving, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if receiving.done():
            receiving.result()
            look()  # what was sent while nobody listened is in the table
    finally:
        await _let_go(receiving, stopped)


async def _let_go(*tasks: asyncio.Task[Any]) -> None:
    """Cancel, and do not wait for ever: redis-py can lose the one cancellation that taskiq sends.

    Its reader then reads on until the loop ends. What it hears is heard by nobody.
    """
    for task in tasks:
        task.cancel()
    done, _ = await asyncio.wait(tasks, timeout=_LET_GO_S)
    await asyncio.gather(*done, return_exceptions=True)
