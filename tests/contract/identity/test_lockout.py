"""Who guesses has to wait; who signed in before is not kept out by them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from typing_extensions import override

from application.identity.ports import PasswordHasher
from application.identity.signing_in.guard import Admitted, Attempt, Guessable, Outcome
from application.identity.signing_in.tokens import SignedIn
from domain.identity.email import EmailAddress
from domain.identity.errors import BadCredentialsError, SignInLockedError
from domain.identity.lockout import CountedBy
from domain.identity.password import PasswordHash
from domain.identity.session import Origin
from domain.shared.errors import UnavailableError
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret
from tests.support.identity import EMAIL, PHONE, World

WRONG = Secret("five wrong words are here")
NOBODY = "nobody@example.no"


def elsewhere(number: int) -> Origin:
    return Origin("a guesser", f"198.51.100.{number}")


async def guesses(
    world: World, times: int, email: str = EMAIL, origin: Origin = PHONE
) -> list[str]:
    """What each of them was told."""
    told = []
    for _ in range(times):
        with pytest.raises((BadCredentialsError, SignInLockedError)) as refused:
            await world.tries(email, WRONG, origin)
        told.append(refused.value.code)
    return told


@pytest.fixture
async def anna(world: World) -> SignedIn:
    await world.registers()
    return await world.logs_in(origin=Origin("phone", "203.0.113.9"))


@pytest.mark.usefixtures("anna")
async def test_the_sixth_try_from_one_address_is_refused_even_when_it_is_right(
    world: World,
) -> None:
    assert await guesses(world, 6) == ["bad_credentials"] * 5 + ["sign_in_locked"]

    with pytest.raises(SignInLockedError) as locked:
        await world.logs_in()

    assert locked.value.retry_after_s == 30 * 60


@pytest.mark.usefixtures("anna")
async def test_the_lock_is_half_an_hour_from_the_last_failure(world: World) -> None:
    for _ in range(5):
        await guesses(world, 1)
        world.clock.forward(minutes=5)

    world.clock.forward(minutes=24, seconds=59)
    with pytest.raises(SignInLockedError) as locked:
        await world.logs_in()
    assert locked.value.retry_after_s == 1

    world.clock.forward(seconds=1)
    await world.logs_in()


@pytest.mark.usefixtures("anna")
async def test_slow_guessing_is_counted_too(world: World) -> None:
    told = []
    for _ in range(6):
        told += await guesses(world, 1)
        world.clock.forward(minutes=29)

    assert told[-1] == "sign_in_locked"


@pytest.mark.usefixtures("anna")
async def test_a_right_password_forgets_the_failures_of_its_address(world: World) -> None:
    await guesses(world, 4)
    await world.logs_in()

    assert await guesses(world, 5) == ["bad_credentials"] * 5


@pytest.mark.usefixtures("anna")
async def test_other_addresses_are_not_locked_until_twenty_failures_in_an_hour(
    world: World,
) -> None:
    for number in range(4):
        assert await guesses(world, 5, origin=elsewhere(number)) == ["bad_credentials"] * 5

    assert await guesses(world, 1, origin=elsewhere(99)) == ["sign_in_locked"]
    with pytest.raises(SignInLockedError) as locked:
        await world.logs_in()
    assert locked.value.retry_after_s == 60 * 60


@pytest.mark.usefixtures("anna")
async def test_no_hour_sees_more_than_twenty_failures_of_an_account(world: World) -> None:
    admitted = []
    for number in range(120):
        before = world.clock.now()
        if await guesses(world, 1, origin=elsewhere(number)) == ["bad_credentials"]:
            admitted.append(before)
        world.clock.forward(minutes=1)

    for at in admitted:
        assert sum(at <= other < at + timedelta(hours=1) for other in admitted) <= 20
    assert len(admitted) == 40


@pytest.mark.usefixtures("anna")
async def test_an_unknown_address_is_locked_in_the_same_words(world: World) -> None:
    unknown = await guesses(world, 7, NOBODY)

    assert unknown == await guesses(world, 7)
    refusals = []
    for email in (NOBODY, EMAIL):
        with pytest.raises(SignInLockedError) as locked:
            await world.tries(email, WRONG)
        refusals.append((str(locked.value), locked.value.retry_after_s))
    assert refusals[0] == refusals[1]


@pytest.mark.usefixtures("anna")
async def test_however_the_address_is_spelled_it_is_one_account(world: World) -> None:
    await guesses(world, 5, "ANNA@Example.NO ")

    assert await guesses(world, 1) == ["sign_in_locked"]


@pytest.mark.usefixtures("anna")
async def test_one_household_on_ipv6_is_one_address(world: World) -> None:
    told = []
    for number in range(6):
        told += await guesses(world, 1, origin=Origin("x", f"2001:db8:1:2::{number}"))
    assert told[-1] == "sign_in_locked"

    assert await guesses(world, 1, origin=Origin("x", "2001:db8:1:3::1")) == ["bad_credentials"]


@pytest.mark.usefixtures("anna")
async def test_who_is_locked_costs_no_hash(world: World) -> None:
    await guesses(world, 5)
    world.hasher = counted = Counted(world.hasher)

    await guesses(world, 3)
    assert counted.asked == 0


@pytest.mark.usefixtures("anna")
async def test_of_a_hundred_guesses_at_once_five_are_looked_at(world: World) -> None:
    world.hasher = counted = Counted(world.hasher)

    told = await asyncio.gather(
        *(world.tries(password=WRONG) for _ in range(100)), return_exceptions=True
    )

    assert [type(one) for one in told].count(SignInLockedError) == 95
    assert [type(one) for one in told].count(BadCredentialsError) == 5
    assert counted.asked == 5


@pytest.mark.usefixtures("anna")
async def test_when_hashing_is_busy_nothing_was_tried(world: World) -> None:
    working, world.hasher = world.hasher, Busy()
    for _ in range(30):
        with pytest.raises(UnavailableError):
            await world.tries(password=WRONG)
    world.hasher = working

    assert await guesses(world, 5) == ["bad_credentials"] * 5


async def test_who_is_forgiven_may_try_again_everywhere(world: World, anna: SignedIn) -> None:
    for number in range(4):
        await guesses(world, 5, origin=elsewhere(number))
    await guesses(world, 5, NOBODY)

    await world.guard.forgive(anna.user_id, EmailAddress(EMAIL))

    await world.logs_in()
    assert await guesses(world, 1, origin=elsewhere(0)) == ["bad_credentials"]
    assert await guesses(world, 1, NOBODY) == ["sign_in_locked"], "others are not"


async def test_places_and_secrets_have_counts_of_their_own(world: World) -> None:
    person = UserId(world.ids.one())
    session, other = SessionId(world.ids.one()), SessionId(world.ids.one())
    code = Attempt.second_factor(person, "192.0.2.1")
    for _ in range(5):
        await world.guard.admit(code)
        await world.guard.admit(Attempt.in_session(Guessable.PASSWORD, person, session))

    for attempt in (code, Attempt.in_session(Guessable.PASSWORD, person, session)):
        with pytest.raises(SignInLockedError):
            await world.guard.admit(attempt)
    await world.guard.admit(replace(code, secret=Guessable.PASSWORD))
    await world.guard.admit(Attempt.second_factor(person, "192.0.2.2"))
    await world.guard.admit(Attempt.in_session(Guessable.PASSWORD, person, other))
    await world.guard.admit(Attempt.in_session(Guessable.SECOND_FACTOR, person, session))


async def test_the_try_that_locks_says_so(world: World) -> None:
    attempt = Attempt.to_sign_in(EmailAddress(EMAIL), "192.0.2.1")
    admitted: list[Admitted] = [await world.guard.admit(attempt) for _ in range(5)]

    assert [one.locks for one in admitted] == [None] * 4 + [CountedBy.ADDRESS]


async def test_an_undecided_try_is_given_back_everywhere(world: World) -> None:
    attempt = Attempt.to_sign_in(EmailAddress(EMAIL), "192.0.2.1")
    for _ in range(50):
        await world.guard.settle(await world.guard.admit(attempt), Outcome.UNDECIDED)

    assert (await world.guard.admit(attempt)).locks is None


class Counted(PasswordHasher):
    """How often a password was looked at."""

    def __init__(self, inner: PasswordHasher) -> None:
        self.inner, self.asked = inner, 0

    @override
    async def hash(self, password: Secret) -> PasswordHash:
        return await self.inner.hash(password)

    @override
    async def verify(self, password: Secret, against: PasswordHash | None) -> bool:
        self.asked += 1
        return await self.inner.verify(password, against)

    @override
    def outdated(self, hashed: PasswordHash) -> bool:
        return self.inner.outdated(hashed)


class Busy(PasswordHasher):
    @override
    async def hash(self, password: Secret) -> PasswordHash:
        raise UnavailableError("busy")

    @override
    async def verify(self, password: Secret, against: PasswordHash | None) -> bool:
        raise UnavailableError("busy")

    @override
    def outdated(self, hashed: PasswordHash) -> bool:
        return False
