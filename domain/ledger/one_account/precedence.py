"""Whom to believe, field by field, where several feeds tell of one account.

| | first | then | | |
|---|---|---|---|---|
| amount, days | statement | Tink | Plaid | others |
| text, payee, category; the account's name and kind | Tink | Plaid | others | statement |
| the account's bank (Tink may have only its own short name) | Plaid | Tink | others | statement |
| pending: amount, days | whoever was heard last | | | |
| balance | the latest day; on one day the statement, then the latest hour | | | |

Booked outranks pending, whoever says it. An entry is gone when everybody who told of it has taken
it back; feeds that have ended are asked only where no other one told of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.ledger.account import Account, AccountOrigin
from domain.ledger.categories import UNCATEGORISED
from domain.ledger.entry import Edited, Entry, Removed, fitted
from domain.ledger.one_account.told import Teller, TellerKind, Tellers, Told
from domain.shared.observations import EntryStatus

FIGURES: Final = (TellerKind.STATEMENT, TellerKind.TINK, TellerKind.PLAID, TellerKind.OTHER)
WORDS: Final = (TellerKind.TINK, TellerKind.PLAID, TellerKind.OTHER, TellerKind.STATEMENT)

BANK: Final = (TellerKind.PLAID, TellerKind.TINK, TellerKind.OTHER, TellerKind.STATEMENT)


def composed(entry: Entry, tellings: Sequence[Told], tellers: Tellers) -> Entry:
    """The entry as all of its feeds together tell it; what the person said stays.

    Nobody tells of it: it stays as it was.
    """
    if not tellings or entry.removed is Removed.MERGED:
        return entry
    said = _in_order(_heard(tellings), FIGURES, tellers)
    figures = said[0]
    words = _in_order(said, WORDS, tellers)
    text = next((one.text for one in words if one.text is not None), entry.text)
    category = _category(words)
    keeps_category = Edited.CATEGORY in entry.edited or entry.transfer is not None
    known = entry.transfer.beneath if entry.transfer else entry.category
    told = known if category is None else category
    return replace(
        entry,
        status=figures.status,
        amount=figures.amount,
        booked_on=figures.booked_on,
        value_on=next((one.value_on for one in said if one.value_on is not None), None),
        counterparty=next((one.counterparty for one in words if one.counterparty), None),
        text=entry.text if Edited.TEXT in entry.edited else text,
        category=entry.category if keeps_category else told,
        transfer=entry.transfer and replace(entry.transfer, beneath=told),
        split=fitted(entry.split, figures.amount),
        removed=Removed.BY_PERSON
        if entry.removed is Removed.BY_PERSON
        else _removed(tellings, tellers),
    )


def _category(words: Iterable[Told]) -> str | None:
    said = [one.category for one in words if one.category is not None]
    return next((one for one in said if one != UNCATEGORISED), said[0] if said else None)


def _heard(tellings: Sequence[Told]) -> Sequence[Told]:
    """Those who still say so, the booked ones if there are any; else whatever was last said."""
    standing = [one for one in tellings if one.stands] or tellings
    return [one for one in standing if one.status is EntryStatus.BOOKED] or standing


def _removed(tellings: Sequence[Told], tellers: Tellers) -> Removed | None:
    living = [one for one in tellings if not _ended(one, tellers)]
    asked = living or tellings
    if any(one.stands for one in asked):
        return None
    taken_back = any(one.removed is Removed.BY_FEED for one in asked)
    return Removed.BY_FEED if taken_back else Removed.EXPIRED


def _ended(one: Told, tellers: Tellers) -> bool:
    teller = tellers.get(one.feed_id)
    return teller is None or teller.ended


def _in_order(
    tellings: Sequence[Told], order: Sequence[TellerKind], tellers: Tellers
) -> list[Told]:
    def place(one: Told) -> tuple[float, int, str]:
        teller = tellers.get(one.feed_id)
        rank = len(order) if teller is None else order.index(teller.kind)
        fresh = order is FIGURES and one.status is EntryStatus.PENDING
        return (-one.told_at.timestamp() if fresh else 0, rank, str(one.feed_id))

    return sorted(tellings, key=place)


def composed_account(account: Account, tellers: Iterable[Teller]) -> Account:
    """The account as all of its feeds together tell it. Its currency never changes."""
    said = sorted(tellers, key=lambda one: (one.ended, WORDS.index(one.kind), str(one.feed_id)))
    if not said:
        return account
    numbers = [one.number for one in said if one.number]
    of_bank = sorted(said, key=lambda one: (one.ended, BANK.index(one.kind)))
    banks = any(one.kind is not TellerKind.STATEMENT for one in said)
    origin = AccountOrigin.CONNECTION if banks else AccountOrigin.STATEMENT
    told = replace(
        account,
        name=said[0].name,
        kind=said[0].account_kind,
        origin=origin,
        # An IBAN says more than the national number in it.
        number=max(numbers, key=len, default=None),
        institution=next((one.institution for one in of_bank if one.institution), None),
        institution_id=next((one.institution_id for one in of_bank if one.institution_id), None),
        last_four=next((one.last_four for one in said if one.last_four), None),
    )
    vouching = [
        one for one in said if one.anchor and one.anchor.booked.currency == account.currency
    ]
    if not vouching:
        return told
    newest = max(vouching, key=_vouches)
    by = AccountOrigin.CONNECTION
    if newest.kind is TellerKind.STATEMENT:
        by = AccountOrigin.STATEMENT
    return replace(told, anchor=newest.anchor, anchored_by=None if by is origin else by)


def _vouches(one: Teller) -> tuple[object, bool, datetime]:
    if one.anchor is None:
        raise AssertionError("nobody vouches for nothing")
    as_of = one.anchor.as_of
    return as_of.date(), one.kind is TellerKind.STATEMENT, as_of
