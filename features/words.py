"""The tables of scenarios, as the program says them."""

from collections.abc import Sequence
from datetime import date

from domain.shared.ids import ExternalId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus, TransactionSeen
from tests.support.observations import CURRENT, a_transaction

Datatable = list[list[str]]


def rows(datatable: Datatable) -> list[dict[str, str]]:
    header, *lines = datatable
    return [dict(zip(header, line, strict=True)) for line in lines]


def day(text: str) -> date:
    return date.fromisoformat(text)


def amounts(*money: Money) -> Sequence[str]:
    return [one.amount for one in money]


def payments(datatable: Datatable, booked_from: str | None = None) -> tuple[TransactionSeen, ...]:
    """What a bank says; the column `account` may be left out."""
    return tuple(
        a_transaction(
            row["payment"],
            account=ExternalId(row["account"]) if "account" in row else CURRENT,
            amount=Money.parse(row["amount"], "NOK"),
            booked_on=day(row["on"]),
            status=EntryStatus(row["status"]),
            category=row["category"],
            text=row["payment"],
            pending_id=ExternalId(booked_from) if booked_from else None,
        )
        for row in rows(datatable)
    )
