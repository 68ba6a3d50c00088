"""What turning the keys means for tokens that people hold."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.crypto.keys import Key, KeyRing
from adapters.tokens.jwt import JwtAccessTokens, jwt_access_tokens
from adapters.tokens.successors import HmacSuccessors
from domain.identity.errors import AccessTokenInvalidError, RefreshTokenUnknownError
from domain.identity.session import Origin, Session
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret
from tests.support.clock import NOON, CountedIds, FixedClock
from tests.support.identity import World

GRACE = timedelta(days=7)
OLD, NEW = Key("1", b"1" * 32, made=NOON - timedelta(days=90)), Key("2", b"2" * 32, made=NOON)
RETIRED = replace(OLD, retired=NOON)
SESSION = replace(
    Session.begin(SessionId(UUID(int=7)), UserId(UUID(int=1)), Origin(), NOON),
    expires_at=NOON + timedelta(days=20_000),
)


@dataclass(slots=True)
class Rings:
    """A ring that is turned while it is used."""

    now: KeyRing = field(default_factory=lambda: KeyRing([OLD]))

    def __call__(self) -> KeyRing:
        return self.now


def tokens(ring: KeyRing | Rings, clock: FixedClock) -> JwtAccessTokens:
    return jwt_access_tokens(ring, clock, CountedIds(), issuer="daler", audience="daler-api")


def good(verifier: JwtAccessTokens, token: Secret) -> bool:
    return verifier.verify(token).session_id == SESSION.id


def signed_with_the_old_key(clock: FixedClock) -> Secret:
    """By a process that has not heard of the new one."""
    return tokens(KeyRing([OLD]), clock).issue(SESSION, clock.now()).token


def test_an_old_key_verifies_for_seven_days_and_not_a_moment_longer(clock: FixedClock) -> None:
    turned = tokens(KeyRing([NEW, RETIRED]), clock)
    assert good(turned, signed_with_the_old_key(clock))

    clock.at = NOON + GRACE - timedelta(microseconds=1)
    late = signed_with_the_old_key(clock)
    assert good(turned, late)
    clock.at = NOON + GRACE
    with pytest.raises(AccessTokenInvalidError):
        turned.verify(late)


def test_an_undated_old_key_was_retired_when_the_new_one_was_made(clock: FixedClock) -> None:
    turned = tokens(KeyRing([NEW, Key("1", OLD.secret)]), clock)

    clock.at = NOON + GRACE - timedelta(seconds=1)
    assert good(turned, signed_with_the_old_key(clock))
    clock.forward(seconds=1)
    with pytest.raises(AccessTokenInvalidError):
        turned.verify(signed_with_the_old_key(clock))


def test_the_newest_key_never_ends(clock: FixedClock) -> None:
    ancient = tokens(KeyRing([OLD]), clock)
    clock.forward(days=10_000)

    assert good(ancient, ancient.issue(SESSION, clock.at).token)


def test_a_compromised_key_verifies_nothing_from_that_moment_on(clock: FixedClock) -> None:
    rings = Rings()
    running = tokens(rings, clock)
    token = running.issue(SESSION, clock.now()).token
    assert good(running, token)

    rings.now = KeyRing([NEW])

    with pytest.raises(AccessTokenInvalidError):
        running.verify(token)
    assert good(running, running.issue(SESSION, clock.now()).token)


def test_a_key_that_waits_verifies_and_signs_nothing(clock: FixedClock) -> None:
    handed_round = tokens(KeyRing([OLD, NEW]), clock)
    first_to_use_it = tokens(KeyRing([NEW, RETIRED]), clock)
    clock.forward(days=30)

    assert good(handed_round, first_to_use_it.issue(SESSION, clock.now()).token)
    token = handed_round.issue(SESSION, clock.now()).token
    assert good(tokens(KeyRing([OLD]), clock), token)


async def test_a_lost_reply_is_repeated_although_the_keys_were_turned_meanwhile(
    world: World,
) -> None:
    rings = Rings()
    world.successors = HmacSuccessors(rings)
    await world.registers()
    signed_in = await world.logs_in()
    given = await world.refreshes(signed_in.refresh)

    rings.now = KeyRing([NEW, RETIRED])
    world.clock.forward(seconds=9)

    assert (await world.refreshes(signed_in.refresh)).refresh == given.refresh


async def test_nobody_is_signed_out_by_a_turn_nor_by_a_compromised_key(world: World) -> None:
    rings = Rings()
    world.successors = HmacSuccessors(rings)
    await world.registers()
    signed_in = await world.logs_in()
    second = await world.refreshes(signed_in.refresh)

    rings.now = KeyRing([NEW])
    third = await world.refreshes(second.refresh)

    # Who knows the old key cannot work out what comes after this.
    assert third.refresh not in HmacSuccessors(KeyRing([OLD])).of(second.refresh)
    assert (await world.refreshes(third.refresh)).refresh != third.refresh


async def test_what_a_compromised_key_has_given_is_not_repeated_and_the_session_goes_on(
    world: World,
) -> None:
    rings = Rings()
    world.successors = HmacSuccessors(rings)
    await world.registers()
    signed_in = await world.logs_in()
    given = await world.refreshes(signed_in.refresh)

    rings.now = KeyRing([NEW])
    with pytest.raises(RefreshTokenUnknownError):
        await world.refreshes(signed_in.refresh)

    assert (await world.refreshes(given.refresh)).session_id == signed_in.session_id
