"""Accounts and transactions in Tink's words.

Pages are put together from text: a page of a hundred costs well under a millisecond.
"""

from collections.abc import Iterable

import msgspec

from entrypoints.sandbox.account_numbers import account_number, iban
from entrypoints.sandbox.life.calendar import instant
from entrypoints.sandbox.life.history import Account
from entrypoints.sandbox.life.people import WHOLE_UNITS, AccountSpec
from entrypoints.sandbox.life.rows import Row, Wording
from entrypoints.sandbox.tokens import Names

WORDINGS_MAX = 20_000
SCALE_MIN = -3


def digits(currency: str) -> int:
    return 0 if currency in WHOLE_UNITS else 2


def value(minor: int, currency: str, quirk: int = 0) -> tuple[str, str]:
    """(unscaledValue, scale), exact, and now and then as oddly put as real banks put it.

    The quirk chooses the oddity: trailing zeros folded into the scale, which may then be
    negative, or zeros added.
    """
    scale = digits(currency)
    oddity = quirk % 8
    if oddity == 0:
        while minor and minor % 10 == 0 and scale > SCALE_MIN:
            minor, scale = minor // 10, scale - 1
    elif oddity == 1 and minor % 10 == 0 and scale:
        minor, scale = minor // 10, scale - 1
    elif oddity == 2:  # noqa: PLR2004 the third of the oddities
        minor, scale = minor * 1000, scale + 3
    return str(minor), str(scale)


def amount(minor: int, currency: str, quirk: int = 0) -> dict[str, object]:
    unscaled, scale = value(minor, currency, quirk)
    return {"currencyCode": currency, "value": {"unscaledValue": unscaled, "scale": scale}}


def account(
    found: Account,
    index: int,
    names: Names,
    *,
    physical: Names,
    institution: str,
    now_ms: int,
) -> dict[str, object]:
    spec = found.spec
    available = found.booked_minor + min(found.pending_minor, 0) + spec.limit_minor
    number = account_number(physical, index)
    return {
        "id": names.hex("account", index),
        "name": spec.name,
        "type": spec.type,
        "financialInstitutionId": institution,
        "customerSegment": "PERSONAL",
        "balances": {
            "booked": {"amount": amount(found.booked_minor, spec.currency, found.booked_minor)},
            "available": {"amount": amount(available, spec.currency, index + 1)},
        },
        "identifiers": _identifiers(spec, number),
        "dates": {"lastRefreshed": instant(now_ms)},
    }


def _identifiers(spec: AccountSpec, number: str) -> dict[str, object]:
    if spec.type == "CREDIT_CARD":
        return {"pan": {"masked": f"**** **** **** {number[-4:]}"}}
    return {
        "iban": {"iban": iban(number), "bban": number},
        "financialInstitution": {"accountNumber": f"{number[:4]} {number[4:6]} {number[6:]}"},
    }


class Rows:
    """Encodes transactions, remembering what is the same in many of them."""

    def __init__(self) -> None:
        self._fragments: dict[Wording, str] = {}

    def page(self, rows: Iterable[tuple[Row, Names, AccountSpec]], next_page_token: str) -> bytes:
        listed = ",".join(self.one(row, names, spec) for row, names, spec in rows)
        return f'{{"transactions":[{listed}],"nextPageToken":"{next_page_token}"}}'.encode()

    def one(self, row: Row, names: Names, spec: AccountSpec) -> str:
        unscaled, scale = value(row.minor, spec.currency, row.key >> 1)
        value_date = "" if row.pending else f',"value":"{row.booked_on}"'
        status = "PENDING" if row.pending else "BOOKED"
        return (
            f'{{"id":"{names.hex("t", row.key)}","accountId":"{names.hex("account", row.account)}",'
            f'"status":"{status}","reference":"",'
            f'"amount":{{"currencyCode":"{spec.currency}","value":'
            f'{{"unscaledValue":"{unscaled}","scale":"{scale}"}}}},'
            f'"dates":{{"booked":"{row.booked_on}"{value_date}}},'
            f'"identifiers":{{"providerTransactionId":"{row.key:x}"}},'
            f"{self._fragment(row.wording)}}}"
        )

    def _fragment(self, wording: Wording) -> str:
        if (known := self._fragments.get(wording)) is not None:
            return known
        words = {
            "descriptions": {
                "original": wording.original,
                "display": wording.display,
                "detailed": {"unstructured": wording.note},
            },
            "categories": {"pfm": {"id": wording.pfm}},
            "types": {"type": "DEFAULT", "financialInstitutionTypeCode": ""},
            "providerMutability": "MUTABILITY_UNDEFINED",
        }
        if wording.merchant:
            words["merchantInformation"] = {
                "merchantCategoryCode": wording.merchant_code,
                "merchantName": wording.merchant,
            }
        if len(self._fragments) >= WORDINGS_MAX:
            self._fragments.clear()
        fragment = msgspec.json.encode(words)[1:-1].decode()
        self._fragments[wording] = fragment
        return fragment
