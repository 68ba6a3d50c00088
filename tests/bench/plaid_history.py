"""A bank for benchmarks: Plaid's pages of any number of transactions, served at no cost.

The pages lie in a file, which the operating system keeps in its own memory: they are then no part
of the memory of the process that is measured.
"""

import json
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import httpx
import msgspec
from typing_extensions import override

from adapters.plaid.feed import COUNT

_PAYEES: Final = (
    ("Rema 1000", "FOOD_AND_DRINK", "FOOD_AND_DRINK_GROCERIES", 38_900),
    ("Kiwi", "FOOD_AND_DRINK", "FOOD_AND_DRINK_GROCERIES", 24_500),
    ("Ruter", "TRANSPORTATION", "TRANSPORTATION_PUBLIC_TRANSIT", 4_400),
    ("Circle K", "TRANSPORTATION", "TRANSPORTATION_GAS", 68_000),
    ("Spotify", "ENTERTAINMENT", "ENTERTAINMENT_MUSIC_AND_AUDIO", 12_900),
    ("Telenor", "RENT_AND_UTILITIES", "RENT_AND_UTILITIES_TELEPHONE", 39_900),
    ("Apotek 1", "MEDICAL", "MEDICAL_PHARMACIES_AND_SUPPLEMENTS", 17_900),
    ("Vinmonopolet", "FOOD_AND_DRINK", "FOOD_AND_DRINK_BEER_WINE_AND_LIQUOR", 31_900),
    ("Godt Brød Grünerløkka", "FOOD_AND_DRINK", "FOOD_AND_DRINK_COFFEE", 5_200),
    ("Arbeidsgiver AS", "INCOME", "INCOME_WAGES", -3_850_000),
)
_PIECE: Final = 65_536
_DAYS: Final = 3_650
_NEWEST: Final = date(2026, 3, 1)
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_ACCOUNTS: Final = ("brukskonto", "sparekonto", "kredittkort")


@dataclass(frozen=True, slots=True)
class History:
    """Where each page lies in the file."""

    path: Path
    ends: Sequence[int]


def write_history(path: Path, transactions: int) -> History:
    """The same transactions in every run, newest first as Plaid gives them."""
    chance = random.Random(transactions)  # noqa: S311 - the same history every time
    names = [_name(chance) for _ in _ACCOUNTS]
    told = _transactions(chance, names, transactions)
    ends = []
    pages = -(-transactions // COUNT)
    with path.open("wb") as file:
        for number in range(pages):
            added = list(islice(told, COUNT))
            file.write(_page(names, added, last=number == pages - 1))
            ends.append(file.tell())
    return History(path, ends)


def _page(names: Sequence[str], added: list[dict[str, Any]], *, last: bool) -> bytes:
    """Up to where two answers with the same transactions differ."""
    page = {
        "accounts": [_account(name, kind) for name, kind in zip(names, _ACCOUNTS, strict=True)],
        "added": added,
        "has_more": not last,
        "modified": [],
        "removed": [],
        "transactions_update_status": "HISTORICAL_UPDATE_COMPLETE",
    }
    return json.dumps(page, separators=(",", ":")).encode().removesuffix(b"}")


def _rest(told: int, page: int) -> bytes:
    cursor = f"{told}-{page}"
    return f',"next_cursor":"{cursor}","request_id":"request-{cursor}"}}'.encode()


def _account(name: str, kind: str) -> dict[str, Any]:
    owed = kind == "kredittkort"
    return {
        "account_id": name,
        "balances": {
            "available": 1000.5,
            "current": 1100.1,
            "iso_currency_code": "NOK",
            "limit": None,
            "unofficial_currency_code": None,
        },
        "holder_category": "personal",
        "mask": "1234",
        "name": kind.capitalize(),
        "official_name": None,
        "subtype": "credit card" if owed else "checking",
        "type": "credit" if owed else "depository",
    }


def _transactions(
    chance: random.Random, names: Sequence[str], count: int
) -> Iterator[dict[str, Any]]:
    for nth in range(count):
        payee, primary, detailed, usual = chance.choice(_PAYEES)
        on = _NEWEST - timedelta(days=nth * _DAYS // count)
        minor = int(usual * chance.uniform(0.5, 1.5))
        yield {
            "account_id": chance.choice(names),
            "account_owner": None,
            "amount": minor / 100,
            "authorized_date": str(on),
            "authorized_datetime": None,
            "category": None,
            "category_id": None,
            "check_number": None,
            "counterparties": [
                {
                    "confidence_level": "VERY_HIGH",
                    "entity_id": _name(chance),
                    "logo_url": "https://plaid-merchant-logos.example/logo_1100.png",
                    "name": payee,
                    "phone_number": None,
                    "type": "merchant",
                    "website": "example.no",
                }
            ],
            "date": str(on),
            "datetime": None,
            "iso_currency_code": "NOK",
            "location": dict.fromkeys(
                ("address", "city", "country", "lat", "lon", "postal_code", "region")
            )
            | {"store_number": None},
            "logo_url": "https://plaid-merchant-logos.example/logo_1100.png",
            "merchant_entity_id": _name(chance),
            "merchant_name": payee,
            "name": payee,
            "original_description": f"{payee.upper()} {chance.randrange(9999):04d} {on:%d.%m}",
            "payment_channel": "in store",
            "payment_meta": dict.fromkeys(
                ("by_order_of", "payee", "payer", "payment_method", "payment_processor")
            )
            | dict.fromkeys(("ppd_id", "reason", "reference_number")),
            "pending": False,
            "pending_transaction_id": None,
            "personal_finance_category": {
                "confidence_level": "VERY_HIGH",
                "detailed": detailed,
                "primary": primary,
                "version": "v2",
            },
            "transaction_code": None,
            "transaction_id": _name(chance),
            "transaction_type": "place",
            "unofficial_currency_code": None,
            "website": "example.no",
        }


def _name(chance: random.Random) -> str:
    """As long as Plaid's own."""
    return "".join(chance.choices(_LETTERS, k=37))


class _Told(httpx.AsyncByteStream):
    """A body that arrives in pieces, as from a socket."""

    def __init__(self, body: bytes, rest: bytes) -> None:
        self._body, self._rest = body, rest

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._body), _PIECE):
            yield self._body[start : start + _PIECE]
        yield self._rest


class HistoryTransport(httpx.AsyncBaseTransport):
    """Answers `/transactions/sync` from the file, without a network.

    Asked again from where it ended, it tells the whole history anew, with other cursors and
    request ids, as a provider does.
    """

    def __init__(self, history: History) -> None:
        self._ends = history.ends
        self._file: BinaryIO = history.path.open("rb")

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/item/get":
            return httpx.Response(200, stream=_Told(b'{"item":{"item_id":"item"}}', b""))
        asked = msgspec.json.decode(request.content, type=dict[str, Any]).get("cursor")
        told, page = _place(asked)
        if page == len(self._ends):
            told, page = told + 1, 0
        return httpx.Response(200, stream=_Told(self._read(page), _rest(told, page)))

    def _read(self, page: int) -> bytes:
        start = self._ends[page - 1] if page else 0
        self._file.seek(start)
        return self._file.read(self._ends[page] - start)

    @override
    async def aclose(self) -> None:
        self._file.close()


def _place(cursor: str | None) -> tuple[int, int]:
    """How often the history was told, and the number of the next page."""
    if cursor is None:
        return 0, 0
    told, _, page = cursor.partition("-")
    return int(told), int(page) + 1
