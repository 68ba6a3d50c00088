"""One rate budget a provider: nobody is asked more often than it allows, whoever asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from adapters.limits.in_process import InProcessLimiter
from adapters.outbound.breaker import Breaker
from adapters.outbound.budget import Budget, Figures, Published, budget_of, per_minute
from adapters.outbound.call import Call
from adapters.outbound.client import Outbound
from adapters.outbound.wire import open_wire
from adapters.plaid.limits import PRODUCTION, SANDBOX, PlaidLimits, published
from adapters.plaid.open import open_plaid
from application.connections.gateway import ProviderBusyError, ProviderUnavailableError
from application.shared.limits import Rate, RateLimiter, Taken, take
from tests.providers.server import Answer, Server, a_server, in_turn, told
from tests.providers.support import Remembering, WallClock, plaid_settings
from tests.providers.test_outbound import RefusedError, refusal
from tests.support.clock import CountedChance, FixedClock

READ = Call("GET", "/feed", deadline_s=0.5, repeatable=True)
MINUTE_US = 60_000_000


@dataclass(slots=True)
class Stand:
    out: Outbound
    server: Server
    observer: Remembering

    async def ask(self, call: Call = READ) -> bytes:
        return await self.out.send(call, lambda body: body, refusal)


@asynccontextmanager
async def a_stand(budget: Budget, *answers: Answer) -> AsyncIterator[Stand]:
    observer = Remembering()
    respond = in_turn(*(answers or (told({}),)))
    async with a_server(respond) as server, open_wire(server.url, FixedClock()) as wire:
        loop = asyncio.get_running_loop()
        out = Outbound(
            "bank",
            wire,
            Breaker(loop.time),
            observer,
            CountedChance(0.01),
            loop.time,
            budget=budget,
        )
        yield Stand(out, server, observer)


@given(
    calls=st.integers(1, 200),
    pauses=st.lists(st.integers(0, 5_000_000), min_size=50, max_size=400),
)
@settings(deadline=None, max_examples=60)
def test_in_no_minute_are_there_more_than_the_provider_takes(calls: int, pauses: list[int]) -> None:
    rate, full_at, now, let_through = per_minute(calls), 0, 0, list[int]()
    for pause in pauses:
        now += pause
        full_at, taken = take(full_at, now, rate)
        if taken.allowed:
            let_through.append(now)

    for first in let_through:
        assert sum(first <= at < first + MINUTE_US for at in let_through) <= max(calls, 2)


async def test_who_is_over_the_budget_and_has_no_time_asks_nobody() -> None:
    budget = budget_of("bank", InProcessLimiter(FixedClock()), 5)
    async with a_stand(budget) as stand:
        await stand.ask()
        with pytest.raises(ProviderBusyError) as busy:
            await stand.ask()

        assert len(stand.server.asked) == 1
        assert stand.observer.outcomes == ["ok", "postponed"]
    assert busy.value.retry_after_s == 15.0
    assert not busy.value.asked
    assert isinstance(busy.value, ProviderUnavailableError)


async def test_who_is_over_the_budget_waits_while_there_is_time() -> None:
    budget = budget_of("bank", InProcessLimiter(WallClock()), 600)
    async with a_stand(budget) as stand:
        call = replace(READ, deadline_s=5.0)
        for _ in range(122):  # 120 at once, then one every eighth of a second
            await stand.ask(call)

        assert stand.observer.outcomes == ["ok"] * 122


async def test_over_the_budget_is_no_mark_against_the_provider() -> None:
    clock = FixedClock()
    budget = budget_of("bank", InProcessLimiter(clock), 5)
    async with a_stand(budget) as stand:
        await stand.ask()
        for _ in range(20):
            with pytest.raises(ProviderBusyError):
                await stand.ask()
        clock.forward(seconds=15)

        assert await stand.ask() == b"{}"


async def test_one_link_that_is_over_its_own_limit_stops_nobody_else() -> None:
    figures = Published({"/feed": Figures(for_one=5, for_all=1000)})
    async with a_stand(Budget("bank", InProcessLimiter(FixedClock()), figures)) as stand:
        anna, berit = replace(READ, about="anna"), replace(READ, about="berit")
        await stand.ask(anna)
        with pytest.raises(ProviderBusyError):
            await stand.ask(anna)

        await stand.ask(berit)
        await stand.ask()


async def test_a_provider_that_says_too_many_is_left_alone_that_long() -> None:
    limited = Answer(429, headers={"retry-after": "600"})
    budget = budget_of("bank", InProcessLimiter(FixedClock()), 1000)
    async with a_stand(budget, limited) as stand:
        with pytest.raises(RefusedError):
            await stand.ask()
        for _ in range(4):
            with pytest.raises(ProviderBusyError):
                await stand.ask()
        with pytest.raises(ProviderBusyError) as busy:
            await stand.ask()

        assert len(stand.server.asked) == 1, "no storm of those who come after"
    assert busy.value.retry_after_s is not None
    assert busy.value.retry_after_s == pytest.approx(600, abs=30)


async def test_what_is_said_of_one_link_is_not_held_against_the_others() -> None:
    figures = Published({"/feed": Figures(for_one=50, for_all=1000)})
    limited = Answer(429, headers={"retry-after": "600"})
    budget = Budget("bank", InProcessLimiter(FixedClock()), figures)
    async with a_stand(budget, limited, told({})) as stand:
        with pytest.raises(RefusedError):
            await stand.ask(replace(READ, about="anna"))
        with pytest.raises(ProviderBusyError):
            await stand.ask(replace(READ, about="anna"))

        assert await stand.ask(replace(READ, about="berit")) == b"{}"


async def test_a_breaker_that_lets_nobody_through_costs_no_budget() -> None:
    budget = budget_of("bank", InProcessLimiter(FixedClock()), 5)
    async with a_stand(budget) as stand:
        stand.out.breaker.trip("down")
        for _ in range(8):
            with pytest.raises(ProviderUnavailableError, match="left alone"):
                await stand.ask()
        with pytest.raises(ProviderUnavailableError, match="left alone") as spared:
            await stand.ask()

        assert not spared.value.asked
        assert stand.observer.outcomes == ["spared"] * 9
        stand.out.breaker.succeeded()
        await stand.ask()


@dataclass(slots=True)
class Ledger(RateLimiter):
    """Writes down what was taken."""

    taken: list[tuple[str, Rate]] = field(default_factory=list)

    @override
    async def take(self, bucket: str, rate: Rate) -> Taken:
        self.taken.append((bucket, rate))
        return Taken(allowed=True, left=1, next_in_us=0)


async def test_plaids_figures_are_kept_to_for_each_item_and_for_all() -> None:
    limiter = Ledger()
    async with a_server(in_turn(told({}))) as server:
        chosen = replace(plaid_settings(server.url), limits=PlaidLimits.PRODUCTION)
        async with open_plaid(
            chosen, WallClock(), CountedChance(), Remembering(), limiter=limiter
        ) as plaid:
            for token in ("access-1", "access-2"):
                await plaid.api.post("/transactions/sync", {"access_token": token}, lambda _: None)

    (one, of_one), (all_, of_all), (other, _), (all_again, _) = limiter.taken
    assert (of_one, of_all) == (per_minute(50), per_minute(2_500))
    assert all_ == all_again
    assert one != other
    assert "access-1" not in one, "a bucket's name opens nothing"


@pytest.mark.parametrize(
    ("limits", "url", "figures"),
    [
        (PlaidLimits.AUTO, "https://production.plaid.com", PRODUCTION),
        (PlaidLimits.AUTO, "https://sandbox.plaid.com", SANDBOX),
        (PlaidLimits.AUTO, "http://127.0.0.1:8001/plaid", None),
        (PlaidLimits.AUTO, "https://plaid.com.evil.test", None),
        (PlaidLimits.SANDBOX, "https://production.plaid.com", SANDBOX),
        (PlaidLimits.OFF, "https://production.plaid.com", None),
    ],
)
def test_whose_figures_hold(limits: PlaidLimits, url: str, figures: Published | None) -> None:
    assert published(limits, url) is figures


async def test_processes_with_one_redis_have_one_budget() -> None:
    """The limiter is what they share: tests/contract/limits holds it to that over a real Redis."""
    shared = InProcessLimiter(clock := FixedClock())
    one, other = budget_of("bank", shared, 10), budget_of("bank", shared, 10)
    async with a_stand(one) as here, a_stand(other) as there:
        await here.ask()
        await there.ask()
        with pytest.raises(ProviderBusyError):
            await here.ask()
        clock.forward(seconds=timedelta(minutes=1).total_seconds())
        await there.ask()
