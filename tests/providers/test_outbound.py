"""The way out: whatever a provider does, we get an answer in our own words, in time."""

import asyncio
import gzip
import ssl
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from adapters.outbound.address import base_address
from adapters.outbound.breaker import FAILURES_MAX, OPEN_S, Breaker
from adapters.outbound.call import Call, GarbledAnswerError, Outcome, Reply
from adapters.outbound.client import Outbound
from adapters.outbound.inflate import BODY_BYTES_MAX
from adapters.outbound.paging import PAGES_MAX, Walk
from adapters.outbound.wire import open_wire
from application.connections.gateway import ProviderUnavailableError
from tests.providers.server import Answer, Asked, Respond, Server, a_server, in_turn, told
from tests.providers.support import Remembering
from tests.support.clock import CountedChance, FixedClock

READ = Call("GET", "/things/{id}", deadline_s=5.0, repeatable=True, path="/things/7")
WRITE = replace(READ, method="POST", repeatable=False)


@dataclass(slots=True)
class Stand:
    """Everything on our side of the counter."""

    out: Outbound
    server: Server
    observer: Remembering
    slept: list[float]
    at: list[float]

    async def ask(self, call: Call = READ) -> bytes:
        return await self.out.send(call, lambda body: body, refusal)


class RefusedError(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def refusal(reply: Reply) -> Exception:
    return RefusedError(reply)


@asynccontextmanager
async def a_stand(respond: Respond, clock: FixedClock | None = None) -> AsyncIterator[Stand]:
    observer, slept, at = Remembering(), list[float](), [0.0]

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with a_server(respond) as server, open_wire(server.url, clock or FixedClock()) as wire:
        breaker = Breaker(lambda: at[0])
        out = Outbound("bank", wire, breaker, observer, CountedChance(), lambda: at[0], sleep)
        yield Stand(out, server, observer, slept, at)


async def test_an_answer_is_read() -> None:
    async with a_stand(in_turn(told({"a": 1}))) as stand:
        assert await stand.ask() == b'{"a":1}'
        assert stand.observer.outcomes == ["ok"]
        assert stand.observer.seen[0].endpoint == "/things/{id}"


async def test_a_server_that_drips_is_left_at_the_deadline() -> None:
    async with a_stand(in_turn(Answer(body=b"x" * 1000, drip_s=0.05))) as stand:
        started = time.monotonic()
        with pytest.raises(ProviderUnavailableError, match="in time"):
            await stand.ask(replace(READ, deadline_s=0.4))

        assert time.monotonic() - started < 2
        assert stand.observer.outcomes == ["too_slow"]


async def test_a_caller_who_gives_up_is_no_mark_against_the_provider() -> None:
    async with a_stand(in_turn(Answer(body=b"x" * 1000, drip_s=0.05))) as stand:
        asking = asyncio.create_task(stand.ask())
        await asyncio.sleep(0.1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

        assert stand.observer.outcomes == ["given_up"]


async def test_a_gzip_bomb_is_stopped_before_it_unpacks() -> None:
    bomb = gzip.compress(bytes(200 * 1024 * 1024), 9)
    async with a_stand(in_turn(Answer(body=bomb, headers={"content-encoding": "gzip"}))) as stand:
        tracemalloc.start()
        try:
            with pytest.raises(ProviderUnavailableError, match="larger than allowed"):
                await stand.ask()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

        assert peak < 3 * BODY_BYTES_MAX
        assert len(stand.server.asked) == 1


async def test_packed_answers_are_unpacked() -> None:
    packed = gzip.compress(b'{"a":1}')
    async with a_stand(in_turn(Answer(body=packed, headers={"content-encoding": "gzip"}))) as stand:
        assert await stand.ask() == b'{"a":1}'


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=b"no gzip at all", headers={"content-encoding": "gzip"}),
        Answer(body=gzip.compress(b"x" * 999)[:-9], headers={"content-encoding": "gzip"}),
        Answer(body=b"", headers={"content-encoding": "br"}),
        Answer(302, headers={"location": "http://127.0.0.1:9/"}),
    ],
    ids=["broken gzip", "cut gzip", "an encoding not asked for", "a redirect"],
)
async def test_what_cannot_be_read_is_not_asked_for_again(answer: Answer) -> None:
    async with a_stand(in_turn(answer)) as stand:
        with pytest.raises(ProviderUnavailableError):
            await stand.ask()

        assert stand.observer.outcomes == ["garbled"]
        assert len(stand.server.asked) == 1


async def test_a_body_cut_short_is_asked_for_again() -> None:
    cut = Answer(body=b'{"a":1}', cut_at=3)
    async with a_stand(in_turn(cut, told({"a": 1}))) as stand:
        assert await stand.ask() == b'{"a":1}'
        assert stand.observer.outcomes == ["unreachable", "ok"]


async def test_nobody_there_is_unavailable() -> None:
    async with a_server(in_turn(Answer())) as server:
        gone = server.url
    async with open_wire(gone, FixedClock()) as wire:
        observer = Remembering()
        breaker = Breaker(time.monotonic)
        out = Outbound("bank", wire, breaker, observer, CountedChance(0.01), time.monotonic)
        with pytest.raises(ProviderUnavailableError, match="cannot be reached"):
            await out.send(READ, lambda body: body, refusal)

        assert observer.outcomes == ["unreachable"] * 3


async def test_server_errors_are_tried_thrice_and_spread_out() -> None:
    async with a_stand(in_turn(Answer(503))) as stand:
        with pytest.raises(RefusedError):
            await stand.ask()

        assert len(stand.server.asked) == 3
        assert stand.slept == [0.15, 0.3]


async def test_what_may_not_be_repeated_is_sent_once() -> None:
    async with a_stand(in_turn(Answer(503))) as stand:
        with pytest.raises(RefusedError):
            await stand.ask(WRITE)

        assert len(stand.server.asked) == 1


async def test_too_many_without_a_date_is_not_tried_again() -> None:
    async with a_stand(in_turn(Answer(429))) as stand:
        with pytest.raises(RefusedError):
            await stand.ask()

        assert len(stand.server.asked) == 1


async def test_a_short_retry_after_is_honoured() -> None:
    limited = Answer(429, headers={"retry-after": "2"})
    async with a_stand(in_turn(limited, told({}))) as stand:
        await stand.ask()

        assert stand.slept == [2.15], "never before the time asked for, and spread out"


async def test_a_retry_after_may_be_a_date() -> None:
    clock = FixedClock()
    limited = Answer(
        429, headers={"retry-after": format_datetime(clock.now() + timedelta(seconds=3))}
    )
    async with a_stand(in_turn(limited, told({})), clock) as stand:
        await stand.ask()

        assert stand.slept == [3.15]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("600", 600.0),
        ("999999999999", 3600.0),
        (format_datetime(datetime(2099, 1, 1, tzinfo=UTC)), 3600.0),
        (format_datetime(datetime(2001, 1, 1, tzinfo=UTC)), 0.0),
        ("soon", None),
        ("-5", None),
    ],
)
async def test_a_long_retry_after_is_the_callers_to_wait(
    header: str, seconds: float | None
) -> None:
    async with a_stand(in_turn(Answer(429, headers={"retry-after": header}))) as stand:
        with pytest.raises(RefusedError) as refused:
            await stand.ask()

        assert refused.value.reply.retry_after_s == seconds
        assert all(slept < READ.deadline_s for slept in stand.slept)


async def test_a_provider_that_is_down_is_spared_and_then_probed_once() -> None:
    healthy = [False]

    def respond(_: Asked) -> Answer:
        return told({}) if healthy[0] else Answer(500)

    async with a_stand(respond) as stand:
        for _ in range(FAILURES_MAX):
            with pytest.raises((RefusedError, ProviderUnavailableError)):
                await stand.ask(WRITE)
        with pytest.raises(ProviderUnavailableError, match="left alone") as spared:
            await stand.ask()
        assert spared.value.retry_after_s == OPEN_S
        assert len(stand.server.asked) == FAILURES_MAX

        stand.at[0] += OPEN_S
        with pytest.raises(RefusedError):  # the probe fails: away again
            await stand.ask(WRITE)
        with pytest.raises(ProviderUnavailableError, match="left alone"):
            await stand.ask()

        healthy[0] = True
        stand.at[0] += OPEN_S
        both = await asyncio.gather(stand.ask(), stand.ask(), return_exceptions=True)
        assert sorted(type(one).__name__ for one in both) == ["ProviderUnavailableError", "bytes"]
        await stand.ask()
        assert stand.observer.outcomes[-1] == Outcome.OK


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
async def test_refusals_do_not_open_the_circuit(status: int) -> None:
    async with a_stand(in_turn(Answer(status))) as stand:
        for _ in range(FAILURES_MAX + 3):
            with pytest.raises(RefusedError):
                await stand.ask()

        assert len(stand.server.asked) == FAILURES_MAX + 3


async def test_cookies_of_one_person_are_not_sent_for_the_next() -> None:
    async with a_stand(in_turn(told({}, set_cookie="who=anna"))) as stand:
        await stand.ask()
        await stand.ask()

        assert all("cookie" not in one.headers for one in stand.server.asked)


@pytest.mark.parametrize(
    "address",
    ["https://api.tink.com", "http://127.0.0.1:8080/tink/", "http://localhost:1", "http://[::1]:1"],
)
def test_addresses_that_may_be_called(address: str) -> None:
    assert base_address(address) == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    [
        "http://api.tink.com",
        "http://169.254.169.254",
        "http://127.0.0.1.evil.test",
        "ftp://127.0.0.1",
        "https://me:secret@api.tink.com",
        "https://api.tink.com?key=secret",
        "api.tink.com",
        "",
    ],
)
def test_addresses_that_may_not_be_called(address: str) -> None:
    with pytest.raises(ValueError, match="provider") as refused:
        base_address(address)
    assert "secret" not in str(refused.value)


def walked(tokens: Iterable[int]) -> Walk:
    walk = Walk()
    for token in tokens:
        walk = walk.step(f"token-{token}")
    return walk


@pytest.mark.parametrize("loop", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("lead", [0, 1, 10])
def test_a_walk_in_circles_is_noticed(lead: int, loop: int) -> None:
    path = [n if n < lead else lead + (n - lead) % loop for n in range(4 * (lead + loop) + 4)]
    with pytest.raises(GarbledAnswerError, match="circles"):
        walked(path)


def test_a_walk_without_end_is_noticed() -> None:
    with pytest.raises(GarbledAnswerError, match="do not end"):
        walked(range(PAGES_MAX))


async def test_a_certificate_nobody_vouches_for_is_not_trusted() -> None:
    async with open_wire("https://127.0.0.1:9", FixedClock()) as wire:
        pool = wire.transport
        context: ssl.SSLContext = pool._pool._ssl_context  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public way to see it
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
