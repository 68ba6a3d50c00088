from dataclasses import dataclass, field

from application.identity.profile.settings_ports import BeginSettingsTx, TimeZones
from application.shared.caller import Caller
from domain.identity.person import Person, PersonName
from domain.identity.settings import choose_locality
from domain.shared.errors import FieldProblem, InvalidFieldsError


@dataclass(frozen=True, slots=True)
class ChangeProfileCommand:
    """None leaves a part as it is."""

    caller: Caller
    name: str | None = field(default=None, repr=False)
    locale: str | None = None
    time_zone: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeProfile:
    """A person says how they want to be called, and how figures, days and words are shown.

    Another currency rewrites nothing: every amount stays in the currency it has. From then on it
    is what new things start with when nobody says otherwise, such as a statement without one.

    Raises:
        InvalidFieldsError: with everything that is wrong; then nothing was changed.
    """

    begin: BeginSettingsTx
    zones: TimeZones

    async def __call__(self, command: ChangeProfileCommand) -> None:
        user_id = command.caller.user_id
        async with self.begin(user_id) as tx:
            person = await tx.people.hold(user_id)
            changed = self._changed(person, command)
            if changed == person:
                return
            await tx.people.save(changed)
            fields = ",".join(_differences(person, changed))
            await tx.audit.record(user_id, "identity.profile_changed", {"fields": fields})
            await tx.commit()

    def _changed(self, person: Person, command: ChangeProfileCommand) -> Person:
        problems: list[FieldProblem] = []
        name, locality = person.name, person.locality
        try:
            name = name if command.name is None else PersonName.parse(command.name)
        except InvalidFieldsError as error:
            problems += error.problems
        try:
            locality = choose_locality(
                locality,
                self.zones.names(),
                locale=command.locale,
                time_zone=command.time_zone,
                currency=command.currency,
            )
        except InvalidFieldsError as error:
            problems += error.problems
        if problems:
            raise InvalidFieldsError(*problems)
        return person.called(name).settled(locality)


def _differences(before: Person, after: Person) -> list[str]:
    then, now = before.locality, after.locality
    changed = {
        "name": before.name != after.name,
        "locale": then.locale != now.locale,
        "time_zone": then.time_zone != now.time_zone,
        "currency": then.currency != now.currency,
    }
    return [part for part, differs in changed.items() if differs]
