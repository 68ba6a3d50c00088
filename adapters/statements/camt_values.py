"""Amounts, dates and balances of a CAMT message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from xml.etree.ElementTree import Element

from adapters.statements.camt_xml import Names
from domain.ledger.statement import StatementBalance, refused
from domain.shared.days import wrong_with
from domain.shared.errors import MalformedError
from domain.shared.money import Money

_AMOUNT: Final = re.compile(r"(?=[0-9.])[0-9]{0,18}(?:\.[0-9]{0,12})?\Z", re.ASCII)
_SIGNS: Final = {"CRDT": 1, "DBIT": -1}


def read_money(names: Names, of: Element, path: str) -> Money:
    """`Amt` with its currency, given the sign of `CdtDbtInd` beside it."""
    return signed(read_amount(names.at(of, "Amt"), path), names.text(of, "CdtDbtInd"), path)


def read_amount(amount: Element | None, path: str) -> Money:
    """An `Amt` element; it never carries a sign. Raises StatementRefusedError."""
    where = f"{path}/Amt"
    text = "" if amount is None or amount.text is None else amount.text.strip()
    if amount is None or not _AMOUNT.match(text) or text == ".":
        raise refused(f"{text[:40]!r} is not an amount such as 129.90", element=where)
    try:
        return Money.exactly(Decimal(f"0{text}"), (amount.get("Ccy") or "").strip())
    except MalformedError as error:
        raise refused(str(error), element=where) from None


def signed(amount: Money, indicator: str, path: str) -> Money:
    """The indicator says which way this entry goes, also when it takes another one back.

    A reversed credit is written as a debit with `RvslInd`, says the standard; turning it
    round once more because of `RvslInd` is a well-known mistake.
    """
    sign = _SIGNS.get(indicator)
    if sign is None and amount.minor:
        raise refused(f"{indicator[:20]!r} is neither CRDT nor DBIT", element=f"{path}/CdtDbtInd")
    return Money((sign or 1) * amount.minor, amount.currency)


def read_day(names: Names, of: Element | None, path: str) -> date | None:
    """A day from `Dt` or `DtTm`, as it was where the bank is; None when there is none."""
    text = names.text(of, "Dt") or names.text(of, "DtTm")
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise refused(f"{text[:40]!r} is not a date", element=path) from None


def ensure_possible(day: date | None, today: date | None, path: str) -> None:
    """Raises StatementRefusedError: nothing can be booked on that day."""
    wrong = day and today and wrong_with(day, today)
    if wrong:
        raise refused(f"{day} {wrong}: correct it in the file", element=path)


def read_days(
    names: Names, of: Element | None, today: date | None = None
) -> tuple[date, date] | None:
    """The days of `FrToDt`, both included; None where it says none, or says them backwards.

    Nor are days meant that nothing can be booked on: `9999-12-31` stands for "no end".

    An end at midnight is the beginning of a day that is not meant any more.
    """
    words = [names.text(of, f"{side}DtTm") or names.text(of, f"{side}Dt") for side in ("Fr", "To")]
    if not all(words):
        return None
    try:
        first, last = (date.fromisoformat(text[:10]) for text in words)
    except ValueError:
        return None  # balances and entries have days of their own
    if today and (wrong_with(first, today) or wrong_with(last, today)):
        return None
    if words[1][10:19] == "T00:00:00" and last > first:
        last -= timedelta(days=1)
    return (first, last) if first <= last else None


@dataclass(frozen=True, slots=True)
class Balances:
    """What the `Bal` elements of one statement say, in the account's currency."""

    opening: StatementBalance | None
    closing: StatementBalance | None
    available: Money | None


@dataclass(frozen=True, slots=True)
class _Balance:
    code: str
    money: Money
    on: date | None


def read_balances(
    names: Names, elements: Sequence[Element], currency: str | None, path: str
) -> tuple[str | None, Balances]:
    """The account's currency (the balances', when the account does not say) and its balances.

    A statement of several days may give each day's; then the first opens, the last closes.
    A page of a longer statement opens or closes with an interim balance (`ITBD`).
    """
    found = [
        _Balance(
            names.text(it, "Tp", "CdOrPrtry", "Cd") or names.text(it, "Tp", "CdOrPrtry", "Prtry"),
            read_money(names, it, f"{path}/Bal[{number}]"),
            read_day(names, names.at(it, "Dt"), f"{path}/Bal[{number}]/Dt"),
        )
        for number, it in enumerate(elements, start=1)
    ]
    currency = currency or next((b.money.currency for b in found if b.code == "CLBD"), None)
    currency = currency or next((b.money.currency for b in found), None)
    own = [b for b in found if b.money.currency == currency]
    opening = _pick(own, "OPBD", last=False) or _pick(own, "PRCD", last=False)
    closing = _pick(own, "CLBD", last=True)
    interim = [b for b in own if b.code == "ITBD"]
    if opening is None and interim:
        opening = interim.pop(0)
    if closing is None and interim:
        closing = interim[-1]
    available = _pick(own, "CLAV", last=True)
    return currency, Balances(
        opening=StatementBalance(opening.money, opening.on) if opening else None,
        closing=StatementBalance(closing.money, closing.on) if closing else None,
        available=available.money if available else None,
    )


def _pick(balances: Sequence[_Balance], code: str, *, last: bool) -> _Balance | None:
    """The first or last balance of a kind by date; in the order of the file on one day."""
    of_kind = [b for b in balances if b.code == code]
    if not of_kind:
        return None
    if any(b.on is None for b in of_kind):
        return of_kind[-1 if last else 0]
    days = sorted(of_kind, key=lambda b: b.on or date.min)
    return days[-1 if last else 0]
