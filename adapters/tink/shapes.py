"""Tink's own words. Unknown fields are passed over, unknown members of enums are plain text.

Decoded with `strict=False`: money's two parts come as strings in one place and as integers in
another, and msgspec then reads both, exactly, without a float in between.
"""

from datetime import date

import msgspec


class Value(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    unscaled_value: int
    scale: int


class Amount(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    currency_code: str
    value: Value


class Dates(msgspec.Struct, frozen=True, gc=False):
    booked: date | None = None
    value: date | None = None
    transaction: date | None = None


class Detailed(msgspec.Struct, frozen=True, gc=False):
    unstructured: str | None = None


class Descriptions(msgspec.Struct, frozen=True, gc=False):
    original: str | None = None
    display: str | None = None
    detailed: Detailed | None = None


class Merchant(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    merchant_name: str | None = None


class Pfm(msgspec.Struct, frozen=True, gc=False):
    id: str | None = None


class Categories(msgspec.Struct, frozen=True, gc=False):
    pfm: Pfm | None = None


class Transaction(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    id: str
    account_id: str
    amount: Amount
    status: str = "UNDEFINED"
    reference: str | None = None
    dates: Dates | None = None
    descriptions: Descriptions | None = None
    merchant_information: Merchant | None = None
    categories: Categories | None = None


class TransactionsPage(msgspec.Struct, frozen=True, rename="camel"):
    transactions: list[Transaction]
    next_page_token: str | None = None


class Balance(msgspec.Struct, frozen=True):
    amount: Amount


class Balances(msgspec.Struct, frozen=True):
    booked: Balance | None = None
    available: Balance | None = None


class Iban(msgspec.Struct, frozen=True):
    iban: str | None = None
    bban: str | None = None


class Institution(msgspec.Struct, frozen=True, rename="camel"):
    account_number: str | None = None


class Identifiers(msgspec.Struct, frozen=True, rename="camel"):
    iban: Iban | None = None
    financial_institution: Institution | None = None


class AccountDates(msgspec.Struct, frozen=True, rename="camel"):
    last_refreshed: str | None = None


class Account(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    name: str | None = None
    type: str = "UNDEFINED"
    balances: Balances | None = None
    identifiers: Identifiers | None = None
    dates: AccountDates | None = None


class AccountsPage(msgspec.Struct, frozen=True, rename="camel"):
    accounts: list[Account]
    next_page_token: str | None = None


class ErrorDetails(msgspec.Struct, frozen=True):
    reason: str | None = None
    retryable: bool = False


class DetailedError(msgspec.Struct, frozen=True, rename="camel"):
    type: str | None = None
    details: ErrorDetails | None = None


class Consent(msgspec.Struct, frozen=True, rename="camel"):
    credentials_id: str
    status: str
    provider_name: str | None = None
    session_expiry_date: int | None = None
    account_ids: list[str] | None = None
    detailed_error: DetailedError | None = None


class Consents(msgspec.Struct, frozen=True, rename="camel"):
    provider_consents: list[Consent]


class Code(msgspec.Struct, frozen=True):
    code: str


class Refusal(msgspec.Struct, frozen=True, rename="camel"):
    """Both shapes of error body at once: Tink's own, and OAuth's from the token endpoint."""

    error_code: str | None = None
    error: str | None = None


class ListedProvider(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    display_name: str | None = None


class Providers(msgspec.Struct, frozen=True):
    providers: list[ListedProvider] = []
