"""How a life ends: without faults, until nothing is left to be done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from application.connections.jobs import FindOutOfStepJob
from application.ledger.replay_request import RequestReplay
from domain.connections.connection import ConnectionStatus
from tests.faults.simulation.check import Checks
from tests.faults.simulation.house import House
from tests.faults.simulation.kept import WrongError
from tests.faults.simulation.life import Life
from tests.faults.simulation.months import open_all
from tests.faults.simulation.people import People
from tests.faults.simulation.post import Post
from tests.faults.simulation.sharing import answer_what_is_asked
from tests.faults.simulation.truth import Human, Login
from tests.support.clock import FixedClock

_LATER: Final = (0, 62)
"""Days: long enough, in the end, for everything that grows old to be void."""
_ROUNDS_MAX: Final = 30
"""Of an hour and more: within a day, whatever was put off may be done."""


@dataclass(frozen=True, slots=True)
class Ending:
    house: House
    people: People
    life: Life
    post: Post
    clock: FixedClock
    checks: Checks
    humans: Sequence[Human]

    async def comes(self) -> None:
        """Everything is worked off, and every link is what it was meant to be."""
        # Before anything new is read that would heal it: nothing was forgotten by those who died.
        await self._until_quiet()
        await self.checks.nothing_waits()
        self.life.comes_to_rest(self.clock.at.date())
        await self.post.deliver_all()
        for days in _LATER:
            self.clock.forward(days=days)
            await self.house.enqueue(FindOutOfStepJob())
            await self._everything_is_read()
        await self.checks.at_any_time()
        for human in self.humans:
            await open_all(self.people, human)
        await self._until_quiet()
        self.life.goes_shopping(self.clock.at.date())
        await self._everything_is_read()
        for human in self.humans:
            await answer_what_is_asked(self.people, human)
        await self._until_quiet()

    async def understand_all_again(self) -> None:
        """With the same matcher the truth comes out once more."""
        for human in self.humans:
            for login in human.logins:
                one = await self.people.connection_of(human, login)
                if one is not None and human.may_be_replayed:
                    await self.house.the(RequestReplay)(human.id, one.feed_id)
        await self._until_quiet()

    async def _everything_is_read(self) -> None:
        for turn in range(_ROUNDS_MAX):
            for human, login in self._logins():
                more = turn == 0 or bool(login.hidden)
                login.brings_the_rest()
                await self._read_anew(human, login, more=more)
            await self._until_quiet()
            if await self._is_all_read():
                return
        raise WrongError("a link is behind, whatever is done")

    def _logins(self) -> Iterator[tuple[Human, Login]]:
        for human in self.humans:
            for login in human.logins:
                yield human, login

    async def _is_all_read(self) -> bool:
        for human, login in self._logins():
            one = await self.people.connection_of(human, login)
            if login.hidden:
                return False
            if one is not None and not (one.may_be_read and one.wanted == one.served):
                return False
        return True

    async def _read_anew(self, human: Human, login: Login, *, more: bool) -> None:
        """What is wanted already comes by itself: at most four times a day, so why ask again."""
        one = await self.people.connection_of(human, login)
        if one is not None and one.status is ConnectionStatus.REQUIRES_RENEWAL:
            await self.people.renew(human, login)
        elif more:
            await self.people.sync_now(human, login)

    async def _until_quiet(self) -> None:
        for _ in range(3):
            self.clock.forward(minutes=25)
            await self.house.backend.board.sweep()
            await self.house.worker().run_due()
