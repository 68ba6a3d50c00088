"""Taking settings out of an environment, and remembering everything that is wrong with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeVar

PREFIX = "DALER_"

T = TypeVar("T")


class SettingsError(Exception):
    """What is wrong with the settings: one clear sentence each, all of them at once."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class SettingsSource:
    values: Mapping[str, str]
    known: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def text(self, name: str) -> str | None:
        """The setting's text; one that is empty is one that is not there."""
        self.known.add(name)
        return self.values.get(name, "").strip() or None

    def optional(self, name: str, parse: Callable[[str], T]) -> T | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self.problems.append(f"{name} {error}")
            return None

    def read(self, name: str, parse: Callable[[str], T], default: T) -> T:
        found = self.optional(name, parse)
        return default if found is None else found

    def required(self, name: str, parse: Callable[[str], T], advice: str, stand_in: T) -> T:
        """The stand-in is returned only when a problem was noted, and `finish` will raise."""
        if self.text(name) is None:
            self.problems.append(f"{name} is missing: {advice}")
        return self.read(name, parse, stand_in)

    def refuse(self, problem: str) -> None:
        self.problems.append(problem)

    def finish(self) -> None:
        """Raises SettingsError, also for names that nobody asked for: those are misspelt."""
        unknown = sorted(
            name for name in self.values if name.startswith(PREFIX) and name not in self.known
        )
        found = [*(self._unknown(name) for name in unknown), *self.problems]
        if found:
            raise SettingsError(*found)

    def _unknown(self, name: str) -> str:
        # The prefix, which all have, would make every name look like every other.
        others = [known.removeprefix(PREFIX) for known in sorted(self.known)]
        near = get_close_matches(name.removeprefix(PREFIX), others, n=1, cutoff=0.6)
        hint = (
            f"did you mean {PREFIX}{near[0]}?"
            if near
            else "remove it; .env.example lists all settings"
        )
        return f"{name} is not a setting of daler: {hint}"
