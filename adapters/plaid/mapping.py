"""From Plaid's words to observations."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from adapters.outbound.call import GarbledAnswerError
from adapters.plaid import shapes
from adapters.plaid.categories import category_of
from domain.shared.days import wrong_with
from domain.shared.ids import ExternalId
from domain.shared.money import MINOR_DIGITS, MINOR_MAX, Money
from domain.shared.observations import (
    AccountKind,
    AccountSeen,
    BalanceSeen,
    EntryStatus,
    TransactionGone,
    TransactionSeen,
)

_KINDS: Final = {
    "credit": AccountKind.CREDIT_CARD,
    "loan": AccountKind.LOAN,
    "investment": AccountKind.INVESTMENT,
    "brokerage": AccountKind.INVESTMENT,
    "depository": AccountKind.CHECKING,
}
_SAVINGS: Final = frozenset({"savings", "money market", "cd", "hsa"})
_OWED: Final = frozenset({"credit", "loan"})
_LAST_FOUR: Final = re.compile(r"[0-9]{4}")

_FACTORS: Final = {currency: Decimal(10**digits) for currency, digits in MINOR_DIGITS.items()}
_MOST: Final = Decimal(MINOR_MAX)
_NOISE: Final = Decimal("0.000001")


def minor_units(amount: Decimal, currency: str) -> int:
    """The figure in whole minor units, its sign as Plaid gave it.

    Plaid's numbers were doubles once and may carry noise in their last digits
    (12.340000000000002): what lies within a millionth of a minor unit is that noise. Anything
    else that is finer than the currency is refused, never rounded.
    """
    try:
        minor = amount * _FACTORS[currency]
        if -_MOST <= minor <= _MOST:
            whole = int(minor)
            if whole == minor:
                return whole
            near = minor.to_integral_value()
            if abs(near - minor) <= _NOISE:
                return int(near)
            raise GarbledAnswerError("an amount finer than its currency")
    except KeyError:
        raise GarbledAnswerError("an amount in no known currency") from None
    except ArithmeticError as error:
        raise GarbledAnswerError("an amount that is no number") from error
    raise GarbledAnswerError("an amount beyond all measure")


def currency_of(found: shapes.Account) -> str | None:
    """An official currency that we can keep; None for points, coins and what else there is."""
    currency = found.balances.iso_currency_code
    return currency if currency in MINOR_DIGITS else None


def account_seen(
    found: shapes.Account, currency: str, institution: str | None, now: datetime
) -> AccountSeen:
    return AccountSeen(
        id=ExternalId(found.account_id),
        name=found.name or found.official_name or found.account_id,
        kind=_kind(found),
        currency=currency,
        # A mask is the end of a number, not a number.
        number=None,
        last_four=found.mask if found.mask and _LAST_FOUR.fullmatch(found.mask) else None,
        institution=institution,
        balance=_balance(found, currency, now),
    )


def _kind(found: shapes.Account) -> AccountKind:
    if found.type == "depository" and found.subtype in _SAVINGS:
        return AccountKind.SAVINGS
    return _KINDS.get(found.type, AccountKind.OTHER)


def _balance(found: shapes.Account, currency: str, now: datetime) -> BalanceSeen | None:
    balances = found.balances
    if balances.current is None:
        return None
    current = minor_units(balances.current, currency)
    available = balances.available
    return BalanceSeen(
        # On a card or a loan Plaid's plus is debt.
        booked=Money(-current if found.type in _OWED else current, currency),
        # What can still be spent is no debt, on a card either: its sign stays.
        available=None if available is None else Money(minor_units(available, currency), currency),
        as_of=_updated_at(balances, now),
    )


def _updated_at(balances: shapes.Balances, now: datetime) -> datetime:
    """One that lies far ahead would keep every later figure out."""
    at = balances.last_updated_datetime
    if at is None or at.tzinfo is None or wrong_with(at.date(), now.date()):
        return now
    return at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class TransactionReader:
    left_out: Collection[str]
    """Accounts in no official currency: nothing of theirs can be kept."""
    today: date

    def read(self, *found: Iterable[shapes.Transaction]) -> tuple[TransactionSeen, ...]:
        never = self._impossible_days(found)
        return tuple([self._one(t) for t in self._mine(found) if t.date not in never])

    def impossible(self, *found: Iterable[shapes.Transaction]) -> tuple[str, ...]:
        """What was not read of them, for there is no such day; the rest must not go with it."""
        never = self._impossible_days(found)
        mine = self._mine(found) if never else ()
        return tuple(f"impossible_day:{t.transaction_id}" for t in mine if t.date in never)

    def _mine(self, found: Iterable[Iterable[shapes.Transaction]]) -> Iterator[shapes.Transaction]:
        left_out = self.left_out
        return (t for some in found for t in some if t.account_id not in left_out)

    def _impossible_days(self, found: Iterable[Iterable[shapes.Transaction]]) -> set[date]:
        """Asked of each day once: a page has few."""
        days = {t.date for t in self._mine(found)}
        return {day for day in days if wrong_with(day, self.today)}

    @staticmethod
    def _one(t: shapes.Transaction) -> TransactionSeen:
        currency = t.iso_currency_code
        if currency is None:
            raise GarbledAnswerError("a transaction in no official currency")
        counterparty = t.merchant_name
        if not counterparty:
            counterparty = t.counterparties[0].name or None if t.counterparties else None
        known = t.personal_finance_category
        return TransactionSeen(
            ExternalId(t.account_id),
            ExternalId(t.transaction_id),
            EntryStatus.PENDING if t.pending else EntryStatus.BOOKED,
            # Plaid's plus leaves the account; ours comes in.
            Money(-minor_units(t.amount, currency), currency),
            t.date,
            t.original_description or t.name or "",
            None,
            counterparty,
            category_of(known.primary, known.detailed) if known else None,
            ExternalId(t.pending_transaction_id) if t.pending_transaction_id else None,
        )


def gone(found: Iterable[shapes.Removed]) -> tuple[TransactionGone, ...]:
    return tuple(
        TransactionGone(
            ExternalId(one.account_id) if one.account_id else None, ExternalId(one.transaction_id)
        )
        for one in found
    )
