"""Legal pages of what a bank may say; a test mentions only what matters."""

from datetime import date

from domain.shared.ids import ExternalId
from domain.shared.money import Money
from domain.shared.observations import (
    AccountKind,
    AccountSeen,
    EntryStatus,
    Observations,
    TransactionSeen,
)

CURRENT = ExternalId("account-1")


def an_account(**facts: object) -> AccountSeen:
    legal: dict[str, object] = {
        "id": CURRENT,
        "name": "Brukskonto",
        "kind": AccountKind.CHECKING,
        "currency": "NOK",
        "number": "NO9386011117947",
    }
    return AccountSeen(**(legal | facts))  # type: ignore[arg-type] # the test says what it changes


def a_transaction(name: str, minor: int = -12990, **facts: object) -> TransactionSeen:
    legal: dict[str, object] = {
        "account": CURRENT,
        "id": ExternalId(name),
        "status": EntryStatus.BOOKED,
        "amount": Money(minor, "NOK"),
        "booked_on": date(2026, 3, 1),
        "text": f"Purchase {name}",
    }
    return TransactionSeen(**(legal | facts))  # type: ignore[arg-type] # the test says what it changes


def a_page(*names: str) -> Observations:
    return Observations(transactions=tuple(a_transaction(name) for name in names))


def pages(count: int) -> list[Observations]:
    """Pages of one purchase each, all different."""
    return [a_page(f"t-{number}") for number in range(1, count + 1)]
