"""Stopping to listen, even to a broker that cannot be told to stop."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from taskiq import AsyncBroker, BrokerMessage
from typing_extensions import override

from adapters.wakeups.listen import listen_for_wakeups
from tests.worker.world import PATIENCE_S


class HardOfHearing(AsyncBroker):
    """Loses the first cancellation, as redis-py can when one meets the end of a read."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = asyncio.Event()
        self.told = 0

    @override
    async def kick(self, message: BrokerMessage) -> None:
        raise NotImplementedError

    @override
    async def listen(self) -> AsyncGenerator[bytes, None]:
        self.reading.set()
        while self.told < 2:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                self.told += 1
        yield b""


async def test_who_stops_does_not_wait_for_a_reader_that_lost_its_cancellation() -> None:
    broker, stop = HardOfHearing(), asyncio.Event()
    trouble: list[BaseException] = []
    listening = asyncio.create_task(
        listen_for_wakeups(lambda: broker, lambda: None, trouble.append, stop)
    )
    await broker.reading.wait()
    stop.set()

    await asyncio.wait_for(listening, PATIENCE_S)

    assert broker.told == 1
    assert trouble == []
    await _end_what_reads_on()


async def _end_what_reads_on() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert left
    while any(not task.done() for task in left):
        for task in left:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait(left, timeout=0.1)
