from collections.abc import Mapping
from dataclasses import dataclass

from application.identity.profile.settings_ports import BeginSettingsTx
from application.shared.caller import Caller
from domain.identity.settings import Channel, Choices, Notice


@dataclass(frozen=True, slots=True)
class ViewSettingsQuery:
    caller: Caller


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """Which news a person gets, and by which channel."""

    begin: BeginSettingsTx

    async def __call__(self, query: ViewSettingsQuery) -> Choices:
        async with self.begin(query.caller.user_id) as tx:
            return await tx.notifications.of(query.caller.user_id)


@dataclass(frozen=True, slots=True)
class ChangeSettingsCommand:
    caller: Caller
    notifications: Mapping[tuple[Notice, Channel], bool]
    """What is left out stays."""


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """A person chooses their news.

    Raises:
        InvalidFieldsError: security notices stay on; then nothing was changed.
    """

    begin: BeginSettingsTx

    async def __call__(self, command: ChangeSettingsCommand) -> Choices:
        user_id = command.caller.user_id
        async with self.begin(user_id) as tx:
            # Of two devices that choose at once, the second one builds on the first.
            await tx.people.hold(user_id)
            before = await tx.notifications.of(user_id)
            after = before.changed(command.notifications)
            if after != before:
                await tx.notifications.save(user_id, after)
                chosen = sorted(
                    f"{notice}.{channel}"
                    for (notice, channel), wanted in after.made.items()
                    if before.made.get((notice, channel)) != wanted
                )
                facts = {"notifications": ",".join(chosen)}
                await tx.audit.record(user_id, "identity.settings_changed", facts)
                await tx.commit()
        return after
