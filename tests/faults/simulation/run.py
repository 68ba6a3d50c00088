"""One run: a seed, and everything that follows from it."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from typing_extensions import override

from application.connections.banks import Banks
from application.connections.jobs import FindOutOfStepJob
from domain.connections.provider import Provider
from domain.ledger.entry import Entry
from domain.shared.ids import UserId
from tests.faults.simulation import deeds, months, sharing
from tests.faults.simulation.bank import SimBank, Trouble
from tests.faults.simulation.check import Checks
from tests.faults.simulation.ending import Ending
from tests.faults.simulation.house import Backend, House, Spoilt, a_house
from tests.faults.simulation.life import OF_ONE_LOGIN, Life
from tests.faults.simulation.people import People
from tests.faults.simulation.post import Post
from tests.faults.simulation.stage import Process, Stage, a_fate
from tests.faults.simulation.town import a_town
from tests.faults.simulation.truth import Human, Login
from tests.support.clock import CountedIds, FixedClock

STEPS: Final = 500
_WORKERS: Final = 2
_CHECK_EVERY: Final = 25

OpenBackend = Callable[
    [FixedClock, CountedIds, Sequence[UserId]], AbstractAsyncContextManager[Backend]
]


@dataclass(slots=True)
class PassingClock(FixedClock):
    """Time passes while one looks: no two jobs are due at the same instant, as in life."""

    @override
    def now(self) -> datetime:
        self.at += timedelta(microseconds=1)
        return self.at


@dataclass(slots=True)
class Simulation:
    seed: int
    open: OpenBackend
    spoilt: Spoilt = field(default_factory=dict)
    people_max: int = 4
    mortality: float | None = None
    """How often a process dies; None: that is drawn, too."""
    dice: Random = field(init=False)
    clock: PassingClock = field(default_factory=PassingClock)
    stage: Stage = field(default_factory=Stage)
    trouble: Trouble = field(init=False)
    humans: list[Human] = field(init=False)
    life: Life = field(init=False)
    house: House = field(init=False)
    people: People = field(init=False)
    post: Post = field(init=False)
    checks: Checks = field(init=False)
    ending: Ending = field(init=False)
    workers: list[Process | None] = field(default_factory=lambda: [None] * _WORKERS)
    requests: dict[UserId, Process] = field(default_factory=dict)
    fragile: float = 0.0
    step: int = 0
    trace: list[str] = field(default_factory=list)
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        dice = self.dice = Random(self.seed)  # noqa: S311 - to be drawn again, no secret
        self.humans = a_town(dice, self.people_max)
        self.life = Life(dice, self.humans)
        self.trouble = Trouble(dice, dice.choice((0.0, 0.02, 0.06, 0.15)))
        drawn = dice.choice((0.0, 0.2, 0.5, 0.8))
        self.fragile = drawn if self.mortality is None else self.mortality

    async def run(self, steps: int = STEPS) -> str:
        """Raises whatever is wrong; returns a digest of all that happened."""
        ids = CountedIds()
        async with self.open(self.clock, ids, [human.id for human in self.humans]) as backend:
            self._compose(backend, ids)
            try:
                return await self._run(steps)
            finally:
                for process in [*self.requests.values(), *(one for one in self.workers if one)]:
                    process.work.close()

    def _compose(self, backend: Backend, ids: CountedIds) -> None:
        dice = self.dice
        logins = {login.key: login for human in self.humans for login in human.logins}
        banks = {
            one: SimBank(one, logins, self.stage, self.trouble, self.clock) for one in Provider
        }
        self.house = a_house(backend, self.stage, self.clock, ids, dice, Banks(banks), self.spoilt)
        self.people = People(self.house, self.stage, dice, self.humans, self.fragile)
        self.post = Post(self.house, self.stage, dice)
        self.checks = Checks(self.house, self.people, self.humans)
        self.ending = Ending(
            self.house, self.people, self.life, self.post, self.clock, self.checks, self.humans
        )

    def note(self, what: str) -> None:
        line = f"{self.step:4} {self.clock.at.isoformat(' ', 'seconds')[5:19]} {what}"
        self.trace.append(line)
        self.digest.update(line.encode())

    async def _run(self, steps: int) -> str:
        await self._begin()
        for self.step in range(steps):
            await self._step()
            if self.step % _CHECK_EVERY == _CHECK_EVERY - 1:
                await self.checks.at_any_time()
                await self.house.insight.tidy()
        await self._calm_down()
        await self.ending.comes()
        await self.checks.at_the_end()
        await self.ending.understand_all_again()
        await self.checks.at_the_end()
        await self._write_down()
        return self.digest.hexdigest()[:16]

    async def _calm_down(self) -> None:
        """No more faults; whoever has begun something ends it."""
        self.trouble.on, self.people.fragile = False, 0.0
        for process in [*self.requests.values(), *(one for one in self.workers if one)]:
            process.fate = None
            await self.stage.to_the_end(process)
        self.requests.clear()
        self.workers = [None] * _WORKERS

    async def _write_down(self) -> None:
        """All that a person could tell the difference by; ids are nobody's business."""
        for human in self.humans:
            entries = await self.house.insight.books.entries(human.id)
            self.digest.update("".join(sorted(map(_shown, entries))).encode())

    async def _step(self) -> None:
        act = self.dice.choices(_ACTS, _WEIGHTS)[0]
        await act(self)

    async def _begin(self) -> None:
        """Most banks have a past, and most people have linked them."""
        calm, self.trouble.on, self.people.fragile = self.trouble.on, False, 0.0
        for _ in range(self.dice.randrange(60)):
            self._something()
        for human in self.humans:
            for login in human.logins:
                if self.dice.random() < 0.8:
                    await self.people.link(human, login)
        self.trouble.on, self.people.fragile = calm, self.fragile

    async def work_goes_on(self) -> None:
        for _ in range(self.dice.randrange(1, 4)):
            await self._slice()

    async def _slice(self) -> None:
        """One worker goes on until it stands still."""
        at = self.dice.randrange(_WORKERS)
        process = self.workers[at]
        if process is None:
            dies = self.dice.random() < self.fragile
            fate = a_fate(self.dice, steps=100, commits=4) if dies else None
            process = Process(f"worker {at}", self.house.worker().run_due(), fate)
            self.workers[at] = process
        over = await self.stage.advance(process)
        if over:
            self.workers[at] = None
            self.house.board.held.pop(id(process), None)
        self.note(f"{process.name} {'dies' if process.died else 'ends' if over else 'works'}")

    async def life_goes_on(self) -> None:
        for _ in range(self.dice.randrange(1, 4)):
            self._something()

    def _something(self) -> None:
        done = self.life.happens(self.clock.at.date())
        if done is not None:
            login, what, movement = done
            self.post.tell(login, what, movement, movement.name)
            for also in movement.true.copies if what not in OF_ONE_LOGIN else ():
                self.post.tell(also.account.login, what, also, also.name)
            self.note(f"{login.key} {what} {movement.name} {movement.facts}")

    async def post_comes(self) -> None:
        told = await self.post.deliver(self.fragile)
        if told is not None:
            self.note(told)

    async def time_passes(self) -> None:
        seconds = self.dice.choice((1, 5, 30, 30, 300, 3_600, 8 * 3_600, 86_400, 2 * 86_400))
        if self.dice.random() < 0.05:
            self.clock.forward(seconds=-self.dice.randrange(1, 20))
        else:
            self.clock.forward(seconds=seconds)
        for process in self.workers:
            lease = process and self.house.lease_of(process)
            # One that hangs does not tell that it lives, and somebody else takes its job over.
            if lease and self.dice.random() < 0.85:
                await self.house.backend.board.beat([lease])
        await self.house.backend.board.sweep()
        self.note("time")

    async def somebody_acts(self) -> None:
        human = self.dice.choice(self.humans)
        process = self.requests.get(human.id)
        if process is None and self.requests and self.dice.random() < 0.7:
            # Who has begun something goes on with it soon.
            process = self.requests[min(self.requests)]
            human = next(one for one in self.humans if self.requests.get(one.id) is process)
        if process is None:
            login = self.dice.choice(human.logins)
            what, deed = self.dice.choices(_DEEDS, _DEED_WEIGHTS)[0]
            work = self.people.attempt(what, deed(self.people, human, login))
            process = Process(f"{human.id.int:x} {what} {login.key}", work)
            self.requests[human.id] = process
            if what in _IN_ONE_GO:
                await self.stage.to_the_end(process)
                del self.requests[human.id]
                self.note(process.name)
                return
        if await self.stage.advance(process):
            del self.requests[human.id]
        self.note(process.name)

    async def chore_is_due(self) -> None:
        await self.house.enqueue(FindOutOfStepJob())
        self.note("chore")


def _shown(one: Entry) -> str:
    said = one.category, one.note, one.split, one.transfer is None
    return repr((one.booked_on, one.amount, one.text, one.status, one.removed, said))


_Act = Callable[[Simulation], Awaitable[None]]
_CHANCES: Final[Sequence[tuple[_Act, int]]] = (
    (Simulation.work_goes_on, 40),
    (Simulation.life_goes_on, 22),
    (Simulation.time_passes, 10),
    (Simulation.somebody_acts, 22),
    (Simulation.post_comes, 8),
    (Simulation.chore_is_due, 1),
)
_ACTS: Final = [act for act, _ in _CHANCES]
_WEIGHTS: Final = [weight for _, weight in _CHANCES]

_IN_ONE_GO: Final = frozenset({"takes over"})
"""Of what they see: they must not mean something else by the time it is done."""
_Deed = Callable[[People, Human, Login], Awaitable[bool | None]]
_DEED_CHANCES: Final[Sequence[tuple[str, _Deed, int]]] = (
    ("links", People.link, 20),
    ("renews", People.renew, 4),
    ("lets go", People.disconnect, 5),
    ("asks for news", People.sync_now, 10),
    ("says", People.say, 20),
    ("deletes", People.delete, 8),
    ("decides", deeds.decide, 8),
    ("takes apart", deeds.take_apart, 3),
    ("pairs", deeds.pair, 2),
    ("judges", deeds.judge, 4),
    ("replays", deeds.replay, 2),
    ("pries", deeds.pry, 6),
    ("joins", sharing.join, 26),
    ("separates", sharing.separate, 8),
    ("dismisses", sharing.dismiss, 1),
    ("closes", months.close, 6),
    ("opens", months.open_again, 2),
    ("takes over", deeds.take_over, 2),
)
_DEEDS: Final = [(what, deed) for what, deed, _ in _DEED_CHANCES]
_DEED_WEIGHTS: Final = [weight for _, _, weight in _DEED_CHANCES]
