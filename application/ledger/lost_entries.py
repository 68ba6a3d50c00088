"""Entries that were removed, with the names their feed has for them."""

from dataclasses import dataclass

from domain.ledger.entry import Entry
from domain.shared.ids import ExternalId


@dataclass(frozen=True, slots=True)
class LostEntry:
    """One that was removed, with the names that the feed has for it."""

    entry: Entry
    names: frozenset[ExternalId]
    living: frozenset[ExternalId]
    """Those that the feed has not taken back."""
