"""Accounts and transactions in Plaid's words: outflow is positive, and so is debt on a card.

Pages are put together from text: five hundred rows cost about two milliseconds.
"""

import msgspec

from entrypoints.sandbox.account_numbers import account_number
from entrypoints.sandbox.life.calendar import instant
from entrypoints.sandbox.life.history import Account
from entrypoints.sandbox.life.people import WHOLE_UNITS, AccountSpec
from entrypoints.sandbox.life.rows import Row, Wording
from entrypoints.sandbox.tokens import Names

WORDINGS_MAX = 20_000
KINDS = {
    "CHECKING": ("depository", "checking"),
    "SAVINGS": ("depository", "savings"),
    "CREDIT_CARD": ("credit", "credit card"),
}


def number(minor: int, currency: str) -> str:
    """A JSON number, exact and without trailing zeros, as a double prints."""
    if currency in WHOLE_UNITS:
        return str(minor)
    sign = "-" if minor < 0 else ""
    units, cents = divmod(abs(minor), 100)
    if cents % 10:
        return f"{sign}{units}.{cents:02}"
    return f"{sign}{units}.{cents // 10}" if cents else f"{sign}{units}"


def account(
    found: Account, index: int, names: Names, *, physical: Names, now_ms: int
) -> dict[str, object]:
    spec = found.spec
    kind, subtype = KINDS[spec.type]
    sign = -1 if kind == "credit" else 1
    available = found.booked_minor + min(found.pending_minor, 0) + spec.limit_minor
    limit = number(spec.limit_minor, spec.currency) if spec.limit_minor else "null"
    return {
        "account_id": names.mixed_case("account", index),
        "balances": {
            "available": _raw(number(available, spec.currency)),
            "current": _raw(number(sign * found.booked_minor, spec.currency)),
            "limit": _raw(limit),
            "iso_currency_code": spec.currency,
            "unofficial_currency_code": None,
            "last_updated_datetime": instant(now_ms),
        },
        "mask": account_number(physical, index)[-4:],
        "name": spec.name,
        "official_name": None,
        "type": kind,
        "subtype": subtype,
        "holder_category": "personal",
    }


def _raw(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


class Rows:
    """Encodes transactions, remembering what is the same in many of them."""

    def __init__(self) -> None:
        self._fragments: dict[Wording, tuple[str, str]] = {}

    def one(self, row: Row, names: Names, spec: AccountSpec, account_id: str, original: str) -> str:
        """One transaction; `original` is what stands for an original_description not asked for."""
        words, description = self._fragment(row.wording)
        settles = "null"
        if row.settles is not None:
            settles = f'"{names.mixed_case("t", row.settles)}"'
        moment = instant(row.at_ms)
        return (
            f'{{"account_id":"{account_id}","transaction_id":"{names.mixed_case("t", row.key)}",'
            f'"amount":{number(-row.minor, spec.currency)},'
            f'"iso_currency_code":"{spec.currency}","unofficial_currency_code":null,'
            f'"date":"{row.booked_on}","authorized_date":"{row.happened_on}",'
            f'"datetime":null,"authorized_datetime":"{moment}",'
            f'"pending":{"true" if row.pending else "false"},'
            f'"pending_transaction_id":{settles},'
            f'"original_description":{original or description},{words}}}'
        )

    def _fragment(self, wording: Wording) -> tuple[str, str]:
        if (known := self._fragments.get(wording)) is not None:
            return known
        merchant = wording.merchant or None
        words = {
            "name": wording.display,
            "merchant_name": merchant,
            "merchant_entity_id": None,
            "logo_url": None,
            "website": None,
            "payment_channel": wording.channel,
            "account_owner": None,
            "check_number": None,
            "counterparties": [{"name": merchant, "type": "merchant", "confidence_level": "HIGH"}]
            if merchant
            else [],
            "personal_finance_category": {
                "primary": wording.primary,
                "detailed": wording.detailed,
                "confidence_level": "VERY_HIGH" if merchant else "MEDIUM",
                "version": "v2",
            },
            "location": dict.fromkeys(LOCATION),
            "payment_meta": dict.fromkeys(PAYMENT_META),
            "transaction_code": None,
            "category": None,
            "category_id": None,
        }
        if len(self._fragments) >= WORDINGS_MAX:
            self._fragments.clear()
        fragment = msgspec.json.encode(words)[1:-1].decode()
        found = (fragment, msgspec.json.encode(wording.original).decode())
        self._fragments[wording] = found
        return found


LOCATION = ("address", "city", "region", "postal_code", "country", "lat", "lon", "store_number")
PAYMENT_META = (
    "reference_number",
    "ppd_id",
    "payee",
    "by_order_of",
    "payer",
    "payment_method",
    "payment_processor",
    "reason",
)
