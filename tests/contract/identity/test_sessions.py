"""Where a person is signed in, and signing out there; the same over memory and PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors import (
    AccountNotActiveError,
    RefreshTokenExpiredError,
    SessionEndedError,
    SessionNotFoundError,
)
from domain.identity.person import PersonStatus
from domain.identity.session import Method, Origin
from domain.shared.ids import SessionId
from tests.support.api_keys import Devices, Keys
from tests.support.clock import NOON
from tests.support.identity import World

LAPTOP = Origin("Firefox", "198.51.100.9")


@pytest.fixture
def devices(world: World) -> Devices:
    return Devices(world)


@pytest.fixture
async def phone(world: World) -> SignedIn:
    await world.registers()
    return await world.logs_in()


@pytest.fixture
async def laptop(world: World, phone: SignedIn) -> SignedIn:
    assert phone.at == world.clock.now()
    world.clock.forward(minutes=5)
    return await world.logs_in(origin=LAPTOP)


async def test_a_person_sees_where_they_are_signed_in(
    devices: Devices, phone: SignedIn, laptop: SignedIn
) -> None:
    newest, oldest = await devices.of(phone)

    assert (newest.id, oldest.id) == (laptop.session_id, phone.session_id)
    assert (newest.device, newest.address) == ("Firefox", "198.51.100.9")
    assert (newest.current, oldest.current) == (False, True)
    assert newest.methods == [Method.PASSWORD]
    assert oldest.created_at == oldest.last_used_at == NOON
    assert oldest.expires_at == NOON + timedelta(days=7)


async def test_refreshing_is_the_last_use(world: World, devices: Devices, phone: SignedIn) -> None:
    world.clock.forward(days=2)
    await world.refreshes(phone.refresh)

    seen = (await devices.of(phone))[0]

    assert seen.last_used_at == NOON + timedelta(days=2)
    assert seen.expires_at == NOON + timedelta(days=9)


async def test_a_device_that_is_signed_out_is_refused_at_once(
    world: World, devices: Devices, phone: SignedIn, laptop: SignedIn
) -> None:
    await devices.ends(phone, laptop.session_id)

    with pytest.raises(SessionEndedError):
        await world.asks(laptop)
    with pytest.raises(SessionEndedError):
        await world.refreshes(laptop.refresh)
    assert [one.id for one in await devices.of(phone)] == [phone.session_id]
    await world.asks(phone)


async def test_signing_out_twice_is_signing_out(
    devices: Devices, phone: SignedIn, laptop: SignedIn
) -> None:
    await devices.ends(phone, laptop.session_id)
    await devices.ends(phone, laptop.session_id)


async def test_anothers_session_is_not_there(
    world: World, devices: Devices, phone: SignedIn
) -> None:
    await world.registers("bo@example.no", name="Bo")
    bo = await world.logs_in("bo@example.no")

    for one in (bo.session_id, SessionId(UUID(int=7))):
        with pytest.raises(SessionNotFoundError):
            await devices.ends(phone, one)
    await world.asks(bo)
    assert bo.session_id not in {one.id for one in await devices.of(phone)}


async def test_all_others_end_and_this_one_stays(
    world: World, devices: Devices, phone: SignedIn, laptop: SignedIn
) -> None:
    third = await world.logs_in()

    assert await devices.ends_others(phone) == 2

    await world.asks(phone)
    for gone in (laptop, third):
        with pytest.raises(SessionEndedError):
            await world.asks(gone)
    assert await devices.ends_others(phone) == 0


async def test_this_one_too_when_that_is_asked_for(
    world: World, devices: Devices, phone: SignedIn, laptop: SignedIn
) -> None:
    assert await devices.ends_others(phone, current=True) == 2

    for gone in (phone, laptop):
        with pytest.raises(SessionEndedError):
            await world.asks(gone)


async def test_keys_are_neither_devices_nor_ended_with_them(
    world: World, devices: Devices, phone: SignedIn
) -> None:
    keys = Keys(world)
    key = await keys.makes(phone)

    assert await devices.ends_others(phone) == 0
    with pytest.raises(SessionNotFoundError):
        await devices.ends(phone, key.id)

    await keys.asks(key.key)
    assert [one.id for one in await devices.of(phone)] == [phone.session_id]


async def test_a_session_unused_for_a_week_is_over(world: World, phone: SignedIn) -> None:
    world.clock.forward(days=7)

    with pytest.raises(SessionEndedError):
        await world.refreshes(phone.refresh)


async def test_a_session_in_use_is_over_after_thirty_days(
    world: World, devices: Devices, phone: SignedIn
) -> None:
    used = phone
    for _ in range(5):
        world.clock.forward(days=6)
        if world.clock.now() - NOON < timedelta(days=30):
            used = await world.refreshes(used.refresh)
            assert (await devices.of(used))[0].expires_at <= NOON + timedelta(days=30)

    with pytest.raises((SessionEndedError, RefreshTokenExpiredError)):
        await world.refreshes(used.refresh)


async def becomes(world: World, who: SignedIn, status: PersonStatus) -> None:
    """As if their sessions had been forgotten when that was decided."""
    async with world.begin(who.user_id) as tx:
        person = await tx.people.hold(who.user_id)
        await tx.people.save(replace(person, status=status))
        await tx.commit()


@pytest.mark.parametrize("status", [PersonStatus.BANNED, PersonStatus.LOCKED, PersonStatus.DELETED])
async def test_who_is_not_active_gets_no_token_even_if_a_session_was_forgotten(
    world: World, phone: SignedIn, status: PersonStatus
) -> None:
    once = await world.refreshes(phone.refresh)
    await becomes(world, phone, status)

    for token in (once.refresh, phone.refresh):  # the first use, and the repeat of one
        with pytest.raises(AccountNotActiveError):
            await world.refreshes(token)
