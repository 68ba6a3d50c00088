"""Processes that take turns, and may end at any moment: driven by hand, so that a seed decides.

A process is a coroutine that nobody but the stage lets go on. It stands still wherever a real one
would let others by: before each transaction, before and after each call of a bank. No two of them
ever wait for the same lock, so a run over PostgreSQL takes the same turns as one in memory.
"""

import types
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from inspect import isasyncgenfunction
from random import Random
from typing import Any, Final, TypeVar, cast

from tests.support.mortal import DeathError, Fate

T = TypeVar("T")
Begin = Callable[..., AbstractAsyncContextManager[Any]]
_PARKED: Final = object()


@types.coroutine
def _park() -> Generator[object, None, None]:
    yield _PARKED


@dataclass(slots=True)
class LastCommit(Fate):
    """Ends a process right before one of its commits, or right after: where it hurts most."""

    commits_left: int = 0
    before: bool = True

    def of_commit(self, commit: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def mortal() -> None:
            last = self.commits_left == 0
            self.commits_left -= 1
            if last and self.before:
                raise DeathError
            await commit()
            if last:
                raise DeathError  # it was done, and nobody got to know

        return mortal


_NEVER: Final = 1 << 30


def a_fate(dice: Random, steps: int, commits: int) -> Fate:
    """An end within so many steps, or at one of the first commits."""
    if dice.random() < 0.35:
        return Fate(dice.randrange(steps))
    return LastCommit(_NEVER, dice.randrange(commits), dice.random() < 0.6)


@dataclass(slots=True, eq=False)
class Process:
    """`fate` is None for one that lives on."""

    name: str
    work: Coroutine[Any, Any, Any]
    fate: Fate | None = None
    died: bool = False


@dataclass(slots=True)
class Stage:
    current: Process | None = None

    async def pause(self) -> None:
        """Let others by. Who is not on the stage does not stop."""
        if self.current is not None:
            await _park()

    @property
    def fate(self) -> Fate | None:
        return self.current.fate if self.current is not None else None

    def step(self) -> None:
        """A moment at which the process may end."""
        fate = self.fate
        if fate is not None:
            fate.step()

    async def advance(self, process: Process) -> bool:
        """Let it go on until it stands still, and say whether it is over."""
        before, self.current = self.current, process
        try:
            return await _drive(process.work)
        except DeathError:
            process.died = True
            return True
        finally:
            self.current = before

    async def to_the_end(self, process: Process) -> None:
        while not await self.advance(process):
            pass


@types.coroutine
def _drive(work: Coroutine[Any, Any, Any]) -> Generator[Any, Any, bool]:
    try:
        wanted = work.send(None)
        while wanted is not _PARKED:
            try:
                got = yield wanted
            except BaseException as error:  # noqa: BLE001 - it is the process' to deal with
                wanted = work.throw(error)
            else:
                wanted = work.send(got)
    except StopIteration:
        return True
    return False


def staged(begin: Begin, stage: Stage) -> Begin:
    """Transactions that others may come before, and whose every call may be the last."""

    @asynccontextmanager
    async def beginning(*args: object) -> AsyncIterator[object]:
        await stage.pause()
        fate = stage.fate
        if fate is None:
            async with begin(*args) as tx:
                yield tx
            return
        fate.step()
        async with begin(*args) as tx:
            yield perilous(tx, fate)

    return beginning


def perilous(tx: T, fate: Fate) -> T:
    """A transaction of ports, each call of which may be the process' last."""
    named: dict[str, Any] = {}
    for one in fields(cast("Any", tx)):
        port = getattr(tx, one.name)
        if one.name == "commit":
            mortal = fate.of_commit if isinstance(fate, LastCommit) else fate.of_call
            named[one.name] = mortal(cast("Callable[..., Awaitable[Any]]", port))
        elif is_dataclass(port) and hasattr(port, "commit") and hasattr(port, "jobs"):
            named[one.name] = perilous(port, fate)
        else:
            named[one.name] = Perilous(port, fate)
    return cast("T", replace(cast("Any", tx), **named))


@dataclass(slots=True)
class Perilous:
    port: object
    fate: Fate

    def __getattr__(self, name: str) -> object:
        value = getattr(self.port, name)
        if not callable(value) or isasyncgenfunction(value):
            return value
        return self.fate.of_call(value)
