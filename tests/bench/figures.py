"""What a benchmark says: figures, each beside what it is measured against."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report."""

    what: str
    ours: str
    beside: str
    """The floor or peer of the same run, and its figure."""
    ratio: str
    aim: str
    met: bool

    @property
    def verdict(self) -> str:
        return "OK" if self.met else "MISSED"


@dataclass(frozen=True, slots=True)
class Report:
    """What one benchmark found."""

    name: str
    about: str
    figures: Sequence[Figure]
    details: Sequence[str] = ()
    """More of what was measured, without an aim of its own."""


def at_least(what: str, ours: str, beside: str, ratio: float, aim: float) -> Figure:
    return Figure(what, ours, beside, f"{ratio:.2f}", f"at least {aim:g}", ratio >= aim)


def at_most(what: str, ours: str, beside: str, ratio: float, aim: float) -> Figure:
    return Figure(what, ours, beside, f"{ratio:.2f}", f"at most {aim:g}", ratio <= aim)


def below(what: str, value: float, unit: str, aim: float, beside: str = "") -> Figure:
    """A figure that has no peer, only a limit."""
    return Figure(what, f"{value:,.3g} {unit}", beside, "", f"at most {aim:g} {unit}", value <= aim)


def middle(values: Sequence[float]) -> float:
    return median(values)


def spread(values: Sequence[float]) -> str:
    """How far the rounds lay apart: `3.1 to 3.4`."""
    return f"{min(values):,.3g} to {max(values):,.3g}"
