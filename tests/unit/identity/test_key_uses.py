"""Noting the last use of a key: seldom, beside the request, and never in its way."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from adapters.tokens.key_uses import LaterKeyUses
from application.shared.caller import Claims
from domain.shared.errors import UnavailableError
from domain.shared.ids import SessionId, UserId
from tests.support.clock import NOON, FixedClock


@dataclass(slots=True)
class Desk:
    """Where uses are written down, once its door is open."""

    open: asyncio.Event = field(default_factory=asyncio.Event)
    written: list[Claims] = field(default_factory=list)
    broken: Exception | None = None

    async def __call__(self, claims: Claims) -> None:
        await self.open.wait()
        if self.broken:
            raise self.broken
        self.written.append(claims)


@dataclass(slots=True)
class World:
    desk: Desk = field(default_factory=Desk)
    clock: FixedClock = field(default_factory=FixedClock)
    lost: list[BaseException] = field(default_factory=list)

    def uses(self) -> LaterKeyUses:
        return LaterKeyUses(self.desk, self.lost.append, self.clock)


def key(number: int) -> Claims:
    return Claims(UserId(UUID(int=1)), SessionId(UUID(int=number)), NOON, frozenset())


async def test_nobody_waits_for_it() -> None:
    world = World()
    uses = world.uses()

    uses.note(key(1))
    await asyncio.sleep(0)
    assert world.desk.written == []

    world.desk.open.set()
    await uses.settled()
    assert world.desk.written == [key(1)]


async def test_each_key_is_noted_once_a_minute() -> None:
    world = World()
    uses = world.uses()
    world.desk.open.set()
    for _ in range(3):
        for _ in range(5):
            uses.note(key(1))
            uses.note(key(2))
        world.clock.forward(seconds=60)

    await uses.settled()
    assert [world.desk.written.count(key(number)) for number in (1, 2)] == [3, 3]


@pytest.mark.parametrize("error", [UnavailableError("the database is away"), KeyError("a bug")])
async def test_a_use_that_cannot_be_written_is_told_of_and_let_go(error: Exception) -> None:
    world = World()
    uses = world.uses()
    world.desk.broken = error
    world.desk.open.set()

    uses.note(key(1))
    await uses.settled()

    assert world.lost == [error]
    world.desk.broken = None
    world.clock.forward(minutes=1)
    uses.note(key(1))
    await uses.settled()
    assert world.desk.written == [key(1)]
