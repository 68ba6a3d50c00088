"""From Tink's words to observations."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from adapters.outbound.call import GarbledAnswerError
from adapters.tink import shapes
from adapters.tink.access import Access
from adapters.tink.categories import category_of
from domain.shared.days import wrong_with
from domain.shared.ids import ExternalId
from domain.shared.money import MINOR_DIGITS, MINOR_MAX, Money
from domain.shared.observations import (
    AccountKind,
    AccountSeen,
    BalanceSeen,
    EntryStatus,
    TransactionSeen,
)

KINDS: Final = {
    "CHECKING": AccountKind.CHECKING,
    "SAVINGS": AccountKind.SAVINGS,
    "CREDIT_CARD": AccountKind.CREDIT_CARD,
    "LOAN": AccountKind.LOAN,
    "INVESTMENT": AccountKind.INVESTMENT,
}

_SHIFT_MAX: Final = 24
"""No amount needs more zeros; a scale of a billion would need all memory there is."""


def money(amount: shapes.Amount) -> Money:
    """UnscaledValue x 10^-scale, exactly.

    10.50000 is 10.50. Kroner with a real third decimal are refused, page and all: a bank keeps
    its accounts in whole minor units, so such a figure was misread by somebody on the way, and
    to round it would book an amount that nobody paid.
    """
    unscaled, currency = amount.value.unscaled_value, amount.currency_code
    try:
        shift = MINOR_DIGITS[currency] - amount.value.scale
    except KeyError:
        raise GarbledAnswerError("an amount in no known currency") from None
    if shift > 0:
        minor = unscaled * 10 ** min(shift, _SHIFT_MAX)
    elif shift < 0:
        minor, rest = divmod(unscaled, 10 ** min(-shift, _SHIFT_MAX))
        if rest:
            raise GarbledAnswerError("an amount finer than its currency")
    else:
        minor = unscaled
    if not -MINOR_MAX <= minor <= MINOR_MAX:
        raise GarbledAnswerError("an amount beyond all measure")
    return Money(minor, currency)


def currency_of(found: shapes.Account) -> str:
    """The currency that the account is kept in.

    Raises:
        GarbledAnswerError: there is no figure to tell it by, so nothing can be kept of it.
    """
    if found.balances is None or found.balances.booked is None:
        raise GarbledAnswerError("an account without a booked balance")
    return found.balances.booked.amount.currency_code


def account_seen(found: shapes.Account, held: Access, now: datetime) -> AccountSeen:
    return AccountSeen(
        id=ExternalId(found.id),
        name=found.name or found.id,
        kind=KINDS.get(found.type, AccountKind.OTHER),
        currency=currency_of(found),
        number=_number(found.identifiers),
        institution=held.label,
        institution_id=held.institution,
        balance=_balance(found, now),
    )


def _balance(found: shapes.Account, now: datetime) -> BalanceSeen | None:
    balances = found.balances
    if balances is None or balances.booked is None:
        return None
    return BalanceSeen(
        booked=money(balances.booked.amount),
        available=money(balances.available.amount) if balances.available else None,
        as_of=_refreshed_at(found, now),
    )


def _refreshed_at(found: shapes.Account, now: datetime) -> datetime:
    """One that lies far ahead would keep every later figure out."""
    at = _instant(found.dates.last_refreshed if found.dates else None)
    return now if at is None or wrong_with(at.date(), now.date()) else at


def _number(identifiers: shapes.Identifiers | None) -> str | None:
    if identifiers is None:
        return None
    if identifiers.iban:
        if identifiers.iban.iban:
            return "".join(identifiers.iban.iban.split())
        if identifiers.iban.bban:
            return _digits(identifiers.iban.bban)
    if identifiers.financial_institution and identifiers.financial_institution.account_number:
        return _digits(identifiers.financial_institution.account_number)
    return None


def _digits(number: str) -> str | None:
    """A national number as people write it, without its spaces and points."""
    return "".join(c for c in number if c.isascii() and c.isalnum()) or None


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TransactionReader:
    accounts: Collection[str]
    """Whose transactions to take; one Tink user may have linked several banks."""
    today: date
    """Stands in for the date of a pending entry that has none; what lies far after it is none."""

    def read(self, found: Iterable[shapes.Transaction]) -> tuple[TransactionSeen, ...]:
        accounts = self.accounts
        read = [self._one(t) for t in found if t.account_id in accounts]
        return tuple([one for one in read if one is not None])

    def left_out(
        self, found: Sequence[shapes.Transaction], seen: Sequence[TransactionSeen]
    ) -> tuple[str, ...]:
        """What was not read of them, for there is no such day; the rest must not go with it."""
        names = {one.id for one in seen}
        mine = (t for t in found if t.account_id in self.accounts and t.id not in names)
        return tuple(f"impossible_day:{t.id}" for t in mine)

    def _one(self, t: shapes.Transaction) -> TransactionSeen | None:
        """None: none of its days is one that something can be booked on."""
        dates, status = t.dates, t.status
        # UNDEFINED, or a status that is not invented yet: what has a booking date moved the
        # balance, so it belongs into the sums; what has none did not.
        booked = status == "BOOKED" or (
            status != "PENDING" and dates is not None and dates.booked is not None
        )
        booked_on = self._day_of(dates, booked=booked)
        if booked_on is None:
            return None
        value_on = dates.value if dates else None
        if value_on is not None and wrong_with(value_on, self.today):
            value_on = None
        text = counterparty = category = None
        if words := t.descriptions:
            text = words.original or (words.detailed and words.detailed.unstructured)
            text = text or words.display
        if t.merchant_information:
            counterparty = t.merchant_information.merchant_name or None
        if t.categories and (pfm := t.categories.pfm) and pfm.id:
            category = category_of(pfm.id)
        return TransactionSeen(
            ExternalId(t.account_id),
            ExternalId(t.id),
            EntryStatus.BOOKED if booked else EntryStatus.PENDING,
            money(t.amount),
            booked_on,
            text or t.reference or "",
            value_on,
            counterparty,
            category,
        )

    def _day_of(self, dates: shapes.Dates | None, *, booked: bool) -> date | None:
        """The first possible one of those that it names."""
        told = [] if dates is None else [dates.booked, dates.value, dates.transaction]
        days = [day for day in told if day is not None]
        if not days:
            if booked:
                raise GarbledAnswerError("a booked transaction without a date")
            return self.today
        return next((day for day in days if not wrong_with(day, self.today)), None)
