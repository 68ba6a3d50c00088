"""Words in columns that say which way money went, and whether it has been booked."""

from typing import Final

from domain.shared.observations import EntryStatus

_OUT: Final = frozenset(
    (
        "d", "dr", "dt", "db", "dbit", "debit", "debet", "debiet", "af", "s", "soll", "ut", "out",
        "outflow", "expense", "withdrawal", "-",
    )
)  # fmt: skip
_IN: Final = frozenset(
    (
        "c", "cr", "ct", "k", "crdt", "credit", "kredit", "kreditt", "bij", "h", "haben", "in",
        "inn", "inflow", "income", "deposit", "+",
    )
)  # fmt: skip
_BOOKED: Final = frozenset(
    (
        "booked", "posted", "completed", "complete", "settled", "cleared", "bokført",
        "bokförd", "bogført", "gebucht", "done", "executed", "utført", "udført",
        "verbucht", "betalt",
    )
)  # fmt: skip
_PENDING: Final = frozenset(
    (
        "pending", "reserved", "reservert", "reserverad", "reserveret",
        "vorgemerkt", "authorised", "authorized", "uncleared", "venter",
        "processing",
    )
)  # fmt: skip
_NEVER: Final = frozenset(
    (
        "reverted", "declined", "failed", "cancelled", "canceled", "rejected",
        "avvist", "slettet", "storniert", "voided",
    )
)  # fmt: skip


def direction_of(word: str) -> int:
    """-1 for money out, 1 for money in, 0 when the word is not known."""
    plain = word.strip().casefold().rstrip(".")
    return 1 if plain in _IN else -1 if plain in _OUT else 0


def status_of(word: str) -> tuple[bool, EntryStatus | None]:
    """Whether the word is known, and what it says; None: this never became a booking."""
    plain = word.strip().casefold()
    if plain in _NEVER:
        return True, None
    if plain in _PENDING:
        return True, EntryStatus.PENDING
    return plain in _BOOKED, EntryStatus.BOOKED
