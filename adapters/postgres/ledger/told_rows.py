"""A telling as a row, and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.ledger.entry import Removed
from domain.ledger.one_account.told import Told
from domain.shared.money import Money
from domain.shared.observations import EntryStatus


def all_told(rows: Sequence[Mapping[str, Any]]) -> list[Told]:
    return [told_from_row(row) for row in rows]


def told_from_row(row: Mapping[str, Any]) -> Told:
    return Told(
        entry_id=row["entry_id"],
        account_id=row["account_id"],
        feed_id=row["feed_id"],
        status=EntryStatus(row["status"]),
        amount=Money(row["amount_minor"], row["currency"]),
        booked_on=row["booked_on"],
        value_on=row["value_on"],
        text=row["text"],
        counterparty=row["counterparty"],
        category=row["category"],
        removed=None if row["removed"] is None else Removed(row["removed"]),
        told_at=row["told_at"],
        provisional=row["provisional"],
        was=row["was"],
    )


def told_columns(one: Told) -> tuple[object, ...]:
    return (
        *(one.entry_id, one.account_id, one.feed_id, one.status.value),
        *(one.amount.minor, one.amount.currency, one.booked_on, one.value_on),
        *(one.text, one.counterparty, one.category, one.removed, one.told_at),
        *(one.provisional, one.was),
    )
