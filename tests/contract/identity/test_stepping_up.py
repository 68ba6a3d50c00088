"""Whoever signs in again in a session gets another one, and this one ends; over both stores."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors import SessionEndedError
from domain.identity.factors import two_factors
from domain.identity.session import Ended, Method, Session
from domain.shared.secret import Secret
from tests.contract.identity.test_races import together
from tests.support.api_keys import Devices
from tests.support.clock import NOON
from tests.support.factors import Anna, anna_of
from tests.support.identity import PASSWORD, PHONE, World


@pytest.fixture
async def anna(world: World) -> Anna:
    return await anna_of(world)


async def session_of(world: World, signed_in: SignedIn) -> Session:
    async with world.begin(signed_in.user_id) as tx:
        return await tx.sessions.get(signed_in.session_id)


async def test_another_session_takes_the_place_of_the_one_that_asked(anna: Anna) -> None:
    world, before = anna.world, anna.here

    after = (await anna.steps_up(password=PASSWORD)).signed_in

    assert after.session_id != before.session_id
    assert after.refresh != before.refresh
    with pytest.raises(SessionEndedError):
        await world.asks(before)
    with pytest.raises(SessionEndedError):
        await world.refreshes(before.refresh)
    assert (await session_of(world, before)).ended is Ended.SUPERSEDED
    await world.asks(await world.refreshes(after.refresh))
    assert [one.id for one in await Devices(world).of(after)] == [after.session_id]


async def test_what_was_proved_before_stays_proved(anna: Anna) -> None:
    await anna.sets_up_totp()
    asked = await anna.is_asked()
    both = await anna.shows_recovery_code(asked.challenge, anna.codes[0])
    caller = await anna.fresh(both)

    after = (await anna.steps_up(code=anna.code(), caller=caller)).signed_in

    methods = (await session_of(anna.world, after)).methods
    assert methods == {Method.PASSWORD, Method.RECOVERY_CODE, Method.TOTP}
    assert two_factors(methods)


async def test_the_thirty_days_are_counted_from_the_sign_in(anna: Anna) -> None:
    """Stepping up may be one factor of two, so no session lives longer for it."""
    world = anna.world
    for day in (6, 12, 18, 24):
        world.clock.at = NOON + timedelta(days=day)
        await anna.steps_up(password=PASSWORD)

    after = anna.here
    session = await session_of(world, after)
    assert session.expires_at == NOON + timedelta(days=30)
    assert session.idle_expires_at == session.expires_at
    assert after.refresh_expires_at == session.expires_at


async def test_other_sessions_stay(anna: Anna) -> None:
    other = await anna.world.logs_in()

    await anna.steps_up(password=PASSWORD)

    await anna.world.asks(other)


async def test_the_device_stays_known_and_is_not_remembered_twice(anna: Anna) -> None:
    world, token = anna.world, anna.here.device_token

    after = (await anna.steps_up(password=PASSWORD)).signed_in

    assert after.device_token is None, "it has one"
    async with world.begin(anna.id) as tx:
        assert len(await tx.devices.all()) == 1
    assert (await world.logs_in(origin=PHONE.bringing(token))).device_token == token


async def test_a_browser_that_signs_in_anew_keeps_no_session_of_before(anna: Anna) -> None:
    world, before = anna.world, anna.here

    after = await world.logs_in(origin=replace(PHONE, held=before.refresh))

    with pytest.raises(SessionEndedError):
        await world.asks(before)
    assert (await session_of(world, before)).ended is Ended.SUPERSEDED
    await world.asks(after)


@pytest.mark.parametrize("held", [Secret("n" * 43), Secret(""), Secret("x" * 500), Secret("æ")])
async def test_what_a_browser_holds_of_nobody_ends_nothing(anna: Anna, held: Secret) -> None:
    await anna.world.logs_in(origin=replace(PHONE, held=held))

    await anna.world.asks(anna.here)


async def test_a_browser_that_two_people_share_ends_neithers_session(anna: Anna) -> None:
    world = anna.world
    await world.registers("bo@example.no", name="Bo")

    await world.logs_in("bo@example.no", origin=replace(PHONE, held=anna.here.refresh))

    await world.asks(anna.here)


async def test_of_many_at_once_in_one_session_one_goes_on(anna: Anna) -> None:
    caller = anna.caller
    answers = await together(*(anna.steps_up(password=PASSWORD, caller=caller) for _ in range(4)))

    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert [type(error) for error in refused] == [SessionEndedError] * 3
    [living] = await Devices(anna.world).of(anna.here)
    assert living.id == anna.here.session_id


async def test_who_comes_too_late_keeps_their_recovery_code(anna: Anna) -> None:
    await anna.sets_up_totp()

    caller = anna.caller
    answers = await together(
        *(anna.steps_up(recovery_code=code, caller=caller) for code in anna.codes[:3])
    )

    assert len([one for one in answers if isinstance(one, SessionEndedError)]) == 2
    assert (await anna.sees()).recovery_codes_left == 9
