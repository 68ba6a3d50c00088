"""Calling a provider: one deadline for all, few and spread-out tries, a circuit breaker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import httpx

from adapters.outbound.breaker import Breaker
from adapters.outbound.call import (
    Call,
    GarbledAnswerError,
    OutboundObserver,
    Outcome,
    Reply,
    Seen,
)
from adapters.outbound.wire import Wire
from application.connections.gateway import ProviderUnavailableError
from application.shared.chance import Chance
from domain.shared.retries import RetryPolicy

T = TypeVar("T")

TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500

TRIES = RetryPolicy(attempts_max=3, base_s=0.3, ceiling_s=4.0)
"""Enough for a hiccup. Whatever lasts longer is for the job that waits minutes, not seconds."""


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
        attempts = 0
        while True:
            attempts += 1
            asked_s: float | None = None
            try:
                async with self._watched(call.endpoint, deadline) as watch:
                    reply = watch.reply = await self.wire.ask(call)
                    if reply.ok:
                        return read(reply.body)
                failure, asked_s = refused(reply), reply.retry_after_s
                again = _worth_another_try(reply)
            except httpx.TransportError as error:
                failure, again = ProviderUnavailableError(self.provider, "cannot be reached"), True
                failure.__cause__ = error
            own = TRIES.wait(attempts, self.chance.share())
            if not again or not call.repeatable or own is None:
                raise failure
            wait_s = max(own.total_seconds(), asked_s or 0.0)
            if not _in_time(wait_s, deadline):
                raise failure
            await self.sleep(wait_s)

    @asynccontextmanager
    async def _watched(self, endpoint: str, deadline: asyncio.Timeout) -> AsyncIterator["_Watch"]:
        """Asks the breaker for leave, and tells it and the observer how the try ended."""
        spared_s = self.breaker.wait_s()
        if spared_s is not None:
            self.observer.saw(Seen(self.provider, endpoint, Outcome.SPARED, 0.0))
            why = f"left alone after repeated failures: {self.breaker.why}"
            raise ProviderUnavailableError(self.provider, why, spared_s)
        started, watch, outcome = self.monotonic(), _Watch(), Outcome.UNREACHABLE
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
            self.observer.saw(
                Seen(
                    self.provider,
                    endpoint,
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
    reply: Reply | None = None

    @property
    def outcome(self) -> Outcome:
        if self.reply is None or self.reply.status >= SERVER_ERRORS:
            return Outcome.BROKEN
        if self.reply.ok:
            return Outcome.OK
        return Outcome.LIMITED if self.reply.status == TOO_MANY_REQUESTS else Outcome.REFUSED


def _worth_another_try(reply: Reply) -> bool:
    if reply.status == TOO_MANY_REQUESTS:
        # Without a date, a guess of ours would only add to the many.
        return reply.retry_after_s is not None
    return reply.status >= SERVER_ERRORS


def _in_time(wait_s: float, deadline: asyncio.Timeout) -> bool:
    ends = deadline.when()
    return ends is not None and asyncio.get_running_loop().time() + wait_s < ends
