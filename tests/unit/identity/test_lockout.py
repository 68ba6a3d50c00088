"""The arithmetic of waiting, the words of a refusal, and the trace that a lock leaves."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from adapters.passwords.argon2id import Argon2Cost, argon2id
from domain.identity.errors import BadCredentialsError, SignInLockedError
from domain.identity.lockout import Count, CountedBy, CountKey, Rule, Tally, reserve
from domain.identity.session import Origin
from domain.shared.network import network_of
from domain.shared.secret import Secret
from tests.support.clock import NOON
from tests.support.identity import PHONE, World

WRONG = Secret("five wrong words are here")
PAIR = Rule(5, timedelta(minutes=30), all_at_once=True)
HOURLY = Rule(20, timedelta(hours=1), all_at_once=False)


def count(rule: Rule, key: bytes = b"a") -> Count:
    return Count(CountKey(key), CountedBy.ADDRESS, rule)


@given(st.lists(st.integers(0, 4 * 60), max_size=120).map(sorted))
def test_no_hour_ever_holds_more_than_its_tries(minutes: list[int]) -> None:
    tallies, admitted = {CountKey(b"a"): Tally()}, []
    for minute in minutes:
        now = NOON + timedelta(minutes=minute)
        try:
            tallies = dict(reserve((count(HOURLY),), tallies, now).tallies)
        except SignInLockedError:
            continue
        admitted.append(now)

    for at in admitted:
        assert sum(at <= other < at + HOURLY.memory for other in admitted) <= HOURLY.tries
    assert len(tallies[CountKey(b"a")].tries) <= HOURLY.tries


@given(st.lists(st.integers(0, 29), min_size=5, max_size=5))
def test_five_failures_lock_however_slowly_they_come(gaps: list[int]) -> None:
    tallies, now, locks = {CountKey(b"a"): Tally()}, NOON, []
    for minutes in gaps:
        now += timedelta(minutes=minutes)
        reserved = reserve((count(PAIR),), tallies, now)
        tallies = dict(reserved.tallies)
        locks.append(reserved.locks)

    assert locks == [None] * 4 + [CountedBy.ADDRESS]
    with pytest.raises(SignInLockedError) as locked:
        reserve((count(PAIR),), tallies, now)
    assert locked.value.retry_after_s == 30 * 60


def test_one_closed_door_is_enough_and_then_nothing_is_counted() -> None:
    shut = Tally((NOON,) * 5)
    with pytest.raises(SignInLockedError):
        reserve(
            (count(PAIR), count(HOURLY, b"b")),
            {CountKey(b"a"): shut, CountKey(b"b"): Tally()},
            NOON,
        )


def test_the_longest_wait_is_told() -> None:
    tallies = {
        CountKey(b"a"): Tally((NOON,) * 5),
        CountKey(b"b"): Tally((NOON,) * 20),
    }
    with pytest.raises(SignInLockedError, match="60 min") as locked:
        reserve((count(PAIR), count(HOURLY, b"b")), tallies, NOON + timedelta(milliseconds=1))
    assert locked.value.retry_after_s == 3600


def test_clocks_of_two_machines_may_differ() -> None:
    """Tries are kept in order, and what one machine calls the future counts as any other."""
    early = Tally((NOON,)).with_one_more(NOON - timedelta(seconds=2))

    assert early.tries == (NOON - timedelta(seconds=2), NOON)
    assert early.fading(PAIR, NOON - timedelta(seconds=1)) == early


def test_a_try_is_given_back_once() -> None:
    twice = Tally((NOON, NOON))

    assert twice.without(NOON) == Tally((NOON,))
    assert Tally().without(NOON) == Tally()


@pytest.mark.parametrize(("tries", "minutes"), [(0, 30), (-1, 30), (5, 0)])
def test_a_rule_that_locks_everybody_or_nobody_is_none(tries: int, minutes: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Rule(tries, timedelta(minutes=minutes), all_at_once=True)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", "unknown"),
        (None, "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_all_addresses_of_one_household_are_one(address: str | None, network: str) -> None:
    assert network_of(address) == network


async def test_the_failure_that_locks_is_audited_once(world: World, memory: MemoryDatabase) -> None:
    person = await world.registers()
    opened = await world.logs_in(origin=Origin("phone", "203.0.113.9"))
    for origin in (PHONE, replace(PHONE, device_token=opened.device_token)):
        for _ in range(8):
            with pytest.raises((BadCredentialsError, SignInLockedError)):
                await world.tries(password=WRONG, origin=origin)

    trail = memory.tables.of(AUDIT_CHAINS)[person.id]
    locked = [entry for entry in trail if entry.action == "identity.sign_in_locked"]
    assert [json.loads(entry.payload) for entry in locked] == [
        {"by": "address"},
        {"by": "device"},
    ]
    assert sum(entry.action == "identity.log_in_refused" for entry in trail) == 10


async def test_a_sign_in_makes_a_cheap_hash_anew_and_never_a_cheaper_one(
    world: World,
) -> None:
    person = await world.registers()

    async def kept() -> str:
        async with world.begin(person.id) as tx:
            credential = await tx.credentials.password_of(person.id)
        assert credential is not None
        return credential.hash

    with (
        argon2id(Argon2Cost(memory_kib=128, passes=2)) as stronger,
        argon2id(Argon2Cost(memory_kib=64)) as cheaper,
    ):
        world.hasher = stronger
        await world.logs_in()
        assert "m=128,t=2,p=1" in await kept()

        world.hasher = cheaper
        await world.logs_in()
        assert "m=128,t=2,p=1" in await kept()
