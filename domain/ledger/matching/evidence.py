"""Why an entry and a name of a feed belong together: kept with the link, and shown."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

MATCHER: Final = 2
"""Counts up when the same words would be understood otherwise. 1: before links had evidence."""
CERTAIN: Final = 100
"""Per cent."""


class Method(StrEnum):
    NAMED = "named"
    """The feed said so: its own name for the entry, or the pending name that it books."""
    EXACT = "exact"
    """Same amount and words within days, and just as many on both sides."""
    ASSIGNED = "assigned"
    """The best assignment within its group."""
    AGAIN = "again"
    """An entry that was there before its account, or the entry itself, got another name."""
    PERSON = "person"
    TWIN = "twin"
    """Another feed of the same account told of it first."""


class AmountFit(StrEnum):
    SAME = "same"
    MORE = "more"
    LESS = "less"
    OPPOSITE = "opposite"
    """The same figure with the other sign."""
    OTHER_CURRENCY = "other_currency"


class PayeeFit(StrEnum):
    SAME = "same"
    COMMON = "common"
    """A word of the payee in common."""
    UNKNOWN = "unknown"
    """One side names nobody: only words that any purchase carries."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Evidence:
    amount: AmountFit
    payee: PayeeFit
    days: int
    """From what was known to what was told; negative: the day moved back."""
    percent: int = 0
    """By how much the amount grew (or shrank) from what was held."""
    rivals: int = 0
    """Others that could nearly as well have been it."""
    between_files: bool = False
    """Two files of the account tell of the day, and each of only one of the two. Both are booked,
    and count until the person says that they are one."""


@dataclass(frozen=True, slots=True)
class Link:
    """Why a source's name belongs to its entry."""

    method: Method
    confidence: int = CERTAIN
    """Per cent."""
    evidence: Evidence | None = None
    """None: there is nothing to weigh."""
    matcher: int = MATCHER
    founding: bool = False
    """The entry came into being with this name; such a link cannot be undone."""

    def with_rivals(self, rivals: int, doubt: int) -> Self:
        """Less sure by `doubt`, because others could be it as well."""
        if not rivals or self.evidence is None:
            return self
        return replace(
            self,
            confidence=self.confidence - doubt,
            evidence=replace(self.evidence, rivals=rivals),
        )


FOUNDING: Final = Link(Method.NAMED, founding=True)
"""Of the name that an entry was first told under."""
PERSONS: Final = Link(Method.PERSON)
