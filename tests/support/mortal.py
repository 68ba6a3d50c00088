"""A process that can be made to end at any await: what a crash leaves behind, without a crash."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, cast


class DeathError(BaseException):
    """Not an Exception: nothing may catch it and go on, as nothing survives a power cut."""


@dataclass(slots=True)
class Fate:
    """Counts the steps of a process and ends it at one of them."""

    steps_left: int

    def step(self) -> None:
        if self.steps_left == 0:
            raise DeathError
        self.steps_left -= 1

    def of_call(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def mortal(*args: object, **named: object) -> object:
            self.step()
            result = await call(*args, **named)
            self.step()  # it was done, and nobody got to know
            return result

        return mortal


@dataclass(slots=True)
class Mortal:
    """Stands for a port; every call of it may be the last."""

    port: object
    fate: Fate

    def __getattr__(self, name: str) -> object:
        value = getattr(self.port, name)
        return self.fate.of_call(value) if callable(value) else value


Begin = Callable[..., AbstractAsyncContextManager[Any]]


def mortal_begin(begin: Begin, fate: Fate) -> Begin:
    """Transactions whose every step, the commit included, may be the last."""

    @asynccontextmanager
    async def beginning(*args: object) -> AsyncIterator[object]:
        fate.step()
        async with begin(*args) as tx:
            ports = {one.name: getattr(tx, one.name) for one in fields(tx)}
            commit = cast("Callable[..., Awaitable[Any]]", ports.pop("commit"))
            yield replace(
                tx,
                commit=fate.of_call(commit),
                **{name: Mortal(port, fate) for name, port in ports.items()},
            )

    return beginning
