"""A true history of an account, and what statements and providers say of it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from uuid import UUID

from domain.ledger.proofs.promises import KeptStatement, Reading
from domain.ledger.proofs.verdicts import Evidence
from domain.shared.ids import AccountId, FeedId
from domain.shared.money import Money

ACCOUNT, FEED = AccountId(UUID(int=1)), FeedId(UUID(int=2))
_IDS = count(1)


def jan(day: int) -> date:
    return date(2026, 1, 1) + timedelta(days=day - 1)


def nok(minor: int) -> Money:
    return Money(minor, "NOK")


def a_statement(
    first: date, last: date, opening: int | None, closing: int | None, **facts: object
) -> KeptStatement:
    legal: dict[str, object] = {
        "id": UUID(int=next(_IDS)),
        "account_id": ACCOUNT,
        "feed_id": FEED,
        "import_id": None,
        "reference": None,
        "number": None,
        "first": first,
        "last": last,
        "told": True,
        "opening": None if opening is None else nok(opening),
        "closing": None if closing is None else nok(closing),
        "booked": 0,
        "total": nok(0 if opening is None or closing is None else closing - opening),
        "imported_at": datetime(2026, 3, 1, tzinfo=UTC),
    }
    return KeptStatement(**(legal | facts))  # type: ignore[arg-type] # the test says what it changes


def a_reading(day: date, minor: int) -> Reading:
    as_of = datetime.combine(day + timedelta(days=2), time(6), UTC)
    return Reading(ACCOUNT, FEED, day, nok(minor), as_of)


def balance(nets: Mapping[date, int], day: date, at_first: int = 0) -> int:
    """At the end of that day."""
    return at_first + sum(net for on, net in nets.items() if on <= day)


def true_statement(
    nets: Mapping[date, int], first: date, last: date, **facts: object
) -> KeptStatement:
    """What a bank says whose books are these."""
    opening = balance(nets, first - timedelta(days=1))
    return a_statement(first, last, opening, balance(nets, last), **facts)


def known(nets: Mapping[date, int], *said: KeptStatement | Reading) -> Evidence:
    days = [*nets, *(one.first if isinstance(one, KeptStatement) else one.day for one in said)]
    return Evidence(
        statements=[one for one in said if isinstance(one, KeptStatement)],
        readings=[one for one in said if isinstance(one, Reading)],
        nets=nets,
        began=min(days, default=None),
    )
