"""Calling a provider: one deadline for all, few and spread-out tries, a budget, a breaker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

import httpx

from adapters.outbound.breaker import Breaker
from adapters.outbound.budget import Budget, no_budget
from adapters.outbound.call import (
    Call,
    Circuit,
    GarbledAnswerError,
    OutboundObserver,
    Outcome,
    Reply,
    Seen,
)
from adapters.outbound.wire import Wire
from application.connections.gateway import ProviderBusyError, ProviderUnavailableError
from application.shared.chance import Chance
from domain.shared.retries import RetryPolicy

T = TypeVar("T")

TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500

TRIES = RetryPolicy(attempts_max=3, base_s=0.3, ceiling_s=4.0)
"""Enough for a hiccup. Whatever lasts longer is for the job that waits minutes, not seconds."""

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Troubles before a single byte of a request has left."""


def unread(reply: Reply) -> Reply:
    return reply


@dataclass(frozen=True, slots=True)
class Outbound:
    """The way to one provider. No error of the HTTP library leaves it."""

    provider: str
    wire: Wire
    breaker: Breaker
    observer: OutboundObserver
    chance: Chance
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    budget: Budget = field(default_factory=lambda: no_budget("nobody"))

    async def send(
        self,
        call: Call,
        read: Callable[[bytes], T],
        refused: Callable[[Reply], Exception],
    ) -> T:
        """What `read` makes of a good answer's body; what `refused` makes of another is raised.

        `read` may raise GarbledAnswerError, which counts against the provider.

        Raises:
            ProviderUnavailableError: no answer in time, or none that can be read.
        """
        deadline = asyncio.timeout(call.deadline_s)
        try:
            async with deadline:
                return await self._try_on(call, read, refused, deadline)
        except TimeoutError as error:
            if not deadline.expired():
                raise
            raise ProviderUnavailableError(self.provider, "no answer in time") from error
        except GarbledAnswerError as error:
            # Asking again at once would give the same answer.
            raise ProviderUnavailableError(self.provider, error.why) from error

    async def _try_on(
        self,
        call: Call,
        read: Callable[[bytes], T],
        refused: Callable[[Reply], Exception],
        deadline: asyncio.Timeout,
    ) -> T:
        attempts, answered = 0, False
        while True:
            attempts += 1
            asked_s: float | None = None
            try:
                await self._pay(call, deadline)
                async with self._watched(call, deadline) as watch:
                    reply = watch.reply = await self.wire.ask(call)
                    if reply.ok:
                        return read(reply.body)
                failure, asked_s, answered = refused(reply), reply.retry_after_s, True
                again = self._is_worth_another_try(call, reply)
            except httpx.TransportError as error:
                answered = answered or not isinstance(error, _NEVER_SENT)
                failure, again = self._unreachable(error, asked=answered), True
            except ProviderUnavailableError as error:
                # Spared, or over the budget: perhaps after a try that did go out.
                error.asked = error.asked or answered
                raise
            own = TRIES.wait(attempts, self.chance.share())
            if not again or not call.repeatable or own is None:
                raise failure
            # Never before the moment asked for, and not everybody at that very moment.
            wait_s = own.total_seconds() + (asked_s or 0.0)
            if not _in_time(wait_s, deadline):
                raise failure
            await self.sleep(wait_s)

    async def _pay(self, call: Call, deadline: asyncio.Timeout) -> None:
        """Before the breaker is asked: leave that it gives must be used at once."""
        if self.breaker.circuit is Circuit.OPEN:
            return  # nobody will be called, so nothing is to be paid
        try:
            await self.budget.pay(call, deadline)
        except ProviderBusyError:
            self._tell(Seen(self.provider, call.endpoint, Outcome.POSTPONED, 0.0))
            raise

    def _unreachable(self, error: httpx.TransportError, *, asked: bool) -> ProviderUnavailableError:
        failure = ProviderUnavailableError(self.provider, "cannot be reached", asked=asked)
        failure.__cause__ = error
        return failure

    def _is_worth_another_try(self, call: Call, reply: Reply) -> bool:
        if reply.status == TOO_MANY_REQUESTS:
            self.budget.told_to_wait(call, reply.retry_after_s)
            # Without a date, a guess of ours would only add to the many.
            return reply.retry_after_s is not None
        return reply.status >= SERVER_ERRORS

    def _tell(self, seen: Seen) -> None:
        self.observer.saw(replace(seen, circuit=self.breaker.circuit))

    @asynccontextmanager
    async def _watched(self, call: Call, deadline: asyncio.Timeout) -> AsyncIterator["_Watch"]:
        """Asks the breaker for leave, and tells it and the observer how the try ended."""
        spared_s = self.breaker.wait_s()
        if spared_s is not None:
            self._tell(Seen(self.provider, call.endpoint, Outcome.SPARED, 0.0))
            why = f"left alone after repeated failures: {self.breaker.why}"
            raise ProviderUnavailableError(self.provider, why, spared_s, asked=False)
        started, outcome = self.monotonic(), Outcome.UNREACHABLE
        watch = _Watch(call.expected)
        try:
            yield watch
            outcome = watch.outcome
        except GarbledAnswerError:
            outcome = Outcome.GARBLED
            raise
        except asyncio.CancelledError:
            outcome = Outcome.GIVEN_UP if _in_time(0.0, deadline) else Outcome.TOO_SLOW
            raise
        finally:
            self._judge(outcome)
            self._tell(
                Seen(
                    self.provider,
                    call.endpoint,
                    outcome,
                    self.monotonic() - started,
                    watch.reply.status if watch.reply else None,
                    watch.reply.request_id if watch.reply else None,
                )
            )

    def _judge(self, outcome: Outcome) -> None:
        match outcome:
            case Outcome.OK | Outcome.REFUSED:
                self.breaker.succeeded()
            case Outcome.LIMITED | Outcome.GIVEN_UP:
                self.breaker.undecided()
            case _:
                self.breaker.failed(str(outcome))


@dataclass(slots=True)
class _Watch:
    expected: frozenset[int]
    reply: Reply | None = None

    @property
    def outcome(self) -> Outcome:
        if self.reply is None or self.reply.status >= SERVER_ERRORS:
            return Outcome.BROKEN
        if self.reply.ok or self.reply.status in self.expected:
            return Outcome.OK
        return Outcome.LIMITED if self.reply.status == TOO_MANY_REQUESTS else Outcome.REFUSED


def _in_time(wait_s: float, deadline: asyncio.Timeout) -> bool:
    ends = deadline.when()
    return ends is not None and asyncio.get_running_loop().time() + wait_s < ends
