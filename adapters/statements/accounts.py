"""An account as a statement file shows it."""

import re
from datetime import UTC, date, datetime, time
from typing import Final

from domain.ledger.statement import StatementBalance
from domain.shared.ids import ExternalId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, AccountSeen, BalanceSeen

PART_ROWS_MAX: Final = 1_000
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\Z")


def account_seen(
    number: str,
    currency: str,
    *,
    name: str | None = None,
    institution: str | None = None,
    known: bool = True,
) -> AccountSeen:
    """One account per number and currency: an IBAN may hold several currencies.

    `known` is false when the number is only what we call the account ourselves.
    """
    return AccountSeen(
        id=ExternalId(f"{number}/{currency}"),
        name=name or number,
        kind=AccountKind.CHECKING,
        currency=currency,
        number=number if known else None,
        institution=institution,
    )


def compact_number(text: str) -> str:
    """An IBAN without spaces and in capitals; a national number as it is, less its spaces."""
    compact = "".join(text.split()).lstrip("/")
    return compact.upper() if _IBAN.match(compact.upper()) else compact


def balance_seen(closing: StatementBalance, available: Money | None = None) -> BalanceSeen | None:
    """The closing balance, at the end of its day; None when the file names no day."""
    if closing.on is None:
        return None
    return BalanceSeen(closing.amount, available, end_of(closing.on))


def end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), UTC)
