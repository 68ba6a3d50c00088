"""What people choose about themselves."""

import asyncio
import json
from dataclasses import replace

import pytest

from adapters.system.zones import IanaTimeZones
from application.identity.profile.change_profile import ChangeProfile, ChangeProfileCommand
from application.identity.profile.settings import (
    ChangeSettings,
    ChangeSettingsCommand,
    ViewSettings,
    ViewSettingsQuery,
)
from application.shared.caller import Caller
from domain.identity.person import Locality
from domain.identity.settings import Channel, Choices, Notice
from domain.shared.errors import InvalidFieldsError
from domain.shared.ids import SessionId
from tests.support.staff import StaffWorld

WEEKLY = (Notice.WEEKLY_SUMMARY, Channel.EMAIL)
NEWS = (Notice.PRODUCT_NEWS, Channel.EMAIL)


@pytest.fixture
async def anna(world: StaffWorld) -> Caller:
    return Caller(await world.person(), SessionId(world.ids.one()))


def change(world: StaffWorld) -> ChangeProfile:
    return ChangeProfile(world.settings, IanaTimeZones())


async def sees(world: StaffWorld, caller: Caller) -> Choices:
    return await ViewSettings(world.settings)(ViewSettingsQuery(caller))


async def chooses(
    world: StaffWorld, caller: Caller, choices: dict[tuple[Notice, Channel], bool]
) -> Choices:
    return await ChangeSettings(world.settings)(ChangeSettingsCommand(caller, choices))


async def test_a_profile_changes_in_the_parts_that_are_named(
    world: StaffWorld, anna: Caller
) -> None:
    before = await world.get(anna.user_id)

    await change(world)(ChangeProfileCommand(anna, name=" Anna  Berg ", time_zone="Asia/Tokyo"))

    after = await world.get(anna.user_id)
    assert after.name.text == "Anna Berg"
    assert after.locality == Locality("nb-NO", "Asia/Tokyo", "NOK")
    assert after == replace(before, name=after.name, locality=after.locality)
    last = (await world.trail(anna.user_id))[-1]
    assert (last.action, json.loads(last.payload)) == (
        "identity.profile_changed",
        {"fields": "name,time_zone"},
    )


async def test_what_is_wrong_changes_nothing_and_is_told_whole(
    world: StaffWorld, anna: Caller
) -> None:
    before = await world.get(anna.user_id)

    with pytest.raises(InvalidFieldsError) as refused:
        await change(world)(
            ChangeProfileCommand(
                anna, name="\x07", locale="xx-XX", time_zone="localtime", currency="NOKK"
            )
        )

    assert [p.field for p in refused.value.problems] == ["name", "locale", "time_zone", "currency"]
    assert await world.get(anna.user_id) == before
    assert await world.actions_in_trail(anna.user_id) == ["identity.registered"]


async def test_choosing_what_is_so_already_leaves_no_trace(world: StaffWorld, anna: Caller) -> None:
    await change(world)(ChangeProfileCommand(anna, currency="NOK"))

    assert await world.actions_in_trail(anna.user_id) == ["identity.registered"]


async def test_choices_are_kept_and_everything_else_follows_the_defaults(
    world: StaffWorld, anna: Caller
) -> None:
    assert await sees(world, anna) == Choices()

    chosen = await chooses(world, anna, {WEEKLY: True})
    again = await chooses(world, anna, {WEEKLY: False, NEWS: True})

    assert chosen == Choices({WEEKLY: True})
    assert await sees(world, anna) == again == Choices({WEEKLY: False, NEWS: True})
    last = (await world.trail(anna.user_id))[-1]
    assert json.loads(last.payload) == {"notifications": "product_news.email,weekly_summary.email"}


async def test_security_notices_cannot_be_turned_off(world: StaffWorld, anna: Caller) -> None:
    with pytest.raises(InvalidFieldsError):
        await chooses(world, anna, {WEEKLY: True, (Notice.SECURITY, Channel.EMAIL): False})

    assert await sees(world, anna) == Choices()


async def test_nobody_sees_anothers_choices(world: StaffWorld, anna: Caller) -> None:
    bo = Caller(await world.person("bo"), SessionId(world.ids.one()))
    await chooses(world, anna, {WEEKLY: True})

    assert await sees(world, bo) == Choices()


async def test_two_devices_that_choose_at_once_both_get_their_way(
    world: StaffWorld, anna: Caller
) -> None:
    await asyncio.gather(
        chooses(world, anna, {WEEKLY: True}),
        chooses(world, anna, {NEWS: True}),
        change(world)(ChangeProfileCommand(anna, currency="EUR")),
        change(world)(ChangeProfileCommand(anna, locale="en-GB")),
    )

    assert await sees(world, anna) == Choices({WEEKLY: True, NEWS: True})
    assert (await world.get(anna.user_id)).locality == Locality("en-GB", "Europe/Oslo", "EUR")
