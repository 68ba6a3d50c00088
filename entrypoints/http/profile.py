"""How a person wants to be called and spoken to."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, get, patch
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType

from application.identity.profile.change_profile import ChangeProfile, ChangeProfileCommand
from application.identity.profile.profile import Profile
from application.identity.profile.settings import (
    ChangeSettings,
    ChangeSettingsCommand,
    ViewSettings,
    ViewSettingsQuery,
)
from application.identity.profile.view_profile import ViewProfile, ViewProfileQuery
from application.shared.caller import Caller
from domain.identity.settings import ALWAYS_ON, Channel, Choices, Notice
from domain.shared.scopes import Scope
from entrypoints.http.envelope import Data

NameIn = Annotated[str, msgspec.Meta(max_length=400, examples=["Anna Berg"])]
LocaleIn = Annotated[
    str, msgspec.Meta(max_length=35, description="A BCP 47 tag.", examples=["nb-NO"])
]
TimeZoneIn = Annotated[
    str, msgspec.Meta(max_length=64, description="An IANA name.", examples=["Europe/Oslo"])
]
HomeCurrencyIn = Annotated[
    str, msgspec.Meta(max_length=3, description="ISO 4217.", examples=["NOK"])
]


class ProfileChanges(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is left out stays."""

    name: NameIn | UnsetType = UNSET
    locale: LocaleIn | UnsetType = UNSET
    time_zone: TimeZoneIn | UnsetType = UNSET
    currency: HomeCurrencyIn | UnsetType = UNSET
    """What new things start with when nobody says otherwise. Nothing that is kept is converted."""

    def command(self, caller: Caller) -> ChangeProfileCommand:
        return ChangeProfileCommand(
            caller,
            name=None if self.name is UNSET else self.name,
            locale=None if self.locale is UNSET else self.locale,
            time_zone=None if self.time_zone is UNSET else self.time_zone,
            currency=None if self.currency is UNSET else self.currency,
        )


class Channels(msgspec.Struct, frozen=True):
    email: bool
    in_app: bool


class Notifications(msgspec.Struct, frozen=True):
    security: Channels
    """Always on."""
    sync_problems: Channels
    consent_expiry: Channels
    weekly_summary: Channels
    product_news: Channels


class Settings(msgspec.Struct, frozen=True):
    notifications: Notifications
    always_on: tuple[Notice, ...]
    """Those that cannot be turned off."""

    @classmethod
    def of(cls, choices: Choices) -> "Settings":
        notices = {
            notice.value: Channels(
                **{channel.value: choices.wants(notice, channel) for channel in Channel}
            )
            for notice in Notice
        }
        return cls(Notifications(**notices), tuple(sorted(ALWAYS_ON)))


class ChannelChanges(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    email: bool | UnsetType = UNSET
    in_app: bool | UnsetType = UNSET


class NotificationChanges(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    security: ChannelChanges | UnsetType = UNSET
    """Cannot be turned off."""
    sync_problems: ChannelChanges | UnsetType = UNSET
    consent_expiry: ChannelChanges | UnsetType = UNSET
    weekly_summary: ChannelChanges | UnsetType = UNSET
    product_news: ChannelChanges | UnsetType = UNSET


class SettingsChanges(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is left out stays."""

    notifications: NotificationChanges | UnsetType = UNSET

    def command(self, caller: Caller) -> ChangeSettingsCommand:
        # As plain values, with what was left out gone.
        told: Mapping[str, Mapping[str, bool]] = msgspec.to_builtins(self).get("notifications", {})
        chosen = {
            (Notice(notice), Channel(channel)): wanted
            for notice, channels in told.items()
            for channel, wanted in channels.items()
        }
        return ChangeSettingsCommand(caller, chosen)


@patch("/me", scope=Scope.PROFILE_WRITE, name="me.change")
async def change_profile(
    data: JSONBody[ProfileChanges],
    caller: FromDishka[Caller],
    change: FromDishka[ChangeProfile],
    view: FromDishka[ViewProfile],
) -> Data[Profile]:
    """Change how you are called, and how figures, days and words are shown.

    Another currency rewrites nothing: every amount stays in the currency it has.
    """
    await change(data.command(caller))
    return Data(await view(ViewProfileQuery(caller)))


@get("/me/settings", scope=Scope.PROFILE_READ, name="me.settings")
async def view_settings(
    caller: FromDishka[Caller], view: FromDishka[ViewSettings]
) -> Data[Settings]:
    """Which news you get, and by which channel."""
    return Data(Settings.of(await view(ViewSettingsQuery(caller))))


@patch("/me/settings", scope=Scope.PROFILE_WRITE, name="me.settings.change")
async def change_settings(
    data: JSONBody[SettingsChanges], caller: FromDishka[Caller], change: FromDishka[ChangeSettings]
) -> Data[Settings]:
    """Choose your news. What concerns the security of your account always comes."""
    return Data(Settings.of(await change(data.command(caller))))


def profile_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[change_profile, view_settings, change_settings],
        tags=["profile"],
    )
