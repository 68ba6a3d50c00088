"""Kept replies over memory and PostgreSQL: what application.shared.idempotency promises."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol
from uuid import UUID

import pytest

from adapters.memory.database import MemoryDatabase
from adapters.postgres.database import Database
from application.shared.idempotency import (
    Idempotency,
    IdempotencyKey,
    IdempotencyKeyReusedError,
    RequestInFlightError,
)
from domain.shared.ids import UserId
from tests.support.clock import CountedIds, FixedClock

ANNA, BJORN = UserId(UUID(int=0xA)), UserId(UUID(int=0xB))
PAY = IdempotencyKey("k-1", "payments.create", b"h" * 32)


class Tx(Protocol):
    @property
    def idempotency(self) -> Idempotency: ...

    async def commit(self) -> None: ...


Begin = Callable[[UserId], AbstractAsyncContextManager[Tx]]


@pytest.fixture
def memory(clock: FixedClock, ids: CountedIds) -> Begin:
    return MemoryDatabase(clock, ids).begin


@pytest.fixture
def postgres(database: Database) -> Begin:
    return database.begin


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def begin(request: pytest.FixtureRequest) -> Begin:
    chosen: Begin = request.getfixturevalue(request.param)
    return chosen


async def paid(begin: Begin, key: IdempotencyKey = PAY, owner: UserId = ANNA) -> bytes | None:
    """What was kept before; the first time, keeps the reply."""
    async with begin(owner) as tx:
        earlier = await tx.idempotency.earlier_result(key)
        if earlier is None:
            await tx.idempotency.keep(key, b"paid " + owner.bytes[-1:])
            await tx.commit()
    return earlier


async def test_the_first_reply_is_given_again(begin: Begin) -> None:
    assert await paid(begin) is None

    assert await paid(begin) == b"paid \x0a"
    assert await paid(begin) == b"paid \x0a"


async def test_the_same_key_for_another_request_is_refused(begin: Begin) -> None:
    await paid(begin)

    with pytest.raises(IdempotencyKeyReusedError):
        await paid(begin, IdempotencyKey(PAY.key, PAY.operation, b"x" * 32))


async def test_keys_of_two_persons_or_operations_have_nothing_to_do_with_each_other(
    begin: Begin,
) -> None:
    await paid(begin)

    assert await paid(begin, owner=BJORN) is None
    assert await paid(begin, IdempotencyKey(PAY.key, "accounts.open", PAY.request_hash)) is None


async def test_what_was_rolled_back_was_never_asked(begin: Begin) -> None:
    async with begin(ANNA) as tx:
        assert await tx.idempotency.earlier_result(PAY) is None
        await tx.idempotency.keep(PAY, b"paid")

    assert await paid(begin) is None


async def test_after_a_day_a_key_is_new_again(begin: Begin, clock: FixedClock) -> None:
    await paid(begin)

    clock.forward(hours=25)

    assert await paid(begin) is None
    assert await paid(begin) is not None


@pytest.mark.postgres
async def test_while_the_first_request_runs_the_second_is_told_so(database: Database) -> None:
    async with database.begin(ANNA) as first:
        assert await first.idempotency.earlier_result(PAY) is None
        async with database.begin(ANNA) as second:
            with pytest.raises(RequestInFlightError):
                await second.idempotency.earlier_result(PAY)


@pytest.mark.postgres
async def test_two_hundred_equal_requests_at_once_have_one_effect(database: Database) -> None:
    async def one() -> bool:
        try:
            return await paid(database.begin) is None
        except RequestInFlightError:
            return False

    first_times = await asyncio.gather(*(one() for _ in range(200)))

    assert sum(first_times) == 1
