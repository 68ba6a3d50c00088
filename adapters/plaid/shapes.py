"""Plaid's own words. Unknown fields are passed over, unknown members of enums are plain text."""

from datetime import date, datetime
from decimal import Decimal

import msgspec


class Category(msgspec.Struct, frozen=True, gc=False):
    primary: str | None = None
    detailed: str | None = None


class Counterparty(msgspec.Struct, frozen=True, gc=False):
    name: str | None = None


class Transaction(msgspec.Struct, frozen=True, gc=False):
    account_id: str
    transaction_id: str
    # A JSON number is read from its text, digit by digit: no float in between.
    amount: Decimal
    date: date
    pending: bool
    iso_currency_code: str | None = None
    name: str | None = None
    merchant_name: str | None = None
    original_description: str | None = None
    pending_transaction_id: str | None = None
    personal_finance_category: Category | None = None
    counterparties: list[Counterparty] | None = None


class Removed(msgspec.Struct, frozen=True, gc=False):
    transaction_id: str
    account_id: str | None = None


class Balances(msgspec.Struct, frozen=True):
    available: Decimal | None = None
    current: Decimal | None = None
    iso_currency_code: str | None = None
    unofficial_currency_code: str | None = None
    last_updated_datetime: datetime | None = None


class Account(msgspec.Struct, frozen=True):
    account_id: str
    balances: Balances
    name: str | None = None
    official_name: str | None = None
    type: str = "other"
    subtype: str | None = None
    mask: str | None = None


class SyncPage(msgspec.Struct, frozen=True):
    accounts: list[Account]
    added: list[Transaction]
    modified: list[Transaction]
    removed: list[Removed]
    next_cursor: str
    has_more: bool
    transactions_update_status: str = "TRANSACTIONS_UPDATE_STATUS_UNKNOWN"


class LinkToken(msgspec.Struct, frozen=True):
    link_token: str
    expiration: datetime


class Exchanged(msgspec.Struct, frozen=True):
    access_token: str
    item_id: str


class Problem(msgspec.Struct, frozen=True):
    """An error object. Its `error_message` is for developers and is not even read."""

    error_type: str | None = None
    error_code: str | None = None
    display_message: str | None = None
    request_id: str | None = None


class Item(msgspec.Struct, frozen=True):
    item_id: str
    institution_id: str | None = None
    institution_name: str | None = None
    consent_expiration_time: datetime | None = None
    error: Problem | None = None


class ItemAnswer(msgspec.Struct, frozen=True):
    item: Item


class Done(msgspec.Struct, frozen=True):
    """All that an answer without contents says: that it is Plaid's."""

    request_id: str
