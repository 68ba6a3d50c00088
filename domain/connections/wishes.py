"""Why a bank is to be read, and whether somebody is there who wants it read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class SyncReason(StrEnum):
    """In the order in which they matter, where there are several."""

    PERSON = "person"
    """Somebody who is signed in asked for it."""
    LINK = "link"
    RENEWAL = "renewal"
    KEY = "key"
    """A program with an API key asked for it; nobody need be there."""
    WEBHOOK = "webhook"
    """The provider says that it has fetched something new."""
    CONSENT = "consent"
    """The provider says something of the consent, so it is asked how that stands."""
    HISTORY = "history"
    """The provider was still collecting what is older."""
    RHYTHM = "rhythm"
    """It was time."""


PRESENT: Final = timedelta(minutes=15)
"""So long somebody who asked is taken to be there: the provider may need several looks."""

_BY_SOMEBODY: Final = frozenset({SyncReason.PERSON, SyncReason.LINK, SyncReason.RENEWAL})
_FETCHED: Final = frozenset({SyncReason.WEBHOOK, SyncReason.HISTORY})
_ORDER: Final = {reason: place for place, reason in enumerate(SyncReason)}


@dataclass(frozen=True, slots=True)
class Wish:
    """One of a connection's wishes to be read, by its number."""

    reason: SyncReason
    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """What a run is for."""

    reason: SyncReason
    attended: bool
    """Somebody is there who wants it."""
    fetched: bool = False
    """The provider has been at the bank of its own accord, or is there since the person signed
    in: whatever else it is for, there is something to be had that needs no look at the bank."""


def cause_of(wishes: Sequence[Wish], served: int, now: datetime) -> Cause:
    """Why a run that begins now runs, from the latest wish of each reason.

    A wish that cannot be explained counts as the clock's.
    """
    open_ones = [one for one in wishes if one.number > served]
    reason = min((one.reason for one in open_ones), key=_ORDER.__getitem__, default=None)
    if reason is None:
        return Cause(SyncReason.RHYTHM, attended=False)
    # Who has just linked a bank waits for its history, too, though that wish is served.
    asked = wishes if reason is SyncReason.HISTORY else open_ones
    attended = any(one.reason in _BY_SOMEBODY and now - one.at <= PRESENT for one in asked)
    fetched = any(one.reason in _FETCHED for one in open_ones)
    return Cause(reason, attended, fetched)
